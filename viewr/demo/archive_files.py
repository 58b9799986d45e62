"""Files of the embedded archive: list, download, upload, delete."""

from __future__ import annotations

import fnmatch
import mimetypes
import re
import tempfile
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

from werkzeug import Response

from viewr.demo.archive_browse import find_resource
from viewr.demo.archive_call import Call, Refused, ancestors, uri
from viewr.demo.archive_catalog import Entry, Node, Resource
from viewr.demo.archive_tables import FILE_COLUMNS, table
from viewr.demo.archive_transfer import Readable, cut, pieces, receive, tarred, unpack, zipped

#: Bodies of these types are read without `inbody=true`; application/json is not among them.
_KNOWN_TYPES = {
    "application/octet-stream", "text/plain", "text/xml", "application/zip", "application/x-zip-compressed",
    "application/dicom", "application/pdf", "image/jpeg", "image/png", "application/x-gzip",
}  # fmt: skip

Found = tuple[Node, Resource, Entry]


def read_files(call: Call) -> Response:
    """A list of files, an archive of them, or one file."""
    nodes = call.targets(fall_back=True)
    resources = _resources(call, nodes)
    wanted = call.path.file
    if wanted and len(resources) == 1:
        entry = call.catalog.entry(resources[0][1], wanted)
        if entry is not None:
            return _send(call, resources[0][1], entry)
    found = _filtered(call, _listed(call, resources))
    if wanted and not found:
        if call.query.get("accept-not-found") == "true":
            return Response(status=204)
        raise Refused(404, "Unable to find catalog entry for given uri.")
    kind = call.query.get("format", "json")
    if kind in ("zip", "tar", "tar.gz"):
        return _pack(call, found, kind)
    nodes_found = {node.pk: node for node, _, _ in found}
    prefixes = {pk: uri(call, node, plain=len(resources) > 1) for pk, node in nodes_found.items()}
    rows = [_file_row(call, item, prefixes[item[0].pk]) for item in found]
    return table(rows, FILE_COLUMNS, call.query, "Files")


def upload(call: Call) -> Response:
    """Store the body; without the right to edit it answers 200 all the same and stores nothing."""
    node = call.target()
    _check_body(call)
    if not call.may_edit(node) or call.switches.deny_writes_silently:
        return Response("", mimetype="text/plain")
    resource = _resource_to_write(call, node)
    if call.request.mimetype == "multipart/form-data":
        duplicates = [name for name, body in _parts(call) if not _store_part(call, resource, name, body)]
    elif call.query.get("extract") == "true":
        duplicates = _extract(call, resource)
    else:
        length = call.request.content_length or 0
        stored = _store(call, resource, call.path.file, call.environ["wsgi.input"], length)
        duplicates = [] if stored else [call.path.file]
    if duplicates:
        listed = ",".join(f'"{name}"' for name in duplicates)
        return Response(f'{{"duplicates":[{listed}]}}', mimetype="text/html")
    return Response("", mimetype="text/plain")


def delete_files(call: Call) -> Response:
    """Delete a file or a folder of files; members may not."""
    node = call.target()
    resource = find_resource(call, node)
    if not call.may_delete(node):
        raise Refused(403, "Specified user account has insufficient delete privileges for sessions in this project.")
    wanted = call.path.file.rstrip("/")
    doomed = [e for e in call.catalog.entries(resource) if e.path == wanted or e.path.startswith(wanted + "/")]
    if not doomed:
        raise Refused(404, "No matched files")
    for entry in doomed:
        call.catalog.remove_entry(resource, entry.path)
        if call.query.get("removeFiles") != "false":
            call.catalog.file(resource, entry.path).unlink(missing_ok=True)
    return Response("", mimetype="text/plain")


def refresh(call: Call, resource: Resource) -> None:
    """Take files that lie on the disk without an entry into the catalog."""
    known = {call.catalog.file(resource, entry.path) for entry in call.catalog.entries(resource)}
    for path in sorted(resource.folder.rglob("*")):
        if path.is_file() and path not in known:
            name = path.relative_to(resource.folder).as_posix()
            call.catalog.put_entry(Entry(resource.pk, name, "", "", "", "", "", ""))


def _resources(call: Call, nodes: list[Node]) -> list[tuple[Node, Resource]]:
    ref = call.path.names.get("resources")
    if ref is not None and len(nodes) == 1 and "," not in ref:
        return [(nodes[0], find_resource(call, nodes[0]))]
    wanted = None if ref is None else set(ref.split(","))
    return [
        (node, resource)
        for node in nodes
        for resource in call.catalog.resources(node)
        if wanted is None or resource.label in wanted or str(resource.pk) in wanted
    ]


def _listed(call: Call, resources: list[tuple[Node, Resource]]) -> list[Found]:
    return [(node, resource, entry) for node, resource in resources for entry in call.catalog.entries(resource)]


def _filtered(call: Call, found: list[Found]) -> list[Found]:
    query, wanted = call.query, call.path.file
    if wanted:
        found = [item for item in found if _path_matches(item[2].path, wanted)]
    if "file_format" in query:
        found = [item for item in found if item[2].format in query["file_format"].split(",")]
    if "file_content" in query:
        found = [item for item in found if item[2].content in query["file_content"].split(",")]
    if query.get("index", "").isdecimal():
        found = found[int(query["index"]) :][:1]
    return found


def _path_matches(path: str, wanted: str) -> bool:
    if "*" in wanted:
        return fnmatch.fnmatchcase(path, wanted)
    return path == wanted or path.startswith(wanted.rstrip("/") + "/")


