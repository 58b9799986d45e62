"""The HTTP layer against servers that misbehave."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.net.fake import FakeServer, reply
from viewr.model.errors import Cancelled, NetworkError, SettingsError
from viewr.model.progress import Progress
from viewr.net.address import clean_url, is_safe, loggable
from viewr.net.credentials import BasicAuth, netrc_login
from viewr.net.failures import ServerFaultError, UnreachableError, WrongServerError
from viewr.net.http import Http, HttpOptions
from viewr.net.transport import SharedCookies

QUICK = HttpOptions(trust_env=False, connect_timeout=2, read_timeout=0.5, retry_wait=0.01)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.stop()


@pytest.fixture
def http(server: FakeServer) -> Iterator[Http]:
    client = Http(server.url, options=QUICK)
    yield client
    client.close()


def test_it_says_who_it_is(server, http):
    assert http.get("/x").json() == {}
    assert server.seen[0].headers["User-Agent"] == "ViewR/7.0.0"


def test_json_is_parsed_only_when_it_claims_to_be_json(server, http):
    server.handler = lambda request: reply(request, body=b"{}", kind="text/plain")
    with pytest.raises(WrongServerError, match="text/plain"):
        http.get("/x").json()


def test_a_web_page_where_data_was_expected_is_named(server, http):
    server.handler = lambda request: reply(request, body=b"<html>sign in</html>", kind="text/html")
    with pytest.raises(WrongServerError, match=r"127\.0\.0\.1:\d+ answers with a web page"):
        http.get("/x").json()


def test_a_busy_server_is_asked_again_when_reading(server, http):
    answers = iter([503, 502, 200])
    server.handler = lambda request: reply(request, next(answers))
    assert http.get("/x").status == 200
    assert len(server.seen) == 3


def test_a_busy_server_is_not_asked_again_when_writing(server, http):
    server.handler = lambda request: reply(request, 503)
    assert http.send("PUT", "/x", json={}).status == 503
    assert len(server.seen) == 1


def test_a_cut_answer_is_asked_for_again(server, http):
    def cut_once(request):
        if len(server.seen) == 1:
            reply(request, body=b'{"a"', length="10")
            request.close_connection = True
        else:
            reply(request, body=b'{"a": 1}')

    server.handler = cut_once
    assert http.get("/x").json() == {"a": 1}


def test_an_answer_that_never_ends_is_refused(server, http):
    server.handler = lambda request: reply(request, body=b"x" * 2000)
    with pytest.raises(WrongServerError, match="short answer"):
        http.get("/x", limit=1000)


def test_a_silent_server_times_out_with_a_sentence(server, http):
    release = threading.Event()
    server.handler = lambda request: release.wait(5) or reply(request)
    with pytest.raises(UnreachableError, match=r"did not answer within 0\.5 s"):
        http.get("/x")
    release.set()


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"Nothing answers at 127.0.0.1:{port}"):
        Http(f"http://127.0.0.1:{port}", options=QUICK).get("/")


def test_https_to_a_plain_server(server):
    with pytest.raises(UnreachableError, match="does not speak HTTPS"):
        Http(server.url.replace("http:", "https:"), options=QUICK).get("/")


def test_reading_follows_a_redirect_and_writing_does_not(server, http):
    def move(request):
        if request.path == "/old":
            reply(request, 302, Location="/new")
        else:
            reply(request, body=b'{"new": true}')

    server.handler = move
    assert http.get("/old").json() == {"new": True}
    with pytest.raises(WrongServerError, match="sends on"):
        http.send("PUT", "/old", json={})
    assert [request.path for request in server.seen] == ["/old", "/new", "/old"]


def test_a_circle_of_redirects_ends(server, http):
    server.handler = lambda request: reply(request, 302, Location="/again")
    with pytest.raises(WrongServerError, match="circle"):
        http.get("/x")


def test_credentials_do_not_follow_to_another_host(server):
    other = FakeServer()
    cookies = SharedCookies()
    cookies.set("JSESSIONID", "secret", "127.0.0.1")
    server.handler = lambda request: reply(request, 302, Location=other.url.replace("127.0.0.1", "localhost") + "/x")
    http = Http(server.url, auth=BasicAuth("reader1", "secret"), cookies=cookies, options=QUICK)
    http.get("/x")
    http.close()
    other.stop()
    assert "JSESSIONID=secret" in server.seen[0].headers["Cookie"]
    assert server.seen[0].headers["Authorization"].startswith("Basic ")
    assert other.seen[0].headers["Authorization"] is None
    assert other.seen[0].headers["Cookie"] is None


def test_no_password_goes_out_unencrypted():
    http = Http("http://archive.example.org", auth=BasicAuth("reader1", "secret"), options=QUICK)
    with pytest.raises(NetworkError, match="without encryption"):
        http.get("/data")


def test_a_password_outside_latin_1_is_sent_as_utf_8(server):
    http = Http(server.url, auth=BasicAuth("zoë", "пароль"), options=QUICK)
    http.get("/x")
    http.close()
    # printf 'zoë:пароль' | base64
    assert server.seen[0].headers["Authorization"] == "Basic em/DqzrQv9Cw0YDQvtC70Yw="


def test_reaching_a_server_sends_no_credentials(server):
    server.handler = lambda request: reply(request, 404)
    Http(server.url, auth=BasicAuth("reader1", "secret"), options=QUICK).reach()
    assert server.seen[0].headers["Authorization"] is None


def test_a_server_out_of_order_is_not_reached(server):
    server.handler = lambda request: reply(request, 500)
    with pytest.raises(ServerFaultError, match="HTTP 500"):
        Http(server.url, options=QUICK).reach()


def test_cookies_are_shared_between_connections(server):
    server.handler = lambda request: reply(request, Set_Cookie="BALANCER=node3; Path=/")
    http = Http(server.url, cookies=SharedCookies(), options=QUICK)
    with http.stream("GET", "/a") as first:
        first.whole()
        with http.stream("GET", "/b") as second:
            second.whole()
    http.close()
    assert [request.headers["Cookie"] for request in server.seen] == [None, "BALANCER=node3"]


def test_nothing_is_sent_once_cancelled(server, http):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        http.get("/x", progress=progress)
    assert server.seen == []


def test_cancelling_ends_the_wait_between_attempts(server):
    server.handler = lambda request: reply(request, 503)
    progress = Progress()
    http = Http(server.url, options=HttpOptions(retry_wait=1000), sleep=lambda _: progress.cancel())
    with pytest.raises(Cancelled):
        http.get("/x", progress=progress)
    http.close()


def test_the_log_holds_neither_query_nor_password_nor_label(server, caplog):
    caplog.set_level(logging.DEBUG)
    http = Http(server.url, auth=BasicAuth("reader1", "hush-hush"), options=QUICK)
    http.get("/data/projects/P/subjects/DOE_JOHN/experiments/DOE_JOHN_1", params={"note": "john doe moved"})
    http.close()
    assert "/data/projects/P/subjects/*" in caplog.text
    for secret in ("DOE", "john", "hush", "Basic"):
        assert secret not in caplog.text


def test_a_missing_certificate_file_is_told_before_anything_is_sent():
    with pytest.raises(SettingsError, match=r"nowhere\.pem"):
        Http("https://example.org", options=HttpOptions(ca_file="/nowhere.pem"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("archive.example.org", "https://archive.example.org"),
        ("localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        (" https://user:pw@host/xnat/?a=b#c ", "https://host/xnat"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
    ],
)
def test_addresses_as_people_type_them(typed, meant):
    assert clean_url(typed) == meant


@pytest.mark.parametrize("typed", ["", "ftp://host", "https://", "https://host:port"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(NetworkError, match="not a web address"):
        clean_url(typed)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://anything", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:80", True),
        ("http://localhost", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_where_passwords_may_travel(url, safe):
    assert is_safe(url) is safe


def test_loggable_paths():
    assert loggable("https://h/data/experiments/XNAT_E1/scans/2?note=x") == "/data/experiments/XNAT_E1/scans/2"
    assert loggable("https://h/data/projects/P/experiments/DOE_1/scans") == "/data/projects/P/experiments/*/scans"


def test_netrc_by_port_before_bare_host(tmp_path):
    file = tmp_path / "netrc"
    file.write_text("machine h.example login bare password p1\nmachine h.example:8080 login ported password p2\n")
    assert netrc_login("https://h.example:8080/x", file) == ("ported", "p2")
    assert netrc_login("https://h.example/x", file) == ("bare", "p1")
    assert netrc_login("https://h.example:9/x", file) == ("bare", "p1")
    assert netrc_login("https://other.example", file) is None


def test_a_broken_netrc_is_no_reason_to_stop(tmp_path):
    file = tmp_path / "netrc"
    file.write_text("machine\n\"")
    assert netrc_login("https://h.example", file) is None
