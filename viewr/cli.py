"""The commands of the program; each imports what it needs when it is called, so that all start quickly.

Exit status: 0 good, 1 the thing asked for failed, 2 wrong usage. Messages go to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from viewr import __version__
from viewr.model.errors import ViewrError
from viewr.settings import RendererChoice

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    arguments = build_parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except ViewrError as exc:
        print(f"viewr: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="viewr", description="Annotate and judge medical images, task by task.")
    parser.add_argument("--version", action="version", version=f"ViewR {__version__}")
    _add_program_options(parser)
    parser.set_defaults(command=_program)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_add_demo, _add_serve, _add_open, _add_template, _add_snapshot, _add_info, _add_outbox, _add_self_test,
                _add_fetch_worker, _add_volume_worker):  # fmt: skip
        add(commands)
    return parser


def _add_program_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", metavar="NAME", help="server profile to sign in to")
    _add_renderer(parser)


def _add_renderer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--renderer", choices=get_args(RendererChoice), help="how pictures are made (default: auto)")


Commands = argparse._SubParsersAction


def _add_demo(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("demo", help="the program on demo patients, with its own servers")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the servers keep their state")
    parser.add_argument("--tour", type=Path, metavar="DIR", help="work through the tasks alone, save screenshots here")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port of the supervisor (default: a free one)")
    _add_renderer(parser)
    parser.set_defaults(command=_demo)


def _add_serve(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", help="the embedded supervisor and archive alone, until interrupted")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port of the supervisor (0: free ports)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="state; default a folder deleted at the end")
    parser.add_argument("--import", type=Path, metavar="DIR", dest="imports", action="append", default=[],
                        help="a folder of DICOM to take in as patients; may be repeated")  # fmt: skip
    parser.add_argument("--empty", action="store_true", help="no demo patients and tasks")
    # For a parent process that must not leave servers behind, however it ends.
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(command=_serve)


def _add_open(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("open", help="local images, without servers")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a DICOM folder or NIfTI files")
    parser.add_argument("--template", type=Path, metavar="FILE", help="what to ask and to draw")
    parser.add_argument("--results", type=Path, metavar="DIR", help="where results go (default: viewr-results)")
    _add_renderer(parser)
    parser.set_defaults(command=_open)


def _add_template(commands: Commands[argparse.ArgumentParser]) -> None:
    template = commands.add_parser("template", help="for authors of templates")
    actions = template.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="tell what is wrong with templates")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--preview", type=Path, metavar="OUT.png", help="picture of what the reader would see")
    check.set_defaults(command=_template_check)
    workbench = actions.add_parser("workbench", help="write a template and try it, side by side")
    workbench.add_argument("file", nargs="?", type=Path, metavar="FILE")
    workbench.set_defaults(command=_workbench)


def _add_snapshot(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("snapshot", help="render a slice without a screen")
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    parser.add_argument("--orientation", default="", help="axial, coronal or sagittal (default: as acquired)")
    parser.add_argument("--position", type=float, metavar="MM", help="along the patient's axis (default: the middle)")
    parser.add_argument("--window", default="", metavar="W/L", help="window width and level (default: the scan's own)")
    parser.add_argument("--overlay", type=Path, metavar="FILE", help="label map (NIfTI) of the same scan")
    parser.set_defaults(command=_snapshot)


def _add_info(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("info", help="what lies in a folder of images, as JSON")
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--phi", action="store_true", help="list tags that may identify the patient")
    parser.set_defaults(command=_info)


def _add_outbox(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("outbox", help="what is waiting to be uploaded")
    parser.add_argument("action", nargs="?", choices=("list", "retry", "export"), default="list")
    parser.add_argument("--out", type=Path, metavar="DIR", help="export: where the results are copied to")
    parser.add_argument("--profile", metavar="NAME", help="retry: server profile to sign in to")
    parser.set_defaults(command=_outbox)


def _add_self_test(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("self-test", help="check screen, graphics, codecs, disk and servers")
    parser.set_defaults(command=_self_test)


def _add_fetch_worker(commands: Commands[argparse.ArgumentParser]) -> None:
    # Not for people: the program starts it, and talks to it by its standard input and output.
    commands.add_parser("fetch-worker").set_defaults(command=_fetch_worker)


def _add_volume_worker(commands: Commands[argparse.ArgumentParser]) -> None:
    # Not for people either: the volume view starts it.
    parser = commands.add_parser("volume-worker")
    parser.add_argument("--own-window", action="store_true")
    parser.add_argument("--rays", choices=("auto", "cpu", "gl"), default="auto")
    parser.set_defaults(command=_volume_worker)


def _program(arguments: argparse.Namespace) -> int:
    from viewr import app

    return app.run(profile=arguments.profile, renderer=arguments.renderer)


def _demo(arguments: argparse.Namespace) -> int:
    from viewr import app

    return app.run_demo(arguments.data, arguments.tour, arguments.port, renderer=arguments.renderer)


def _serve(arguments: argparse.Namespace) -> int:
    from viewr.demo.serve_command import serve

    return serve(arguments)


def _open(arguments: argparse.Namespace) -> int:
    from viewr import app

    return app.run_open(arguments.paths, arguments.template, arguments.results, renderer=arguments.renderer)


def _template_check(arguments: argparse.Namespace) -> int:
    from viewr.templates.check import check_file

    errors = 0
    for path in arguments.files:
        for problem in check_file(path):
            errors += problem.severity == "error"
            line = f":{problem.line}" if problem.line else ""
            print(f"{path}{line}: {problem.severity}: {problem.path}: {problem.message}")
    if arguments.preview:
        from viewr import app

        app.preview_template(arguments.files[0], arguments.preview)
    return 1 if errors else 0


def _workbench(arguments: argparse.Namespace) -> int:
    from viewr import app

    return app.run_workbench(arguments.file)


def _snapshot(arguments: argparse.Namespace) -> int:
    from viewr.render.snapshot import snapshot

    snapshot(arguments.path, arguments.out, orientation=arguments.orientation, position_mm=arguments.position,
             window=arguments.window, overlay=arguments.overlay)  # fmt: skip
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from viewr.imaging.info import describe

    answer = describe([arguments.path], phi=arguments.phi)
    json.dump(answer, sys.stdout, indent=2)
    print()
    return 0 if answer["volumes"] else 1


def _outbox(arguments: argparse.Namespace) -> int:
    from viewr import app

    return app.outbox_command(arguments.action, arguments.out, arguments.profile)


def _self_test(_arguments: argparse.Namespace) -> int:
    from viewr.self_test import run_checks

    return run_checks()


def _fetch_worker(_arguments: argparse.Namespace) -> int:
    from viewr.workspace.fetch_worker import run

    return run()


def _volume_worker(arguments: argparse.Namespace) -> int:
    from viewr.render.volume_worker import run

    return run(arguments.own_window, arguments.rays)
