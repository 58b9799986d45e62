"""What a user can act on, as one family of exceptions."""


class ViewrError(Exception):
    """Something failed that a user can act on.

    Parameters
    ----------
    message : str
        One sentence that names the value, file or field that is wrong. Never a patient's name, ID or birth date.
    hint : str
        What to do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class FormatError(ViewrError):
    """A file cannot be read, or cannot be read as what it claims to be."""


class TemplateError(ViewrError):
    """A template cannot be used at all; smaller faults are `Template.problems`."""


class TaskError(ViewrError):
    """The content of a task cannot be used."""


class NetworkError(ViewrError):
    """A server cannot be reached, or does not answer as such a server does."""


class SignInError(NetworkError):
    """A server refuses the account."""


class SupervisorError(ViewrError):
    """The task supervisor refuses what was asked."""


class LockedError(SupervisorError):
    """Somebody else holds the task.

    Attributes
    ----------
    holder : str
        User name of who holds it.
    """

    def __init__(self, message: str, hint: str = "", holder: str = "") -> None:
        super().__init__(message, hint)
        self.holder = holder


class ArchiveError(ViewrError):
    """The archive refuses what was asked, or what it gave is not whole."""


class SettingsError(ViewrError):
    """A setting has a value that it cannot have."""


class Cancelled(Exception):
    """The work was cancelled; nothing half-done remains."""
