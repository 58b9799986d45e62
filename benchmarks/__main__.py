"""Runs every benchmark in a process of its own, prints a table and writes `build/bench.json`.

A benchmark is a module here with `measure()`, which gives a line or a list of lines: `name`, `value`, `unit`,
`budget`, `peer`, `peer_value`, `ratio`, `ok` (None: not measured).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
OUT = FOLDER.parent / "build" / "bench.json"

_RUN = """
import importlib, json, sys
lines = importlib.import_module("benchmarks." + sys.argv[1]).measure()
print("\\n" + json.dumps(lines if isinstance(lines, list) else [lines]))
"""


def run(name: str) -> list[dict[str, Any]]:
    """The lines of one benchmark; one that says what went wrong if it failed."""
    done = subprocess.run([sys.executable, "-c", _RUN, name], cwd=FOLDER.parent, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no output").splitlines()[-1]
        return [{"name": f"{name}: {reason}", "value": None, "unit": "", "budget": None, "peer": None,
                 "peer_value": None, "ratio": None, "ok": False}]  # fmt: skip
    return list(json.loads(done.stdout.strip().splitlines()[-1]))


def show(line: dict[str, Any]) -> str:
    verdict = {True: "ok", False: "MISSED", None: "not measured"}[line["ok"]]
    peer = f"{line['peer']}: {line['peer_value']} (ratio {line['ratio']})" if line["peer"] else ""
    return f"{verdict:12} {line['name']}: {line['value']} {line['unit']}, budget {line['budget']}  {peer}"


def main(names: list[str]) -> int:
    chosen = names or sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    lines = []
    for name in chosen:
        for line in run(name):
            lines.append(line)
            print(show(line), flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(lines, indent=2) + "\n", encoding="utf-8")
    return 0 if all(line["ok"] is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
