"""Starts the real task supervisor, TaskManager 6.6.0, on SQLite in an environment of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import requests

from viewr.demo.accounts import ACCOUNTS, GROUPS

PROGRAMS = Path(__file__).resolve().parents[2] / ".real" / "taskmanager" / "bin"


def is_installed() -> bool:
    return (PROGRAMS.parent / "installed").is_file()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealSupervisor:
    """The real supervisor with the users and groups of the embedded one.

    Parameters
    ----------
    folder : Path
        For its database, configuration and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.json"
        config.write_text(json.dumps(_config()))
        for command in (["taskmanager-db-init"], ["taskmanager-onboarding"], ["taskmanager-config", str(config)]):
            self._run(command)
        self.serve()

    def serve(self) -> None:
        """Start gunicorn and wait until it answers."""
        command = [
            str(PROGRAMS / "gunicorn"), "--bind", self.url.removeprefix("http://"), "--workers", "1", "--threads", "4",
            "taskmanager:create_app()",
        ]  # fmt: skip
        with open(self.folder / "gunicorn.log", "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        for _ in range(300):
            try:
                if requests.get(f"{self.url}/-/ready", timeout=5).ok:
                    return
            except requests.RequestException:  # not there yet, or slow on a busy machine
                time.sleep(0.1)
            if self._process.poll() is not None:
                break
        self.stop()
        raise RuntimeError(f"TaskManager did not start:\n{(self.folder / 'gunicorn.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End gunicorn; the state stays, `serve` starts it again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [str(PROGRAMS / command[0]), *command[1:]], cwd=self.folder, env=self._environment(), capture_output=True,
            timeout=120, check=False,
        )  # fmt: skip
        (self.folder / f"{command[0]}.log").write_bytes(done.stdout + done.stderr)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stderr.decode()[-2000:]}")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONWARNINGS": "ignore",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder / 'taskmanager.sqlite'}",
            "SECRET_KEY": "only-for-tests",
            "SECURITY_PASSWORD_SALT": "only-for-tests",
            # The default costs a quarter of a second a request, which tests nothing.
            "SECURITY_PASSWORD_HASH": "plaintext",
        }


def _config() -> dict[str, object]:
    users = [
        {
            "username": account.username,
            "password": account.password,
            "name": account.name,
            "email": account.email,
            "active": True,
            "roles": list(account.supervisor_roles),
        }
        for account in ACCOUNTS
    ]
    groups = [
        {"groupname": name, "name": name.capitalize(), "members": list(members)} for name, members in GROUPS.items()
    ]
    return {"users": users, "groups": groups}
