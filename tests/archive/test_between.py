"""What stands between us and the archive: proxies, other addresses, faults, answers that get lost."""

from __future__ import annotations

import pytest

from tests.archive.conftest import QUICK, STAMPED
from tests.net.fake import FakeServer, pass_on, reply
from viewr.archive.xnat import XnatArchive
from viewr.model.errors import Cancelled, NetworkError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError


class TestBetween:
    """What stands between us and the archive."""

    @pytest.fixture
    def between(self, study):
        fake = FakeServer(through(study.url))
        yield fake
        fake.stop()

    @pytest.fixture
    def behind(self, between):
        archive = XnatArchive(between.url + "/xnat", "reader1", "reader1-demo", http=QUICK)
        yield archive
        archive.sign_out()

    def test_below_a_context_path(self, study, behind, cache, result):
        assert len(behind.download(study.dicom, cache)) == 8
        assert behind.upload(study.fields, STAMPED, result).size == 19

    def test_an_address_that_sends_on(self, study, between, behind):
        inner = between.handler

        def move(request):
            if request.path.startswith("/old"):
                reply(request, 302, Location="/xnat" + request.path.removeprefix("/old"))
            else:
                inner(request)

        between.handler = move
        archive = XnatArchive(between.url + "/old", "reader1", "reader1-demo", http=QUICK)
        assert len(archive.scans(study.experiment)) == 2
        archive.sign_out()
        assert [one.method for one in between.seen if one.path.startswith("/old")] == ["GET"]

    def test_an_address_that_sends_on_to_another_host(self, between, behind):
        between.handler = lambda request: reply(request, 302, Location="https://elsewhere.invalid/")
        with pytest.raises(NetworkError, match=r"elsewhere\.invalid"):
            behind.sign_in()

    def test_a_listing_that_is_none(self, study, between, behind):
        behind.sign_in()
        between.handler = lambda request: reply(request, body=b'{"items": []}')
        with pytest.raises(NetworkError, match="without rows"):
            behind.scans(study.experiment)

    def test_a_page_in_place_of_a_listing_that_signing_in_does_not_cure(self, study, between, behind):
        behind.sign_in()
        inner = between.handler

        def page(request):
            if "/scans" in request.path:
                reply(request, body=b"<html>Maintenance</html>", kind="text/html")
            else:
                inner(request)

        between.handler = page
        with pytest.raises(NetworkError):
            behind.scans(study.experiment)

    def test_a_catalog_that_fails(self, study, between, behind):
        behind.sign_in()
        between.handler = lambda request: reply(request, 500, b"<h3>DOE JOHN</h3>", "text/html")
        with pytest.raises(ServerFaultError, match="HTTP 500") as caught:
            behind.files(study.dicom)
        assert "DOE" not in str(caught.value)

    def test_an_upload_whose_answer_is_lost_counts_once(self, study, between, behind, result):
        behind.sign_in()
        inner, lost = between.handler, iter([True])

        def lose(request):
            if request.command == "PUT" and STAMPED in request.path and next(lost, False):
                request.path = request.path.removeprefix("/xnat")
                pass_on(request, study.url)
                request.close_connection = True
            else:
                inner(request)

        between.handler = lose
        assert behind.upload(study.fields, STAMPED, result).size == 19
        assert sum(one.method == "PUT" and STAMPED in one.path for one in between.seen) == 1

    def test_cancelling_an_upload(self, study, behind, tmp_path):
        large = tmp_path / "large"
        large.write_bytes(bytes(3_000_000))
        progress = Progress(lambda done, total: progress.cancel())
        with pytest.raises(Cancelled):
            behind.upload(study.fields, "large.bin", large, progress=progress)


def through(url: str):
    """Pass on what is below /xnat, cookies included."""

    def handle(request):
        request.path = request.path.removeprefix("/xnat") or "/"
        answer = pass_on(request, url)
        request.send_response(answer.status_code)
        for cookie in answer.raw.headers.getlist("Set-Cookie"):
            request.send_header("Set-Cookie", cookie.replace("Path=/", "Path=/xnat/"))
        request.send_header("Content-Type", answer.headers.get("Content-Type", ""))
        request.send_header("Content-Length", str(len(answer.content)))
        request.end_headers()
        request.wfile.write(answer.content)

    return handle
