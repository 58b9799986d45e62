"""How the program starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_IMPORTS = """
import inspect, sys
sys.path.insert(0, sys.argv[1])
from viewr.app import spare_imports

assert spare_imports()

def read(module):
    raise AssertionError(f"the source of {module.__name__} was read")

inspect.getsource = read
import with_its_word
from PySide6.QtCore import QObject
assert QObject().objectName() == ""
"""


def test_imports_after_qt_do_not_read_the_source_of_modules(tmp_path: Path) -> None:
    (tmp_path / "with_its_word.py").write_text("# PySide6\n")
    done = subprocess.run([sys.executable, "-c", _IMPORTS, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_another_pyside_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from viewr.app import spare_imports

    monkeypatch.delitem(sys.modules, "shibokensupport.feature", raising=False)
    assert not spare_imports()
