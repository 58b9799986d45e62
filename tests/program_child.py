"""The whole program in a process of its own, worked by a script on standard input; to be killed by a test.

Each line of standard input is one thing to do, each answered by a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.program import Program, hurry, turn
from tests.workspace.lab import Lab
from viewr.model.volume import Window
from viewr.workspace.layouts import set_layout
from viewr.workspace.localizer import move_to


def do(program: Program, words: list[str]) -> Any:
    """Do what a line says; gives what the test wants to know."""
    match words:
        case ["open", task_id]:
            program.sign_in()
            program.open(task_id)
        case ["work", text]:
            program.stroke()
            program.say(text)
            program.reader.choose("grade", 1)
        case ["arrange"]:
            document = program.view.session.document
            left = ("default", "left")
            document.look_viewport(left, window=Window(350.0, 40.0), orientation="Sagittal", slab_slices=4)
            set_layout(document, "default", "2x2")
            move_to(document, left, (1.5, 2.25, -30.0))
            return left_look(program)
        case ["wait", milliseconds]:
            turn(int(milliseconds))
        case ["submit"]:
            program.submit()
        case _:
            raise ValueError(words)
    view = program.window.task_view
    return {"voxels": program.voxels, "undo": view.session.document.stack.count()} if view is not None else {}


def left_look(program: Program) -> list[str]:
    """How the left viewport and the layout look."""
    look = program.view.session.document.state.look
    return [repr(look.viewports["default", "left"]), repr(look.layouts), repr(look.cursors)]


def main() -> None:
    supervisor, archive, folder = sys.argv[1:]
    application = QApplication([])
    patch = pytest.MonkeyPatch()
    hurry(patch)
    servers = SimpleNamespace(supervisor_url=supervisor, archive_url=archive)
    program = Program(Lab(servers, Path(folder), "", ""))  # type: ignore[arg-type]
    for line in sys.stdin:
        print(json.dumps(do(program, json.loads(line))), flush=True)
    del application


if __name__ == "__main__":
    main()
