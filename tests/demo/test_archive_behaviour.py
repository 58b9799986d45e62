"""The unpleasant behaviour of XNAT, one test each; our client must live with every one of them."""

from __future__ import annotations

import http.client
import io
import socket
import tarfile
import time
import zipfile
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests

from tests.demo.archive_project import CONTENTS, Project, md5


class TestSigningIn:
    def test_form_gives_a_cookie(self, project: Project) -> None:
        form = {"username": "reader1", "password": "reader1-demo"}
        answer = requests.put(f"{project.url}/data/services/auth", data=form, timeout=30)
        assert answer.status_code == 200
        assert answer.cookies["JSESSIONID"] == answer.text
        assert requests.get(f"{project.url}/data/services/auth", timeout=30).status_code == 405
        again = requests.get(f"{project.url}/data/auth", cookies={"JSESSIONID": answer.text}, timeout=30)
        assert again.text == "User 'reader1' is logged in"

    def test_wrong_password(self, project: Project) -> None:
        form = {"username": "reader1", "password": "wrong"}
        assert requests.put(f"{project.url}/data/services/auth", data=form, timeout=30).status_code == 401

    def test_every_call_without_a_cookie_opens_a_session(self, project: Project) -> None:
        sessions = project.servers.archive.sessions
        before = sessions.count("qc1")
        for _ in range(3):
            project.call("GET", "/data/projects", user="qc1")
        assert sessions.count("qc1") == before + 3

    def test_signing_out(self, project: Project) -> None:
        form = {"username": "reader2", "password": "reader2-demo"}
        ident = requests.put(f"{project.url}/data/services/auth", data=form, timeout=30).text
        cookies = {"JSESSIONID": ident}
        assert requests.delete(f"{project.url}/data/JSESSION", cookies=cookies, timeout=30).status_code == 200
        assert requests.get(f"{project.url}/data/JSESSION", cookies=cookies, timeout=30).status_code == 401

    def test_a_session_expires(self, project: Project) -> None:
        form = {"username": "reader2", "password": "reader2-demo"}
        ident = requests.put(f"{project.url}/data/services/auth", data=form, timeout=30).text
        project.servers.switches.session_seconds = 0.05
        time.sleep(0.2)
        answer = requests.get(f"{project.url}/data/projects", cookies={"JSESSIONID": ident}, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")

    def test_every_answer_tells_when_the_session_ends(self, project: Project) -> None:
        cookie = project.call("GET", "/data/projects").headers["Set-Cookie"]
        assert 'SESSION_EXPIRATION_TIME="' in cookie
        assert ",900000" in cookie

    def test_a_browser_is_sent_to_the_login_page(self, project: Project) -> None:
        headers = {"User-Agent": "Mozilla/5.0"}
        url = f"{project.url}/data/projects"
        first = requests.get(url, headers=headers, timeout=30, allow_redirects=False)
        assert (first.status_code, first.headers["Location"]) == (302, "/app/template/Login.vm")
        page = requests.get(url, headers=headers, timeout=30)
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert "Login.vm" in page.text

    def test_a_browser_needs_a_token_to_write(self, project: Project) -> None:
        project.http.headers["User-Agent"] = "Mozilla/5.0"
        assert project.put("resources/R/files/a.txt").status_code == 403
        token = project.call("GET", "/data/JSESSION", params={"CSRF": "true"}).text.split("XNAT_CSRF=")[1]
        assert project.put("resources/R/files/a.txt", XNAT_CSRF=token).status_code == 200

    def test_html_where_401_was_due(self, project: Project) -> None:
        project.servers.switches.html_instead_of_401 = True
        answer = requests.get(f"{project.url}/data/projects", headers={"User-Agent": "ViewR/7"}, timeout=30)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/html")

    def test_alias_tokens(self, project: Project) -> None:
        token = project.call("GET", "/data/services/tokens/issue").json()
        auth = (token["alias"], token["secret"])
        assert requests.get(f"{project.url}/data/auth", auth=auth, timeout=30).text == "User 'reader1' is logged in"
        path = f"/data/services/tokens/validate/{auth[0]}/{auth[1]}"
        assert project.call("GET", path).json() == {"valid": "reader1"}
        project.call("GET", f"/data/services/tokens/invalidate/{auth[0]}/{auth[1]}")
        assert requests.get(f"{project.url}/data/auth", auth=auth, timeout=30).status_code == 401


class TestReading:
    def test_all_values_are_text(self, project: Project) -> None:
        for path in ("/data/projects", "scans", "scans/1/resources", "scans/1/resources/DICOM/files"):
            rows = project.rows(path)
            assert rows
            assert all(isinstance(value, str) for row in rows for value in row.values())

    def test_both_prefixes(self, project: Project) -> None:
        for prefix in ("/data", "/data/archive"):
            rows = project.rows(f"{prefix}/projects/{project.name}/experiments")
            assert [row["ID"] for row in rows] == [project.experiment]

    def test_label_in_the_project_or_id_on_the_site(self, project: Project) -> None:
        by_label = f"/data/projects/{project.name}/experiments/{project.session}"
        for path in (by_label, f"/data/experiments/{project.experiment}"):
            item = project.call("GET", path, params={"format": "json"}).json()["items"][0]
            assert item["data_fields"]["ID"] == project.experiment
            assert item["meta"]["xsi:type"] == "xnat:mrSessionData"
        assert project.call("GET", f"/data/experiments/{project.session}").status_code == 404

    def test_columns_and_filters(self, project: Project) -> None:
        rows = project.rows("scans", columns="type,xnat:mrScanData/quality,unknown", type="FLAIR")
        assert rows == [
            {
                "type": "FLAIR",
                "xnat:mrscandata/quality": "",
                "ID": "2",
                "URI": f"/data/experiments/{project.experiment}/scans/2",
            }
        ]
        assert [row["ID"] for row in project.rows("scans", quality="NONE*")] == []

    def test_scans_below_project_and_experiment_are_no_route(self, project: Project) -> None:
        path = f"/data/projects/{project.name}/experiments/{project.session}/scans"
        answer = project.call("GET", path, params={"format": "json"}).json()
        assert answer["items"][0]["data_fields"]["ID"] == project.experiment

    def test_reading_falls_back_to_the_subject(self, project: Project) -> None:
        subject = f"/data/projects/{project.name}/subjects/{project.subject}"
        project.put(f"{subject}/resources/OWN/files/a.txt")
        rows = project.rows(f"{subject}/experiments/NOBODY/resources")
        assert [row["label"] for row in rows] == ["OWN"]
        assert project.put(f"{subject}/experiments/NOBODY/resources/R/files/a.txt").status_code == 404

    def test_unknown_and_unreadable_look_alike(self, project: Project) -> None:
        project.servers.archive.catalog.add_project("SECRET", {"coordinator": "Owners"})
        answers = [project.call("GET", f"/data/projects/{name}") for name in ("SECRET", "NOWHERE")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert [answer.text for answer in answers] == ["Unable to identify project"] * 2

    def test_a_resource_is_always_xml(self, project: Project) -> None:
        answer = project.call("GET", "scans/1/resources/DICOM", params={"format": "json"})
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "{http://nrg.wustl.edu/catalog}DCMCatalog"
        entries = root.findall(".//{http://nrg.wustl.edu/catalog}entry")
        assert [(entry.get("URI"), entry.get("digest")) for entry in entries] == [
            (f"{number:04d}.dcm", md5(content)) for number, content in enumerate(CONTENTS, start=1)
        ]

    def test_uris_hold_ids_and_numbers(self, project: Project) -> None:
        path = f"/data/projects/{project.name}/subjects/{project.subject}/experiments/{project.session}/scans/1"
        row = project.rows(f"{path}/resources/DICOM/files")[0]
        assert row["cat_ID"].isdecimal()
        tail = f"/experiments/{project.experiment}/scans/1/resources/{row['cat_ID']}/files/0001.dcm"
        assert row["URI"].endswith(tail)
        assert row["URI"].startswith(f"/data/projects/{project.name}/subjects/XNAT_S")
        several = project.rows(f"{path}/files")
        assert project.call("GET", several[0]["URI"]).content == CONTENTS[0]

    def test_all_resources_in_one_call(self, project: Project) -> None:
        project.put("resources/FIELDS/files/a.json")
        rows = project.rows("resources", all="true")
        assert {(row["label"], row["cat_id"]) for row in rows} == {
            ("FIELDS", project.experiment), ("DICOM", "1"), ("DICOM", "2")
        }  # fmt: skip
        assert [row["file_count"] for row in rows if row["cat_id"] == "1"] == ["3"]

    def test_foreign_resource_number(self, project: Project) -> None:
        number = project.rows("scans/2/resources")[0]["xnat_abstractresource_id"]
        assert project.call("GET", f"scans/1/resources/{number}").status_code == 403
        assert project.call("GET", f"scans/2/resources/{number}").status_code == 200


class TestDownloading:
    def test_neither_etag_nor_range(self, project: Project) -> None:
        path = "scans/1/resources/DICOM/files/0001.dcm"
        answer = project.call("GET", path, headers={"Range": "bytes=10-19"})
        assert answer.status_code == 200
        assert answer.content == CONTENTS[0]
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "must-revalidate"
        head = project.call("HEAD", path)
        assert (head.content, head.headers["Content-Length"]) == (b"", str(len(CONTENTS[0])))

    def test_zip_has_no_length(self, project: Project) -> None:
        answer = project.call("GET", "scans/1,2/resources/DICOM/files", params={"format": "zip"})
        assert "Content-Length" not in answer.headers
        assert answer.headers["Transfer-Encoding"] == "chunked"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
            assert archive.namelist()[-1] == f"{project.session}/scans/2-FLAIR/resources/DICOM/files/0001.dcm"

    def test_simplified_zip_and_tar(self, project: Project) -> None:
        simple = project.call("GET", "scans/2/files", params={"format": "zip", "structure": "simplified"})
        with zipfile.ZipFile(io.BytesIO(simple.content)) as archive:
            assert archive.namelist() == [f"{project.session}/scans/2-FLAIR/DICOM/0001.dcm"]
        for kind in ("tar", "tar.gz"):
            answer = project.call("GET", "scans/ALL/files", params={"format": kind})
            with tarfile.open(fileobj=io.BytesIO(answer.content)) as packed:
                assert len(packed.getnames()) == 4

    def test_zip_leaves_out_lost_files_without_a_word(self, project: Project) -> None:
        catalog = project.servers.archive.catalog
        scan = catalog.find("scans", catalog.find("experiments", None, project.experiment), "1")
        resource = catalog.resources(scan)[0]
        catalog.file(resource, "0002.dcm").unlink()
        answer = project.call("GET", "scans/1/files", params={"format": "zip"})
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert [name[-8:] for name in archive.namelist()] == ["0001.dcm", "0003.dcm"]
        lost = project.call("GET", "scans/1/resources/DICOM/files/0002.dcm")
        assert (lost.status_code, lost.text) == (404, "Unable to find file.")
        unknown = project.call("GET", "scans/1/resources/DICOM/files/none.dcm")
        assert (unknown.status_code, unknown.text) == (404, "Unable to find catalog entry for given uri.")

    @pytest.mark.parametrize("path", ["scans/1/resources/DICOM/files/0001.dcm", "scans/ALL/files?format=zip"])
    def test_cut_short(self, project: Project, path: str) -> None:
        project.servers.switches.cut_download_after = 1000
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            project.call("GET", path)

    def test_filters(self, project: Project) -> None:
        rows = project.rows("scans/1/files", file_format="DICOM", index="1")
        assert [row["Name"] for row in rows] == ["0002.dcm"]
        assert project.rows("scans/1/files", file_format="NIFTI") == []
        assert project.call("GET", "resources/NONE/files").status_code == 404


class TestUploading:
    def test_new_resource(self, project: Project) -> None:
        made = project.call("PUT", "resources/VIEWR", params={"format": "JSON"})
        assert (made.status_code, made.content) == (200, b"")
        again = project.call("PUT", "resources/VIEWR")
        assert (again.status_code, again.text) == (409, "Specified resource already exists.")
        assert project.rows("resources")[0]["format"] == "JSON"

    def test_permission_comes_before_409(self, project: Project) -> None:
        project.call("PUT", "resources/VIEWR")
        project.servers.archive.catalog.add_project(project.name, {"reader2": "Collaborators"})
        assert project.call("PUT", "resources/VIEWR", user="reader2").status_code == 403
        assert project.call("PUT", "resources/OTHER", user="reader2").status_code == 403

    def test_success_is_an_empty_200(self, project: Project) -> None:
        answer = project.put("resources/R/files/sub/a.txt", b"text", format="TXT", content="NOTE", tags="a")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Type"].startswith("text/plain")
        row = project.rows("resources/R/files")[0]
        assert row["URI"].endswith("/files/sub/a.txt")
        assert (row["Size"], row["digest"]) == ("4", md5(b"text"))
        assert (row["file_format"], row["file_content"], row["file_tags"]) == ("TXT", "NOTE", "a")

    def test_an_existing_file_is_kept_with_200(self, project: Project) -> None:
        project.put("resources/R/files/a.txt", b"first")
        answer = project.put("resources/R/files/a.txt", b"second")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.json() == {"duplicates": ["a.txt"]}
        assert project.call("GET", "resources/R/files/a.txt").content == b"first"
        project.put("resources/R/files/a.txt", b"third", overwrite="true")
        assert project.call("GET", "resources/R/files/a.txt").content == b"third"

    def test_without_the_right_nothing_is_stored_with_200(self, project: Project) -> None:
        project.servers.archive.catalog.add_project(project.name, {"reader2": "Collaborators"})
        answer = project.put("resources/R/files/a.txt", user="reader2")
        assert (answer.status_code, answer.content) == (200, b"")
        assert project.rows("resources") == []

    def test_silent_denial_by_switch(self, project: Project) -> None:
        project.servers.switches.deny_writes_silently = True
        assert project.put("resources/R/files/a.txt").status_code == 200
        assert project.rows("resources") == []

    def test_json_is_no_body_unless_told(self, project: Project) -> None:
        headers = {"Content-Type": "application/json"}
        path = "resources/R/files/a.json"
        assert project.call("PUT", path, data=b"{}", headers=headers).status_code == 400
        assert project.call("PUT", path, data=b"{}", headers=headers, params={"inbody": "true"}).status_code == 200

    def test_empty_and_chunked_bodies(self, project: Project) -> None:
        assert project.put("resources/R/files/a.txt", b"").status_code == 500
        chunked = project.call("PUT", "resources/R/files/a.txt", params={"inbody": "true"}, data=iter([b"a", b"b"]))
        assert chunked.status_code == 500
        assert project.call("GET", "/data/auth").ok

    def test_forms(self, project: Project) -> None:
        form = {"any": ("given.txt", b"inside")}
        assert project.call("POST", "resources/R/files", files=form).status_code == 200
        assert project.call("GET", "resources/R/files/given.txt").content == b"inside"
        refused = project.call("POST", "resources/R/files/x.txt", files=form, params={"inbody": "true"})
        assert refused.status_code == 406

    def test_post_is_the_same(self, project: Project) -> None:
        answer = project.call("POST", "resources/R/files/a.txt", data=b"x", params={"inbody": "true"})
        assert answer.status_code == 200
        assert project.call("GET", "resources/R/files/a.txt").content == b"x"

    def test_archives_are_unpacked(self, project: Project) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("in/a.txt", "a")
            archive.writestr("b.txt", "b")
        assert project.put("resources/R/files/all.zip", packed.getvalue(), extract="true").content == b""
        assert {row["URI"].split("/files/")[1] for row in project.rows("resources/R/files")} == {"in/a.txt", "b.txt"}
        again = project.put("resources/R/files/all.zip", packed.getvalue(), extract="true")
        assert again.json() == {"duplicates": ["in/a.txt", "b.txt"]}

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ("t_2024-05-01T10:00:00.json", "t_2024-05-01T10:00:00.json"),
            ("t_10%3A00.json", "t_10%3A00.json"),
            ("a%20b%3A.txt", "a b:.txt"),
        ],
    )
    def test_names_are_decoded_only_with_a_blank(self, project: Project, sent: str, stored: str) -> None:
        # Sent by hand: requests would tidy the path.
        host = urlsplit(project.url)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
        cookie = {"Cookie": f"JSESSIONID={project.http.cookies['JSESSIONID']}"}
        path = f"/data/experiments/{project.experiment}/resources/R/files/{sent}?inbody=true"
        connection.request("PUT", path, b"x", {**cookie, "Content-Type": "application/octet-stream"})
        assert connection.getresponse().status == 200
        connection.close()
        assert [row["Name"] for row in project.rows("resources/R/files")] == [stored]

    @pytest.mark.parametrize("name", ["../../escape.txt", "..%2F..%2Fescape.txt", "%2e%2e/escape.txt", "a%20/../../b"])
    def test_no_name_leads_out_of_the_resource(self, project: Project, name: str) -> None:
        host = urlsplit(project.url)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
        cookie = {"Cookie": f"JSESSIONID={project.http.cookies['JSESSIONID']}"}
        path = f"/data/experiments/{project.experiment}/resources/R/files/{name}?inbody=true"
        connection.request("PUT", path, b"x", {**cookie, "Content-Type": "application/octet-stream"})
        connection.getresponse()
        connection.close()
        catalog = project.servers.archive.catalog
        node = catalog.find("experiments", None, project.experiment)
        for resource in catalog.resources(node):
            for entry in catalog.entries(resource):
                path_on_disk = catalog.file(resource, entry.path).resolve()
                assert path_on_disk.is_relative_to(resource.folder.resolve())

    def test_failed_catalog_leaves_the_file_without_entry(self, project: Project) -> None:
        project.servers.switches.fail_next_catalog_write = True
        assert project.put("resources/R/files/a.txt", b"first").status_code == 500
        assert project.rows("resources/R/files") == []
        resource = f"/archive/experiments/{project.experiment}/resources/R"
        project.call("POST", "/data/services/refresh/catalog", params={"resource": resource, "options": "append"})
        assert [row["Name"] for row in project.rows("resources/R/files")] == ["a.txt"]
        assert project.put("resources/R/files/a.txt", b"again", overwrite="true").status_code == 200

    def test_a_broken_overwrite_leaves_a_short_file(self, project: Project) -> None:
        project.put("resources/R/files/a.txt", b"x" * 4_000_000)
        project.servers.switches.cut_upload_after = 1_000_000
        with pytest.raises(requests.ConnectionError):
            project.put("resources/R/files/a.txt", b"y" * 4_000_000, overwrite="true")
        project.servers.switches.reset()
        row = project.rows("resources/R/files")[0]
        assert int(row["Size"]) < 4_000_000
        assert row["digest"] == md5(b"x" * 4_000_000)

    def test_a_client_that_goes_away_stores_no_entry(self, project: Project) -> None:
        host = urlsplit(project.url)
        with socket.create_connection((host.hostname or "", host.port or 0), timeout=30) as connection:
            head = (
                f"PUT /data/experiments/{project.experiment}/resources/R/files/a.txt?inbody=true HTTP/1.1\r\n"
                f"Host: x\r\nCookie: JSESSIONID={project.http.cookies['JSESSIONID']}\r\nContent-Length: 1000\r\n\r\n"
            )
            connection.sendall(head.encode() + b"only this")
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)
        assert project.call("GET", "resources/R/files/a.txt").status_code == 404

    def test_large_bodies_have_the_right_digest(self, project: Project) -> None:
        data = bytes(range(256)) * 20_000
        project.put("resources/R/files/big.bin", data)
        assert project.rows("resources/R/files")[0]["digest"] == md5(data)
        assert project.call("GET", "resources/R/files/big.bin").content == data


