"""The embedded servers as a process of their own, so that they never take the GUI's interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress


def serve_command(data: Path, port: int) -> list[str]:
    """``viewr serve`` of this very program, frozen or not; ends when our end of its standard input closes."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "viewr"]
    return [*program, "serve", "--data", str(data), "--port", str(port), "--until-stdin-closes"]


class ServerProcess:
    """Starts and stops the embedded supervisor and archive.

    Parameters
    ----------
    data : Path
        State of the servers; their log is beside it.
    port : int
        Of the supervisor; 0 takes free ones.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        self._data = data
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        #: The line that the servers printed when ready, see `viewr serve`.
        self.ready: dict[str, Any] = {}

    def start(self, progress: Progress) -> dict[str, Any]:
        """Start and wait until both answer; blocking."""
        self._data.mkdir(parents=True, exist_ok=True)
        log = self._data / "serve.log"
        # A file, not a pipe: nobody reads a pipe, and a full one would stop the servers.
        with open(log, "a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                serve_command(self._data, self._port),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        progress.check()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ViewrError("The demo servers did not start.", f"The reason is in {log}.")
        self.ready = json.loads(line)
        return self.ready

    def stop(self) -> None:
        """End the servers in good order."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
