"""`viewr outbox`: what waits to be uploaded, from a terminal."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from viewr.model.errors import SettingsError, ViewrError
from viewr.model.progress import Progress
from viewr.settings import Profile, Settings
from viewr.workspace.outbox import Outbox

if TYPE_CHECKING:
    from viewr.workspace.folders import Folders

#: Where `retry` finds the password if it shall not ask.
PASSWORD = "VIEWR_PASSWORD"


def run(action: str, out: Path | None, settings: Settings, folders: Folders) -> int:
    """Do what the command says; returns its exit status, 1 if something still waits after `retry`."""
    outbox = Outbox(folders.outbox)
    if action == "export":
        return _export(outbox, out)
    if action == "retry":
        return _retry(outbox, _profile(settings), folders)
    _show(outbox)
    return 0


def _show(outbox: Outbox) -> None:
    waiting = outbox.waiting()
    for item in waiting:
        print(f"{item.id}: {item.sentence} {item.hint}".rstrip())
    if not waiting:
        print("Nothing is waiting to be uploaded.")


def _export(outbox: Outbox, out: Path | None) -> int:
    if out is None:
        raise ViewrError("There is no folder to export to.", "Add --out DIR.")
    for item in outbox.waiting():
        print(outbox.export(item.id, out))
    return 0


def _profile(settings: Settings) -> Profile:
    wanted = settings.profile or (settings.profiles[0].name if settings.profiles else "")
    found = next((profile for profile in settings.profiles if profile.name == wanted), None)
    if found is None and wanted:
        known = ", ".join(profile.name for profile in settings.profiles) or "none"
        raise SettingsError(f"There is no server profile '{wanted}'.", f"Known are: {known}.")
    if found is None:
        raise SettingsError("There is no server profile to sign in with.", "Sign in with the program once.")
    return found


def _password(profile: Profile) -> str:
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        raise SettingsError(f"There is no password for {profile.user} at {profile.supervisor}.",
                            f"Set {PASSWORD}, or call it on a terminal.")  # fmt: skip
    return getpass.getpass(f"Password of {profile.user} at {profile.supervisor}: ")


def _retry(outbox: Outbox, profile: Profile, folders: Folders) -> int:
    from functools import partial

    from viewr.net.http import HttpOptions
    from viewr.workspace.audit import Audit
    from viewr.workspace.desk import Account, lock_keeper, sign_in
    from viewr.workspace.submit_steps import Servers, acceptable, bind_steps

    password = _password(profile)
    http = HttpOptions(ca_file=profile.ca_file) if profile.ca_file else None
    account = Account(profile.supervisor, profile.archive, profile.user, password, http=http)
    clients = sign_in(account, folders, Progress())
    servers = Servers(clients.archive, Audit(folders.audit), clients.supervisor, lock_keeper(clients, folders))
    try:
        for item in outbox.pending():
            outbox.retry(item.id)
        outbox.run(bind_steps(servers), Progress(), accept=partial(acceptable, servers))
    finally:
        clients.archive.sign_out()
        if clients.scans is not None:
            clients.scans.close()
    _show(outbox)
    return 1 if outbox.waiting() else 0
