"""Runs the governor's own validator on many files in one process; to be run by the governor's Python.

Prints a JSON object: file to what the validator said, "" where it failed itself.
"""

import contextlib
import io
import json
import sys

from studygovernor.__main__ import validate_template

said = {}
for file in sys.argv[1:]:
    words = io.StringIO()
    sys.argv = ["studygov-template-validate", "-t", file]
    with contextlib.redirect_stdout(words):
        try:
            validate_template()
            said[file] = words.getvalue()
        except Exception as fault:
            said[file] = f"[ERROR] {type(fault).__name__}"
print(json.dumps(said))
