"""One call of the embedded archive: who calls, and what the path means to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug import Request

from viewr.demo.accounts import Account
from viewr.demo.archive_catalog import Catalog, Node
from viewr.demo.archive_paths import RestPath
from viewr.demo.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EDITORS = {"Owners", "Members"}


class Refused(Exception):
    """The call ends with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Call:
    """A call below `/data` that belongs to somebody who is signed in."""

    request: Request
    environ: dict[str, Any]
    path: RestPath
    account: Account
    catalog: Catalog
    switches: Switches

    @property
    def query(self) -> dict[str, str]:
        return self.request.args.to_dict()

    def may_edit(self, node: Node) -> bool:
        return self._role(node) in EDITORS

    def may_delete(self, node: Node) -> bool:
        return self._role(node) == "Owners"

    def may_read(self, node: Node) -> bool:
        return self._role(node) is not None

    def targets(self, fall_back: bool = False) -> list[Node]:
        """What the path names, without its resource: one node, or several scans.

        Parameters
        ----------
        fall_back : bool
            Go on with the subject or project where an experiment or scan below it is unknown, as XNAT does when
            resources and files are read.

        Raises
        ------
        Refused
            404, for what is not there as for what the caller may not see.
        """
        found: list[Node] = []
        names = {kind: ref for kind, ref in self.path.names.items() if kind != "resources"}
        for kind, ref in names.items():
            parent = found[0] if found else None
            matches = self._matches(kind, parent, ref)
            if not matches and fall_back and "projects" in names and kind in ("experiments", "scans"):
                return [self._last_container(parent)]
            if not matches or not self.may_read(matches[0]):
                raise Refused(404, _missing(kind, ref))
            found = matches
        return found

    def target(self) -> Node:
        """The one node that the path names."""
        nodes = self.targets()
        if not nodes:
            raise Refused(404, "The path names nothing.")
        return nodes[0]

    def _matches(self, kind: str, parent: Node | None, ref: str) -> list[Node]:
        if kind == "scans" and parent is not None:
            return match_scans(self.catalog.children("scans", parent), ref)
        node = self.catalog.find(kind, parent, ref)
        return [node] if node else []

    def _last_container(self, node: Node | None) -> Node:
        assert node is not None
        return self.catalog.parent(node, "projects" if "subjects" not in self.path.names else "subjects")

    def _role(self, node: Node) -> str | None:
        project = self.catalog.parent(node, "projects")
        return self.catalog.role(project.ident, self.account.username)


def match_scans(scans: list[Node], ref: str) -> list[Node]:
    """Scans whose ID or type is in a comma list; ALL or * takes every one."""
    if ref in ("ALL", "*"):
        return scans
    wanted = set(ref.split(","))
    by_id = [scan for scan in scans if scan.ident in wanted]
    return by_id or [scan for scan in scans if scan.fields.get("type", "") in wanted]


def uri(call: Call, node: Node, plain: bool = False) -> str:
    """Path of a node by IDs: as the caller asked, or by experiment or subject when `plain`."""
    chain = ancestors(call.catalog, node)
    kinds: Iterable[str] = call.path.names
    keep: Callable[[Node], bool] = lambda step: step.kind in kinds or step is node  # noqa: E731
    if plain:
        first = {"projects": 0, "subjects": 1, "experiments": 2}.get(node.kind, 2)
        shown = [step for depth, step in enumerate(chain) if depth >= first]
    else:
        shown = [step for step in chain if keep(step)]
    prefix = "/data" if plain else call.path.prefix
    return prefix + "".join(f"/{step.kind}/{step.ident}" for step in shown)


def ancestors(catalog: Catalog, node: Node) -> list[Node]:
    """The node and what it lies in, the project first."""
    chain = [node]
    while chain[0].parent is not None:
        chain.insert(0, catalog.node(chain[0].parent))
    return chain


def _missing(kind: str, ref: str) -> str:
    if kind == "projects":
        return "Unable to identify project"
    return f"Unable to find the specified {kind[:-1]} '{ref}'."
