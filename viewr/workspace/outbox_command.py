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
    from viewr.workspace.desk import Account
    from viewr.workspace.folders import Folders

#: Where `retry` finds the password if it shall not ask.
PASSWORD = "VIEWR_PASSWORD"
#: An account of its own for the archive, or an alias token; without it that of the supervisor is used there as well.
ARCHIVE_USER, ARCHIVE_PASSWORD = "VIEWR_ARCHIVE_USER", "VIEWR_ARCHIVE_PASSWORD"


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


def _password(user: str, server: str, variable: str) -> str:
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        raise SettingsError(f"There is no password for {user} at {server}.",
                            f"Set {variable}, or call it on a terminal.")  # fmt: skip
    return getpass.getpass(f"Password of {user} at {server}: ")


def _account(profile: Profile) -> Account:
    from viewr.net.http import HttpOptions
    from viewr.workspace.desk import Account

    password = _password(profile.user, profile.supervisor, PASSWORD)
    archive_user = os.environ.get(ARCHIVE_USER, "")
    archive_password = _password(archive_user, profile.archive, ARCHIVE_PASSWORD) if archive_user else ""
    http = HttpOptions(ca_file=profile.ca_file) if profile.ca_file else None
    return Account(profile.supervisor, profile.archive, profile.user, password, archive_user, archive_password, http)


def _retry(outbox: Outbox, profile: Profile, folders: Folders) -> int:
    from functools import partial

    from viewr.workspace.audit import Audit
    from viewr.workspace.desk import lock_keeper, sign_in
    from viewr.workspace.submit_steps import Servers, acceptable, bind_steps

    clients = sign_in(_account(profile), folders, Progress(), fetches=False)
    keeper = lock_keeper(clients, folders)
    servers = Servers(clients.archive, Audit(folders.audit), clients.supervisor, keeper)
    try:
        for item in outbox.pending():
            outbox.retry(item.id)
        outbox.run(bind_steps(servers), Progress(), accept=partial(acceptable, servers))
    finally:
        keeper.close()
        clients.archive.sign_out()
        clients.supervisor.close()
    _show(outbox)
    return 1 if outbox.waiting() else 0
