"""A small project in the embedded archive, a fresh one for each test."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from viewr.demo.archive_fill import ScanPlace, add_files
from viewr.demo.serve import Servers

_numbers = itertools.count(1)

#: What the three files of scan 1 hold.
CONTENTS = tuple(f"slice {number} ".encode() * 500 for number in (1, 2, 3))


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@dataclass
class Project:
    """A project with one subject, one MR session and two scans; `http` is signed in as reader1."""

    servers: Servers
    name: str
    subject: str
    session: str
    experiment: str
    http: requests.Session

    @property
    def url(self) -> str:
        return self.servers.archive_url

    def call(self, method: str, path: str, user: str = "", **options: Any) -> requests.Response:
        """A request; `path` begins with "/data", or is relative to the experiment."""
        full = path if path.startswith("/") else f"/data/experiments/{self.experiment}/{path}"
        if user:
            options.setdefault("auth", (user, f"{user}-demo"))
            return requests.request(method, self.url + full, timeout=30, **options)
        return self.http.request(method, self.url + full, timeout=30, **options)

    def rows(self, path: str, **params: str) -> list[dict[str, str]]:
        answer = self.call("GET", path, params={"format": "json", **params})
        assert answer.status_code == 200, answer.text
        return answer.json()["ResultSet"]["Result"]

    def put(self, path: str, data: bytes = b"result", user: str = "", **params: str) -> requests.Response:
        headers = {"Content-Type": "application/octet-stream"}
        return self.call("PUT", path, user, params={"inbody": "true", **params}, data=data, headers=headers)


def make_project(servers: Servers, tmp_path: Path) -> Project:
    """A new project in the running archive."""
    name = f"DEMO-TEST{next(_numbers)}"
    folder = tmp_path / "slices"
    folder.mkdir()
    files = []
    for number, content in enumerate(CONTENTS, start=1):
        (folder / f"{number}.dcm").write_bytes(content)
        files.append((folder / f"{number}.dcm", f"1.2.3.{number}", str(number)))
    catalog = servers.archive.catalog
    common = (name, f"{name}_S1", f"{name}_MR1", "xnat:mrSessionData")
    fields = {"type": "T1 weighted", "series_description": "T1", "UID": "1.2.3", "modality": "MR", "frames": 3}
    session_fields = {"UID": "1.2", "modality": "MR", "date": "2024-01-02"}
    add_files(catalog, ScanPlace(*common, "1", "xnat:mrScanData", fields, session_fields), files)
    add_files(catalog, ScanPlace(*common, "2", "xnat:mrScanData", {"type": "FLAIR"}), files[:1])
    node = catalog.find("projects", None, name)
    experiment = catalog.children("experiments", node)[0].ident
    http = requests.Session()
    http.headers["User-Agent"] = "ViewR/7.0"
    http.auth = ("reader1", "reader1-demo")
    assert http.get(f"{servers.archive_url}/data/JSESSION", timeout=30).ok
    return Project(servers, name, f"{name}_S1", f"{name}_MR1", experiment, http)