class TestDeleting:
    def test_a_member_may_not(self, project: Project) -> None:
        project.put("resources/R/files/a.txt")
        assert project.call("DELETE", "resources/R/files/a.txt").status_code == 403
        assert project.call("DELETE", "resources/R").status_code == 403

    def test_an_owner_may(self, project: Project) -> None:
        project.put("resources/R/files/in/a.txt")
        project.put("resources/R/files/b.txt")
        assert project.call("DELETE", "resources/R/files/in", user="coordinator").status_code == 200
        assert [row["Name"] for row in project.rows("resources/R/files")] == ["b.txt"]
        assert project.call("DELETE", "resources/R/files/none", user="coordinator").text == "No matched files"
        for _ in range(2):
            assert project.call("DELETE", "resources/R", user="coordinator").status_code == 200
        assert project.rows("resources") == []


class TestQuality:
    def set(self, project: Project, scan: str = "1", user: str = "", **params: str) -> requests.Response:
        return project.call("PUT", f"scans/{scan}", user, params=params)

    def quality(self, project: Project) -> tuple[str, str]:
        row = project.rows("scans")[0]
        return row["quality"], row["note"]

    @pytest.mark.parametrize("prefix", ["", "xnat:mrScanData/", "xnat:imageScanData/"])
    def test_set_and_clear(self, project: Project, prefix: str) -> None:
        fields = {f"{prefix}quality": "unusable", f"{prefix}note": "motion"}
        answer = self.set(project, xsiType="xnat:mrScanData", **fields)
        assert (answer.status_code, answer.content) == (200, b"")
        assert self.quality(project) == ("unusable", "motion")
        self.set(project, **{f"{prefix}note": "NULL"})
        assert self.quality(project) == ("unusable", "")

    def test_a_path_of_another_type_does_nothing(self, project: Project) -> None:
        assert self.set(project, **{"xnat:ctScanData/note": "lost"}).status_code == 200
        assert self.quality(project) == ("", "")

    def test_types(self, project: Project) -> None:
        assert self.set(project, xsiType="xnat:imageScanData", quality="x").status_code == 400
        assert self.set(project, xsiType="xnat:ctScanData", quality="x").status_code == 409
        assert self.set(project, scan="99", quality="x").status_code == 417
        assert self.set(project, scan="99", xsiType="xnat:mrScanData", quality="x").status_code == 200
        assert [row["ID"] for row in project.rows("scans")] == ["1", "2", "99"]

    def test_without_the_right(self, project: Project) -> None:
        project.servers.archive.catalog.add_project(project.name, {"reader2": "Collaborators"})
        answer = self.set(project, user="reader2", quality="x")
        assert answer.status_code == 403
        assert answer.text.startswith("Specified user account has insufficient edit privileges")

    def test_values_come_back_escaped(self, project: Project) -> None:
        self.set(project, note="a & b")
        assert self.quality(project)[1] == "a &amp; b"

    def test_labels_on_offer(self, project: Project) -> None:
        answer = project.call("GET", "/data/services/scan-quality-labels")
        assert answer.json() == {"site": ["usable", "questionable", "unusable"]}

    def test_custom_variables(self, project: Project) -> None:
        name = "xnat:mrSessionData/fields/field[name=grade]/field"
        path = f"/data/experiments/{project.experiment}"
        project.call("PUT", path, params={"xsiType": "xnat:mrSessionData", name: "2"})
        item = project.call("GET", path, params={"format": "json"}).json()["items"][0]
        assert item["children"][0]["items"][0]["data_fields"] == {"name": "grade", "field": "2"}


class TestSwitches:
    def test_another_process_may_set_them(self, project: Project) -> None:
        path = "/xapi/viewr/switches"
        assert project.call("PUT", path, json={"archive_unavailable": 1}).status_code == 403
        assert project.call("PUT", path, user="coordinator", json={"archive_unavailable": 1}).status_code == 200
        assert project.call("GET", "/data/auth").status_code == 503
        assert project.call("GET", "/data/auth").status_code == 200
        assert project.call("PUT", path, user="coordinator", json={"none": 1}).status_code == 400
