"""Templates are put on the embedded supervisor and on the real one alike."""

from __future__ import annotations

import pytest

from viewr.model.errors import SupervisorError
from viewr.net.http import HttpOptions
from viewr.supervisor.client import SupervisorClient

TEXT = "template_name: new_one\nsop: ünï\n"


@pytest.fixture
def connect(supervisor_server):
    made = []

    def connect(user: str) -> SupervisorClient:
        options = HttpOptions(trust_env=False, retry_wait=0.01)
        made.append(SupervisorClient(supervisor_server.url, user, f"{user}-demo", http=options))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_template_is_added_then_replaced_only_when_asked_to(connect):
    client = connect("coordinator")
    label = "put_new"
    assert client.put_template(label, TEXT)
    assert connect("reader1").template(label).text == TEXT
    other = TEXT + "# and more\n"
    assert not client.put_template(label, other)
    assert client.template(label).text == TEXT
    assert client.put_template(label, other, replaces=True)
    assert connect("reader1").template(label).text == other


def test_who_may_not_is_told_so(connect):
    with pytest.raises(SupervisorError, match="'reader1' may not change templates"):
        connect("reader1").put_template("put_not", TEXT)
    with pytest.raises(SupervisorError, match="no template"):
        connect("reader1").template("put_not")
