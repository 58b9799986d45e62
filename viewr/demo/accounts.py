"""Who may sign in at the embedded servers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """A demo user, known to both embedded servers.

    Attributes
    ----------
    role : str
        Role in the study: annotator, qc or coordinator.
    supervisor_roles : tuple of str
        Roles in the task supervisor.
    archive_role : str
        Group in each project of the archive: Owners, Members or Collaborators.
    """

    username: str
    password: str
    role: str
    supervisor_roles: tuple[str, ...]
    archive_role: str
    name: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


#: Fixed and public: the servers listen on loopback unless told otherwise.
ACCOUNTS = (
    Account("reader1", "reader1-demo", "annotator", ("user",), "Members", "First Reader"),
    Account("reader2", "reader2-demo", "annotator", ("user",), "Members", "Second Reader"),
    Account("qc1", "qc1-demo", "qc", ("user",), "Members", "Quality Control"),
    Account("coordinator", "coordinator-demo", "coordinator", ("superuser", "admin"), "Owners", "Coordinator"),
)

#: Groups of the task supervisor and their members.
GROUPS = {"readers": ("reader1", "reader2"), "qc": ("qc1", "reader1")}

#: The project that every demo user belongs to.
DEMO_PROJECT = "DEMO"


def find_account(username: str, password: str) -> Account | None:
    """The account that this name and password open; names are case-sensitive."""
    for account in ACCOUNTS:
        if account.username == username and account.password == password:
            return account
    return None
