"""Where names and passwords come from, and how they are put on a request."""

from __future__ import annotations

import base64
import logging
import netrc
import os
from pathlib import Path
from urllib.parse import urlsplit

import requests

log = logging.getLogger(__name__)


class BasicAuth:
    """HTTP basic authentication in UTF-8 (the library's own fails on names outside Latin-1)."""

    def __init__(self, user: str, password: str) -> None:
        token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._header = f"Basic {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


def netrc_login(url: str, file: Path | None = None) -> tuple[str, str] | None:
    """Name and password for a server from the user's netrc file, by host with port first, then by bare host."""
    path = file or _netrc_file()
    if path is None:
        return None
    try:
        entries = netrc.netrc(str(path))
    except (OSError, netrc.NetrcParseError):
        log.warning("the netrc file cannot be read")
        return None
    parts = urlsplit(url)
    for host in (parts.netloc.rsplit("@", 1)[-1], parts.hostname or ""):
        if host in entries.hosts:
            user, _, password = entries.hosts[host]
            return (user, password) if user and password else None
    return None


def _netrc_file() -> Path | None:
    named = os.environ.get("NETRC")
    candidates = [Path(named)] if named else [Path.home() / ".netrc", Path.home() / "_netrc"]
    return next((path for path in candidates if path.is_file()), None)


class PasswordStore:
    """Passwords in the system keyring; in memory only where there is none."""

    def __init__(self, service: str = "ViewR") -> None:
        self._service = service
        self._memory: dict[tuple[str, str], str] = {}

    def get(self, url: str, user: str) -> str | None:
        """The password of an account, None when it is not known."""
        import keyring
        import keyring.errors

        if (url, user) in self._memory:
            return self._memory[url, user]
        try:
            return keyring.get_password(f"{self._service} {url}", user)
        except keyring.errors.KeyringError:
            return None

    def set(self, url: str, user: str, password: str) -> bool:
        """Keep a password; False when it lasts only until the program ends."""
        import keyring
        import keyring.errors

        self._memory[url, user] = password
        try:
            keyring.set_password(f"{self._service} {url}", user, password)
        except keyring.errors.KeyringError:
            return False
        return True

    def forget(self, url: str, user: str) -> None:
        """Remove a password, also from the keyring."""
        import keyring
        import keyring.errors

        self._memory.pop((url, user), None)
        try:
            keyring.delete_password(f"{self._service} {url}", user)
        except keyring.errors.KeyringError:
            log.debug("no password was in the keyring")
