"""The report as JSON and back: an earlier report is the baseline of a later one."""

from __future__ import annotations

import msgspec

from graph_service.alignment.audit.report import FORMAT, AuditReport
from graph_service.errors import Invalid

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(AuditReport)


def report_json(report: AuditReport) -> bytes:
    """The report as indented JSON with a line end; the same value gives the same bytes."""
    return msgspec.json.format(_ENCODER.encode(report), indent=2) + b"\n"


def report_schema() -> dict[str, object]:
    """The JSON Schema of the report, as draft 2020-12."""
    title = "Audit of an alignment graph"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title} | msgspec.json.schema(
        AuditReport
    )


def report_from_json(data: bytes, name: str) -> AuditReport:
    """The report that ``report_json`` wrote; ``name`` is that of its file. Invalid where it is none."""
    try:
        report = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Invalid(f"{name} is no report of an audit: {wrong}; write one by `graph-service audit --json`") from None
    if report.format != FORMAT:
        raise Invalid(f"{name} has the format '{report.format}'; this version reads '{FORMAT}'")
    return report