def _file_row(call: Call, item: Found, prefix: str) -> dict[str, str]:
    _, resource, entry = item
    path = call.catalog.file(resource, entry.path)
    return {
        "Name": entry.path.rsplit("/", 1)[-1],
        "Size": str(path.stat().st_size) if path.is_file() else "",
        "URI": f"{prefix}/resources/{resource.pk}/files/{entry.path}",
        "collection": resource.label,
        "file_tags": entry.tags,
        "file_format": entry.format,
        "file_content": entry.content,
        "cat_ID": str(resource.pk),
        "digest": entry.digest,
    }


def _send(call: Call, resource: Resource, entry: Entry) -> Response:
    """One file; no ETag, and a Range is not understood."""
    path = call.catalog.file(resource, entry.path)
    if not path.is_file():
        raise Refused(404, "Unable to find file.")
    info = path.stat()
    name = path.name.replace('"', "")
    headers = {
        "Content-Length": str(info.st_size),
        "Last-Modified": formatdate(info.st_mtime, usegmt=True),
        "Cache-Control": "must-revalidate",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    kind = mimetypes.guess_type(entry.path)[0] or "application/octet-stream"
    body: Iterator[bytes] | list[bytes] = []
    if call.request.method != "HEAD":
        call.switches.await_download()
        body = pieces(path, call.switches.cut_download_after)
    return Response(body, headers=headers, content_type=kind, direct_passthrough=True)


def _pack(call: Call, found: list[Found], kind: str) -> Response:
    """A stream without a length; sent in chunks."""
    if not found and not call.path.file and not _resources(call, call.targets(fall_back=True)):
        raise Refused(404, "No matching files.")
    members = [(_member_name(call, item), call.catalog.file(item[1], item[2].path)) for item in found]
    if kind == "zip":
        body, mimetype = zipped(members, int(call.query.get("compression") or 0)), "application/zip"
    else:
        body, mimetype = tarred(members, kind == "tar.gz"), "application/x-tar"
    headers = {"Content-Disposition": f'attachment; filename="files.{kind}"'}
    return Response(_cut(body, call.switches.cut_download_after), headers=headers, mimetype=mimetype)


def _cut(body: Iterator[bytes], cut_after: int) -> Iterator[bytes]:
    sent = 0
    for piece in body:
        yield from cut(piece, sent, cut_after)
        sent += len(piece)


def _member_name(call: Call, item: Found) -> str:
    node, resource, entry = item
    chain = {step.kind: step for step in ancestors(call.catalog, node)}
    parts = [chain["experiments"].label if "experiments" in chain else node.label]
    if node.kind == "scans":
        kind = re.sub(r"[^A-Za-z0-9_-]", "_", str(node.fields.get("type", "")))
        parts += ["scans", f"{node.ident}-{kind}"]
    elif node.kind == "assessors":
        parts += ["assessors", node.label]
    if call.query.get("structure") == "simplified":
        return "/".join([*parts, resource.label, entry.path])
    return "/".join([*parts, "resources", resource.label, "files", entry.path])


def _check_body(call: Call) -> None:
    request, inbody = call.request, call.query.get("inbody") == "true"
    multipart = request.mimetype == "multipart/form-data"
    if multipart and inbody:
        raise Refused(406, "A form is no body.")
    if not inbody and not multipart and request.mimetype not in _KNOWN_TYPES:
        raise Refused(400, "No content was found in the request.")
    if not request.content_length and request.mimetype != "application/zip":
        raise Refused(500, "The body is empty or has no length.")


def _resource_to_write(call: Call, node: Node) -> Resource:
    """The resource of the path; the first file of a label makes it."""
    ref = call.path.names.get("resources", "")
    resource = call.catalog.resource(node, ref)
    if resource is None:
        if ref.isdecimal():
            raise Refused(403 if call.catalog.resource_exists(ref) else 404, "Unable to find the specified catalog.")
        with call.catalog.change():
            resource = call.catalog.resource(node, ref) or call.catalog.add_resource(node, ref, call.query)
    else:
        call.catalog.describe_resource(resource, call.query)
    return resource


def _parts(call: Call) -> Iterator[tuple[str, Readable]]:
    for part in call.request.files.values():
        yield call.path.file or part.filename or "file", part.stream


def _store_part(call: Call, resource: Resource, name: str, body: Readable) -> bool:
    with tempfile.TemporaryFile() as spool:
        while piece := body.read(1 << 18):
            spool.write(piece)
        length = spool.tell()
        spool.seek(0)
        return _store(call, resource, name, spool, length)


def _extract(call: Call, resource: Resource) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "packed"
        receive(call.environ["wsgi.input"], call.request.content_length or 0, packed)
        members = unpack(packed, call.path.file)
        return [name for name, stream, length in members if not _store(call, resource, name, stream, length)]


def _store(call: Call, resource: Resource, name: str, body: Readable, length: int) -> bool:
    """Write a file, then its entry; False where the name is taken and nothing was stored."""
    if not name:
        raise Refused(400, "The file has no name.")
    taken = call.catalog.entry(resource, name) is not None
    if taken and call.query.get("overwrite") != "true":
        return False
    target = call.catalog.file(resource, name)
    digest = receive(body, length, target, call.switches.cut_upload_after)
    if call.switches.take("fail_next_catalog_write"):
        raise Refused(500, "Unable to write the catalog.")
    query = call.query
    call.catalog.put_entry(
        Entry(
            resource.pk, name, digest, query.get("format", ""), query.get("content", ""), query.get("tags", ""), "", ""
        )
    )
    return True
