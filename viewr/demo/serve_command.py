"""`viewr serve`: the embedded servers in the foreground until interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from types import FrameType

from viewr.model.errors import ViewrError


def serve(args: argparse.Namespace) -> int:
    """Run the servers until SIGINT or SIGTERM; returns the exit status.

    Parameters
    ----------
    args : argparse.Namespace
        host, port, data (folder or None), imports (list of folders), empty; `until_stdin_closes` also ends them when
        the program at the other end of standard input goes.
    """
    from viewr.demo.serve import start_servers

    interrupted = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        interrupted.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        servers = start_servers(args.host, args.port, args.data, args.imports, args.empty)
    except ViewrError as exc:
        print(exc, file=sys.stderr)
        return 1
    try:
        if args.host not in ("127.0.0.1", "::1", "localhost"):
            print("Others on the network can reach these servers, and their passwords are public.", file=sys.stderr)
        for report in servers.reports:
            print(f"Imported {report.files} files as {', '.join(report.sessions) or 'nothing new'}.", file=sys.stderr)
            for path, reason in report.refused:
                print(f"Not imported: {path}: {reason}.", file=sys.stderr)
        print(json.dumps(servers.describe()), flush=True)
        if getattr(args, "until_stdin_closes", False):
            threading.Thread(target=_wait_for_end, args=(interrupted,), daemon=True).start()
        # A wait without limit would not let Windows see the interrupt.
        while not interrupted.wait(0.5):
            pass
    finally:
        servers.stop()
    return 0


def _wait_for_end(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()
