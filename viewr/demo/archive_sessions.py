"""Sessions of the embedded archive: cookies, time-outs and alias tokens as XNAT has them."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from dataclasses import dataclass

from viewr.demo.accounts import ACCOUNTS, Account, find_account
from viewr.demo.switches import Switches

#: As many sessions one user may have open; further sign-ins fail.
LIMIT = 1000


@dataclass
class Session:
    ident: str
    account: Account
    last_used: float
    csrf: str


class Sessions:
    """Who is signed in; forgotten when the servers stop, as a restart of XNAT does."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._sessions: dict[str, Session] = {}
        self._aliases: dict[str, tuple[str, Account]] = {}
        self._guard = threading.Lock()

    def open(self, username: str, password: str) -> Session | None:
        """A new session, by password or alias token; None when refused."""
        account = find_account(username, password) or self._by_alias(username, password)
        if account is None:
            return None
        with self._guard:
            self._forget_expired()
            mine = sum(session.account == account for session in self._sessions.values())
            if mine >= LIMIT:
                return None
            session = Session(secrets.token_hex(16).upper(), account, time.monotonic(), str(uuid.uuid4()))
            self._sessions[session.ident] = session
            return session

    def find(self, ident: str) -> Session | None:
        """The session of a cookie, renewed; None when it is unknown or has expired."""
        with self._guard:
            self._forget_expired()
            session = self._sessions.get(ident)
            if session is not None:
                session.last_used = time.monotonic()
            return session

    def close(self, ident: str) -> None:
        with self._guard:
            self._sessions.pop(ident, None)

    def close_all(self) -> None:
        """End every session, as a restart of the server does."""
        with self._guard:
            self._sessions.clear()

    def count(self, username: str) -> int:
        """How many sessions a user has open; a good client has one."""
        with self._guard:
            self._forget_expired()
            return sum(session.account.username == username for session in self._sessions.values())

    def issue_alias(self, account: Account) -> tuple[str, str]:
        alias, secret = str(uuid.uuid4()), secrets.token_urlsafe(32)
        with self._guard:
            self._aliases[alias] = (secret, account)
        return alias, secret

    def alias_user(self, alias: str, secret: str) -> str | None:
        account = self._by_alias(alias, secret)
        return account.username if account else None

    def drop_alias(self, alias: str) -> None:
        with self._guard:
            self._aliases.pop(alias, None)

    def _by_alias(self, alias: str, secret: str) -> Account | None:
        with self._guard:
            known, account = self._aliases.get(alias, ("", ACCOUNTS[0]))
            return account if known and known == secret else None

    def _forget_expired(self) -> None:
        oldest = time.monotonic() - self._switches.session_seconds
        for ident in [ident for ident, session in self._sessions.items() if session.last_used < oldest]:
            del self._sessions[ident]
