"""The data model that the embedded archive publishes: enough of XNAT's for clients that build classes from it."""

from __future__ import annotations

_SESSIONS = ("mr", "ct", "pet", "petmr", "us", "xa", "cr", "dx", "mg", "otherDicom")
_SCANS = ("mr", "ct", "pet", "us", "xa", "cr", "dx", "mg", "seg", "rtImage", "sc", "sr", "otherDicom")

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema targetNamespace="http://nrg.wustl.edu/xnat" xmlns:xnat="http://nrg.wustl.edu/xnat"
 xmlns:xdat="http://nrg.wustl.edu/xdat" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 elementFormDefault="qualified" attributeFormDefault="unqualified">
"""


def schema() -> str:
    """The XML schema of the types that the archive knows."""
    parts = [_HEAD]
    parts += [_element(name) for name in ("Project", "Subject", *(f"{kind}Session" for kind in _cased(_SESSIONS)))]
    parts += [_element(f"{kind}Scan") for kind in _cased(_SCANS)]
    parts += [_element(name) for name in ("QCManualAssessment", "ResourceCatalog")]
    parts += [_BASE]
    parts += [_derived(f"{kind}SessionData", "imageSessionData") for kind in _SESSIONS]
    parts += [_derived(f"{kind}ScanData", "imageScanData") for kind in _SCANS]
    return "".join([*parts, "</xs:schema>\n"])


def _cased(kinds: tuple[str, ...]) -> list[str]:
    return [kind.upper() if len(kind) < 4 else kind[0].upper() + kind[1:] for kind in kinds]


_TYPES = {
    "Project": "projectData",
    "Subject": "subjectData",
    "QCManualAssessment": "qcManualAssessorData",
    "ResourceCatalog": "resourceCatalog",
}


def _element(name: str) -> str:
    lowered = {f"{cased}{suffix}": f"{kind}{suffix}Data" for kinds, suffix in ((_SESSIONS, "Session"), (_SCANS, "Scan"))
               for kind, cased in zip(kinds, _cased(kinds), strict=True)}  # fmt: skip
    return f'<xs:element name="{name}" type="xnat:{_TYPES.get(name) or lowered[name]}"/>\n'


def _derived(name: str, base: str) -> str:
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:extension base="xnat:{base}">'
        "<xs:sequence/></xs:extension></xs:complexContent></xs:complexType>\n"
    )


_BASE = """<xs:complexType name="abstractResource"><xs:sequence>
 <xs:element name="note" type="xs:string" minOccurs="0"/></xs:sequence>
 <xs:attribute name="label" type="xs:string"/><xs:attribute name="file_count" type="xs:integer"/>
 <xs:attribute name="file_size" type="xs:long"/></xs:complexType>
<xs:complexType name="resource"><xs:complexContent><xs:extension base="xnat:abstractResource"><xs:sequence/>
 <xs:attribute name="URI" type="xs:string"/><xs:attribute name="format" type="xs:string"/>
 <xs:attribute name="content" type="xs:string"/></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="resourceCatalog"><xs:complexContent><xs:extension base="xnat:resource"><xs:sequence/>
 </xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="projectData"><xs:sequence><xs:element name="name" type="xs:string" minOccurs="0"/>
 <xs:element name="description" type="xs:string" minOccurs="0"/></xs:sequence>
 <xs:attribute name="ID" type="xs:string"/><xs:attribute name="secondary_ID" type="xs:string"/></xs:complexType>
<xs:complexType name="subjectData"><xs:sequence>
 <xs:element name="experiments" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="experiment" type="xnat:subjectAssessorData" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence></xs:complexType></xs:element></xs:sequence>
 <xs:attribute name="ID" type="xs:string"/><xs:attribute name="project" type="xs:string"/>
 <xs:attribute name="label" type="xs:string"/></xs:complexType>
<xs:complexType name="experimentData"><xs:sequence>
 <xs:element name="date" type="xs:date" minOccurs="0"/><xs:element name="time" type="xs:time" minOccurs="0"/>
 <xs:element name="note" type="xs:string" minOccurs="0"/>
 <xs:element name="resources" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="resource" type="xnat:abstractResource" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence></xs:complexType></xs:element></xs:sequence>
 <xs:attribute name="ID" type="xs:string"/><xs:attribute name="project" type="xs:string"/>
 <xs:attribute name="label" type="xs:string"/></xs:complexType>
<xs:complexType name="subjectAssessorData"><xs:complexContent><xs:extension base="xnat:experimentData">
 <xs:sequence><xs:element name="subject_ID" type="xs:string" minOccurs="0"/></xs:sequence>
 </xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="imageAssessorData"><xs:complexContent><xs:extension base="xnat:experimentData">
 <xs:sequence><xs:element name="imageSession_ID" type="xs:string" minOccurs="0"/></xs:sequence>
 </xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="qcManualAssessorData"><xs:complexContent><xs:extension base="xnat:imageAssessorData">
 <xs:sequence><xs:element name="rater" type="xs:string" minOccurs="0"/>
 <xs:element name="comments" type="xs:string" minOccurs="0"/><xs:element name="pass" type="xs:string" minOccurs="0"/>
 </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="imageScanData"><xs:sequence>
 <xs:element name="note" type="xs:string" minOccurs="0"/><xs:element name="quality" type="xs:string" minOccurs="0"/>
 <xs:element name="condition" type="xs:string" minOccurs="0"/>
 <xs:element name="series_description" type="xs:string" minOccurs="0"/>
 <xs:element name="modality" type="xs:string" minOccurs="0"/>
 <xs:element name="frames" type="xs:integer" minOccurs="0"/>
 <xs:element name="file" type="xnat:abstractResource" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
 <xs:attribute name="ID" type="xs:string"/><xs:attribute name="type" type="xs:string"/>
 <xs:attribute name="UID" type="xs:string"/><xs:attribute name="project" type="xs:string"/></xs:complexType>
<xs:complexType name="imageSessionData"><xs:complexContent><xs:extension base="xnat:subjectAssessorData">
 <xs:sequence><xs:element name="scans" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="scan" type="xnat:imageScanData" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence></xs:complexType></xs:element>
 <xs:element name="assessors" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="assessor" type="xnat:imageAssessorData" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence></xs:complexType></xs:element></xs:sequence>
 <xs:attribute name="UID" type="xs:string"/><xs:attribute name="modality" type="xs:string"/>
 </xs:extension></xs:complexContent></xs:complexType>
"""
