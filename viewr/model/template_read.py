"""From the text of a template to `Template`: top level, contexts, scans, annotations and presets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from viewr.model.document_text import Members, TextFault, plain, read_document
from viewr.model.errors import TemplateError
from viewr.model.labelmap import Label
from viewr.model.template import AnnotationSpec, Context, Field, ScanSpec, Template, walk_fields
from viewr.model.template_colour import PALETTE, parse_colour
from viewr.model.template_fields import read_fields
from viewr.model.template_item import Item, ProblemLog, as_number, closest, shown
from viewr.model.template_quality import with_quality_marks, with_state_marks
from viewr.model.template_views import check_presets, read_preset, read_viewports

_CONTEXT_KEYS = ("viewports", "scans", "annotations", "qa_fields")
_TOP_KEYS = (
    "template_name", "sop", "link_localizers", "mdl_layout", "presets", "contexts", *_CONTEXT_KEYS,
    "mode", "quality", "require_full_read", "timer",
)  # fmt: skip
_LABEL_KEYS = ("name", "description", "colour", "color", "opacity")
#: Labels that an annotation may have; 16 bits of voxel value.
_MAX_VALUE = 65535
#: Each context has views and a form of its own, each annotation a list of labels.
MAX_CONTEXTS, MAX_ANNOTATIONS = 50, 100


def read_template(text: str) -> Template:
    """Read the text of a template; `viewr.model.template.load_template` is the public name."""
    try:
        document = read_document(text)
    except TextFault as exc:
        place = f" (line {exc.line})" if exc.line else ""
        raise TemplateError(f"The template cannot be read{place}: {exc.message}", exc.hint) from exc
    if not isinstance(document.value, Members):
        raise TemplateError(
            f"The template is {_kind(document.value)}, not a mapping.",
            "A template has members such as template_name, viewports and qa_fields.",
        )
    log = ProblemLog()
    for line, sentence in document.remarks:
        log.add("", sentence, "warning", line)
    root = Item(document.value, "", document.line, log)
    return _template(root, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _kind(value: Any) -> str:
    return "empty" if value is None else "a list" if isinstance(value, list) else f"the text or number {shown(value)}"


def _template(root: Item, sha256: str) -> Template:
    root.require("template_name", "sop")
    extra = root.unknown(_TOP_KEYS)
    extra |= {key: root.boolean(key, False) for key in ("require_full_read", "timer") if root.has(key)}
    outer_layout, contexts = _contexts(root)
    presets = tuple(read_preset(item, number) for number, item in enumerate(root.child("presets").items(), 1))
    check_presets(root, presets, contexts)
    mode = root.choice("mode", {"qc": "qc", "": ""}, "")
    quality = _quality(root.child("quality"), contexts)
    return with_state_marks(Template(
        name=root.text("template_name").strip(),
        contexts=with_quality_marks(contexts, quality),
        sop=root.text("sop"),
        link_localizers=root.boolean("link_localizers", False),
        mdl_layout=outer_layout,
        presets=presets,
        mode=mode,
        quality=quality,
        extra=MappingProxyType(plain(extra)),
        sha256=sha256,
        problems=tuple(root.log.problems),
    ))  # fmt: skip


def _contexts(root: Item) -> tuple[str, tuple[Context, ...]]:
    """The layout around the contexts, and the contexts."""
    single = [key for key in _CONTEXT_KEYS if root.has(key)]
    several = root.child("contexts")
    if several.value is None:
        if not single:
            raise TemplateError(
                "The template has neither contexts nor viewports, scans, annotations or qa_fields.",
                "Nothing of it can be shown.",
            )
        return _single_context(root)
    if single:
        root.warn(f"The template has both 'contexts' and '{single[0]}'; 'contexts' counts.")
    return root.text("mdl_layout"), _several_contexts(several)


def _single_context(root: Item) -> tuple[str, tuple[Context, ...]]:
    layout = root.text("mdl_layout")
    is_outer = re.search(r"\{\s*default\s*\}", layout) is not None
    outer, inner = (layout, "") if is_outer else ("", layout)
    return outer, (_context(root, "default", inner),)


def _several_contexts(item: Item) -> tuple[Context, ...]:
    contexts: list[Context] = []
    for name, member in item.members():
        if len(contexts) >= MAX_CONTEXTS:
            member.error(f"There are more than {MAX_CONTEXTS} contexts; this one and what follows is left out.")
            break
        if isinstance(member.value, Members):
            member.unknown((*_CONTEXT_KEYS, "mdl_layout"))
            contexts.append(_context(member, name, member.text("mdl_layout")))
        else:
            member.error(f"The context '{name}' must be a mapping, not {shown(member.value)}; it is left out.")
    if not contexts:
        raise TemplateError("None of the template's contexts can be shown.", "Each context is a mapping with a name.")
    return tuple(contexts)


def _context(item: Item, name: str, layout: str) -> Context:
    item.require(*_CONTEXT_KEYS)
    scans = tuple(_scan(member, key) for key, member in item.child("scans").members())
    annotations = tuple(_annotations(item.child("annotations")))
    viewports = read_viewports(item.child("viewports"), scans, annotations)
    return Context(name, viewports, scans, annotations, read_fields(item.child("qa_fields")), layout)


def _scan(item: Item, name: str) -> ScanSpec:
    if not isinstance(item.value, Members):
        if item.value is not None:
            item.warn(f"The scan '{name}' must be a mapping, not {shown(item.value)}.")
        return ScanSpec(name)
    protocols = item.child("protocols").value
    named = protocols if isinstance(protocols, list) else [] if protocols is None else [protocols]
    extra = {key: plain(member.value) for key, member in item.members() if key not in ("modality", "protocols")}
    return ScanSpec(name, item.text("modality"), tuple(str(protocol) for protocol in named), MappingProxyType(extra))


def _annotations(item: Item) -> Iterator[AnnotationSpec]:
    for number, (name, member) in enumerate(item.members()):
        if number >= MAX_ANNOTATIONS:
            member.error(f"There are more than {MAX_ANNOTATIONS} annotations; this one and what follows is left out.")
            return
        yield _annotation(member, name)


def _annotation(item: Item, name: str) -> AnnotationSpec:
    item.unknown(("type", "editable", "editors", "labels"))
    kind = item.text("type", "pixel").strip().lower()
    if kind != "pixel":
        item.warn(f"The annotation '{name}' has the type '{kind}', which cannot be edited; it is shown only.")
    editable = item.boolean("editable", _has_pixel_editor(item.child("editors")))
    return AnnotationSpec(name, editable and kind == "pixel", _labels(item.child("labels")))


def _has_pixel_editor(editors: Item) -> bool:
    named = editors.value if isinstance(editors.value, list) else [editors.value]
    for editor in named:
        if editor is not None and editor != "pixel":
            editors.warn(f"The editor {shown(editor)} is not known; it is left out.")
    return "pixel" in named


def _labels(item: Item) -> tuple[Label, ...]:
    found: dict[int, Label] = {}
    for key, member in item.members():
        label = _label(member, key)
        if label is not None:
            found[label.value] = label
    return tuple(found[value] for value in sorted(found))


def _label(item: Item, key: str) -> Label | None:
    value = as_number(key)
    if value is None or value != int(value) or not 1 <= value <= _MAX_VALUE:
        item.error(f"The label '{key[:40]}' must be a voxel value from 1 to {_MAX_VALUE}; it is left out.")
        return None
    if isinstance(item.value, str):
        return Label(int(value), item.value, colour=PALETTE[int(value) % len(PALETTE)])
    item.unknown(_LABEL_KEYS)
    return Label(
        int(value),
        name=item.text("name", key),
        description=item.text("description"),
        colour=_label_colour(item, int(value)),
        opacity=_opacity(item.child("opacity")),
    )


def _label_colour(item: Item, value: int) -> tuple[int, int, int]:
    given = item.child("colour" if item.has("colour") else "color")
    colour = parse_colour(given.value)
    if colour is None and given.value is not None:
        given.warn(f"{shown(given.value)} is no colour; another one is used.")
    return colour or PALETTE[value % len(PALETTE)]


def _opacity(item: Item) -> float:
    number = as_number(item.value)
    if number is None:
        if item.value is not None:
            item.warn(f"The opacity must be a number from 0 to 1, not {shown(item.value)}; 0.5 is used.")
        return 0.5
    return min(1.0, max(0.0, float(number)))


def _quality(item: Item, contexts: tuple[Context, ...]) -> Mapping[str, Any] | None:
    """What the verdict does to the scan's quality in the archive; our extension for quality control."""
    if item.value is None:
        return None
    if not isinstance(item.value, Members):
        item.error(f"'quality' must be a mapping, not {shown(item.value)}; it is left out.")
        return None
    item.unknown(("field", "listing", "map", "note", "scan"))
    fields = {path: field for context in contexts for path, field in walk_fields(context.fields)}
    listing = item.text("listing")
    for key in ("listing", "field", "note"):
        _check_quality_field(item, key, listing, fields)
    given: dict[str, Any] = plain(item.value)
    given["map"] = {key: str(member.value) for key, member in item.child("map").members()}
    return MappingProxyType(given)


def _check_quality_field(item: Item, key: str, listing: str, fields: Mapping[str, Field]) -> None:
    name = item.text(key)
    path = f"{listing}/{name}" if listing and key != "listing" else name
    if name and path.replace(".", "/") not in fields:
        item.child(key).warn(f"'quality' names the field '{path}', which does not exist.{closest(path, fields)}")
