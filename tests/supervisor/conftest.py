"""A supervisor with one template, clients of it, and a proxy between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.net.fake import FakeServer, forward
from viewr.net.http import HttpOptions
from viewr.supervisor.client import SupervisorClient

QUICK = HttpOptions(trust_env=False, retry_wait=0.01)
TEXT = "template_name: manual_qa\nsop: ünï\n"


@pytest.fixture
def server(supervisor_server):
    supervisor_server.create_template("manual_qa", TEXT)
    return supervisor_server


@pytest.fixture
def connect(server):
    """Makes clients of any account, at the server or through something in between."""
    made = []

    def connect(user="reader1", url=None, password=None, **kwargs):
        made.append(
            SupervisorClient(
                url or server.url, user, password or f"{user}-demo", http=QUICK, sleep=lambda _: None, **kwargs
            )
        )
        return made[-1]

    yield connect
    for one in made:
        one.close()


@pytest.fixture
def client(connect) -> SupervisorClient:
    return connect()


@pytest.fixture
def between(server) -> Iterator[FakeServer]:
    """A proxy before the server, whose handler a test may replace."""
    fake = FakeServer(forward(server.url))
    yield fake
    fake.stop()
