"""The report as JSON: valid by its schema, the same both ways, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from graph_service.alignment.audit import DEFAULTS, AuditReport, audit
from graph_service.errors import Invalid
from graph_service.render.audit import report_from_json, report_json, report_schema
from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.workspace import Workspace


@pytest.fixture(scope="module")
def report() -> Iterator[AuditReport]:
    """The audit of the sample company on its own day."""
    with Workspace.open("sqlite://") as workspace:
        load_sample(workspace)
        with workspace.reading() as graph:
            yield audit(graph, DEFAULTS, SAMPLE_DAY)


def test_it_is_valid_by_its_schema(report: AuditReport) -> None:
    Draft202012Validator.check_schema(report_schema())
    document = json.loads(report_json(report))
    assert list(Draft202012Validator(report_schema()).iter_errors(document)) == []
    assert document["asOf"] == "2026-05-20"
    assert document["findings"][0]["severity"] == "ERROR"


def test_it_is_read_back_as_it_was(report: AuditReport) -> None:
    again = report_from_json(report_json(report), "before.json")
    assert again == report
    assert report_json(again) == report_json(report)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "before.json is no report of an audit: Input data was truncated"),
        (b"{}", "before.json is no report of an audit: Object missing required field"),
        (b"\xff", "before.json is no report of an audit: JSON is malformed"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        report_from_json(data, "before.json")
    assert str(refused.value).startswith(said)


def test_a_report_of_another_format_is_refused(report: AuditReport) -> None:
    other = report_json(report).replace(b"graph-service-audit/1", b"graph-service-audit/9")
    with pytest.raises(Invalid) as refused:
        report_from_json(other, "before.json")
    assert str(refused.value) == (
        "before.json has the format 'graph-service-audit/9'; this version reads 'graph-service-audit/1'"
    )
