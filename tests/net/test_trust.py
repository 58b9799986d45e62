"""Certificates, proxies and kept passwords."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.net.fake import FakeServer
from viewr.net.credentials import PasswordStore
from viewr.net.failures import UnreachableError
from viewr.net.http import Http, HttpOptions

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem "
        "-addext subjectAltName=DNS:localhost",
        shell=True,
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    return tmp_path / "cert.pem"


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[FakeServer]:
    fake = FakeServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    fake._server.socket = context.wrap_socket(fake._server.socket, server_side=True)
    fake._server.handle_error = lambda *_: None  # type: ignore[method-assign]
    fake.url = f"https://localhost:{fake._server.server_port}"
    yield fake
    fake.stop()


@needs_openssl
def test_an_unknown_certificate_is_refused_at_once(secure_server):
    http = Http(secure_server.url, options=HttpOptions(trust_env=False))
    with pytest.raises(UnreachableError, match=r"The certificate of localhost:\d+ is not trusted"):
        http.get("/x")
    http.close()
    assert secure_server.seen == []


@needs_openssl
def test_a_certificate_of_the_hospital_is_trusted_when_named(secure_server, certificate):
    http = Http(secure_server.url, options=HttpOptions(trust_env=False, ca_file=str(certificate)))
    assert http.get("/x").json() == {}
    http.close()


@needs_openssl
def test_a_certificate_for_another_name_is_refused(secure_server, certificate):
    http = Http(
        secure_server.url.replace("localhost", "127.0.0.1"),
        options=HttpOptions(trust_env=False, ca_file=str(certificate)),
    )
    with pytest.raises(UnreachableError, match="is not trusted"):
        http.get("/x")
    http.close()


@needs_openssl
def test_the_environment_may_name_the_certificate(secure_server, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    http = Http(secure_server.url)
    assert http.get("/x").json() == {}
    http.close()


def test_a_proxy_is_used_for_other_machines_only():
    proxy, server = FakeServer(), FakeServer()
    options = HttpOptions(proxies={"http": proxy.url})
    far, near = Http("http://archive.invalid", options=options), Http(server.url, options=options)
    assert far.get("/x").json() == near.get("/y").json() == {}
    far.close()
    near.close()
    proxy.stop()
    server.stop()
    assert [request.path for request in proxy.seen] == ["http://archive.invalid/x"]
    assert [request.path for request in server.seen] == ["/y"]


def test_the_environment_may_name_the_proxy_and_its_exceptions(monkeypatch):
    proxy = FakeServer()
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "direct.invalid")
    http = Http("http://archive.invalid")
    assert http.get("/x").json() == {}
    http.close()
    proxy.stop()
    with pytest.raises(UnreachableError, match=r"No server named direct\.invalid"):
        Http("http://direct.invalid").get("/x")
    assert len(proxy.seen) == 1


def test_a_proxy_that_is_not_there():
    options = HttpOptions(proxies={"http": "http://127.0.0.1:9"}, retries=0)
    with pytest.raises(UnreachableError, match="The proxy does not pass requests on to archive"):
        Http("http://archive.invalid", options=options).get("/x")


def test_a_password_lasts_as_long_as_the_program_where_there_is_no_keyring(monkeypatch):
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        store = PasswordStore()
        assert store.get("https://h", "reader1") is None
        assert store.set("https://h", "reader1", "secret") is False
        assert store.get("https://h", "reader1") == "secret"
        store.forget("https://h", "reader1")
        assert store.get("https://h", "reader1") is None
    finally:
        keyring.set_keyring(before)
