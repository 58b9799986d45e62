"""Servers that misbehave, for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import requests


class Seen(NamedTuple):
    method: str
    path: str
    headers: Message
    content: bytes


class FakeServer:
    """Answers with whatever `handler` does; remembers the requests."""

    def __init__(self, handler: Callable[[Any], None] | None = None) -> None:
        self.seen: list[Seen] = []
        self.handler: Callable[[Any], None] = handler or (lambda request: reply(request))
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                self.content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.seen.append(Seen(self.command, self.path, self.headers, self.content))
                outer.handler(self)

            do_GET = do_PUT = do_POST = do_DELETE = _any

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def reply(request: Any, status: int = 200, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> None:
    """Answer a request; `length` overrides the announced length, underscores in header names are hyphens."""
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", headers.pop("length", str(len(body))))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def pass_on(request: Any, url: str) -> requests.Response:
    """Send a request on to another server, without answering yet."""
    own = ("host", "connection", "content-length")
    headers = {name: value for name, value in request.headers.items() if name.lower() not in own}
    return requests.request(
        request.command, url + request.path, data=request.content, headers=headers, timeout=30, allow_redirects=False
    )


def forward(url: str) -> Callable[[Any], None]:
    """A handler that passes every request on and the answer back."""

    def handle(request: Any) -> None:
        answer = pass_on(request, url)
        reply(request, answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    return handle
