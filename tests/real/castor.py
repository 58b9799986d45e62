"""Reads a fields file from an archive with the code of the governor's `castor` callback; run by the governor's Python.

Arguments: address of the file with `{timestamp}`, user, password, file with the template. Prints the collected fields.
"""

import base64
import contextlib
import io
import json
import sys
import types
import urllib.request

import yaml


class Session:
    """The one call of a connection to an archive that the callback makes."""

    def __init__(self, user, password):
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode()

    def get_json(self, path):
        address = origin + "/" + path.lstrip("/")
        request = urllib.request.Request(address, headers={"Authorization": f"Basic {self._login}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


# The callback imports the client of the archive for more than this needs.
stub = types.ModuleType("xnat")
stub.XNATSession = Session
sys.modules["xnat"] = stub

from studygovernor.callbacks.castor import collect_fields, download_latest_file_version  # noqa: E402

address, user, password, template = sys.argv[1:]
origin = "/".join(address.split("/")[:3])
with contextlib.redirect_stdout(io.StringIO()):
    data = download_latest_file_version(Session(user, password), address)
    with open(template, encoding="utf-8") as text:
        fields = collect_fields(yaml.safe_load(text)["qa_fields"], data)
print(json.dumps(fields))
