"""What waits in the outbox, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from viewr.model.errors import ViewrError
from viewr.workspace.outbox_plan import CHANGED_MARK, JOURNAL, Submission

#: Why a submission cannot be run now, "" if it can.
Accept = Callable[[Submission], str]

CHANCE = "They go out at the next chance."
BACK = "They can be taken back for a moment, then they go out."
TOLD = "Only the lock of the task is still to be given back."
#: Steps that send nothing which the study or the archive would take.
_AFTER = ("unlock", "record")
_CALLED = {"results": "The results", "correction": "The correction"}


@dataclass(frozen=True)
class Waiting:
    """A submission in the list of what waits.

    Attributes
    ----------
    sentence : str
        What waits and why, for people.
    held : bool
        It needs the reader: `Outbox.retry`, `take_back` or `export`.
    told : bool
        The study was told of it, or may have been: it can be corrected, but not taken back.
    kept : bool
        The work is there, to go back to.
    changed : bool
        It is held because the task was changed: it can be sent all the same.
    """

    id: str
    task_id: str
    what: str
    sentence: str
    hint: str = ""
    held: bool = False
    steps_done: int = 0
    steps_total: int = 0
    told: bool = False
    kept: bool = False
    changed: bool = False


def waiting_of(submission: Submission, accept: Accept | None, *, held_back: bool = False) -> Waiting:
    """A submission as the list of what waits has it."""
    done = sum(step.state == "done" for step in submission.steps)
    task_id, template = submission.task.get("id", ""), submission.task.get("template", "?")
    name = f"{_CALLED.get(submission.what, 'The note on handing back')} of task {task_id or '?'} ({template})"
    sent = all(step.state == "done" for step in submission.steps if step.name not in _AFTER)
    reason = _reason(submission, accept, BACK if held_back else TOLD if sent else CHANCE)
    state = "need your decision" if submission.held else "have been sent" if sent else "wait to be uploaded"
    if submission.what != "results":
        state = state.replace("need ", "needs ").replace("wait ", "waits ").replace("have ", "has ")
        reason = reason.replace("They go", "It goes", 1).replace("They can", "It can", 1).replace("they go", "it goes")
    sentence = f"{name} {state} ({done} of {len(submission.steps)} steps done). {reason}"
    folder = submission.folder
    return Waiting(
        submission.id, task_id, submission.what, sentence, submission.hint, submission.held, done,
        len(submission.steps), submission.told, (folder / JOURNAL).exists(), (folder / CHANGED_MARK).exists(),
    )  # fmt: skip


def unreadable(submission_id: str, error: ViewrError) -> Waiting:
    """A folder of the outbox that cannot be read."""
    return Waiting(submission_id, "", "", error.message, error.hint, held=True)


def _reason(submission: Submission, accept: Accept | None, otherwise: str) -> str:
    refused = accept(submission) if accept else ""
    return refused or submission.message or otherwise
