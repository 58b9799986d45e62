"""The layers of the house: who may import whom, and what must run without Qt."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "viewr"

#: From the roof down; a part may import any part on a lower level, and nothing beside itself.
LEVELS = (
    ("__main__",),
    ("cli",),
    ("app",),
    ("tour", "self_test"),
    ("widgets",),
    ("forms",),
    ("workspace",),
    ("tools", "render"),
    ("archive", "supervisor", "encode"),
    ("net", "imaging", "templates"),
    ("settings",),
    ("model",),
)
LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}
#: Handed to whoever needs it by the few that may import it; the tour plays the demo.
DEMO_USERS = {"cli", "app", "self_test", "tour", "demo"}

NO_QT_FOLDERS = ("model", "imaging", "templates", "net", "archive", "supervisor", "encode", "tools", "demo")
NO_QT_MODULES = ("viewr.settings", "viewr.cli", "viewr.workspace.journal", "viewr.workspace.outbox",
                 "viewr.workspace.audit", "viewr.workspace.fetch_worker",
                 "viewr.workspace.fetch_process")  # fmt: skip


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Parts of the package that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("viewr.") and name != "viewr.__version__"}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    part = part_of(path)
    for other in imports_of(path) - {part}:
        if other == "demo":
            assert part in DEMO_USERS, f"{path}: only {sorted(DEMO_USERS)} may import demo"
        elif part == "demo":
            assert LEVEL[other] > LEVEL["workspace"], f"{path}: demo must not import {other}"
        else:
            assert LEVEL[part] < LEVEL[other], f"{path}: {part} must not import {other}"


def needed_at_once(path: Path) -> set[Path]:
    """Files that a file imports before anything in it can be used: at its left margin."""
    needed: set[Path] = set()
    for node in ast.parse(path.read_text()).body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [name for alias in node.names for name in (node.module or "", f"{node.module}.{alias.name}")]
        files = (ROOT / (name.replace(".", "/") + ".py") for name in names if name.startswith("viewr."))
        needed.update(file for file in files if file.exists())
    return needed


def test_no_file_needs_itself() -> None:
    """Each can be imported first, whatever else is there already."""
    needs = {path: needed_at_once(path) for path in FILES}
    while free := [path for path, needed in needs.items() if not needed]:
        for path in free:
            del needs[path]
        needs = {path: needed.difference(free) for path, needed in needs.items()}
    assert sorted(str(path.relative_to(ROOT)) for path in needs) == []


def test_what_is_marked_no_qt_runs_without_qt() -> None:
    files = [path for folder in NO_QT_FOLDERS for path in (PACKAGE / folder).rglob("*.py")]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    code = (
        "import importlib, sys\n"
        "sys.modules['PySide6'] = None\n"
        f"for name in {sorted([*modules, *NO_QT_MODULES])!r}:\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_init_files_are_empty() -> None:
    assert [path for path in PACKAGE.rglob("*/__init__.py") if path.read_text().strip()] == []


def test_nothing_imports_whole_vtk() -> None:
    """`import vtk` pulls in every module: it doubles the frozen program."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert "vtk" not in [alias.name for alias in node.names], path
