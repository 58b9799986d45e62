"""Validates templates (JSON on standard input: a list) with the governor's schema and ours; run by its Python.

Prints a JSON list: for each template the paths of its faults.
"""

import json
import sys
from pathlib import Path

import studygovernor
from jsonschema import Draft7Validator

ours = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
real = json.loads((Path(studygovernor.__file__).parent / "static" / "viewr_template.schema.json").read_text())
Draft7Validator.check_schema(ours)
validators = [Draft7Validator(real), Draft7Validator(ours)]
print(json.dumps([
    ["/".join(map(str, fault.absolute_path)) for validator in validators for fault in validator.iter_errors(tree)]
    for tree in json.load(sys.stdin)
]))
