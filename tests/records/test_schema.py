"""The JSON Schema of records against everything that is a record, and against what is none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from graph_service.records import export_records, records_schema
from graph_service.records.form import FORMS
from graph_service.sample import sample_records
from tests.records.company import random_company

SCHEMA = records_schema()
WHOLE = Draft202012Validator(SCHEMA)
BY_KIND = {kind: Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}) for kind in FORMS}


def faults(records: Iterable[dict[str, Any]]) -> list[str]:
    """What the schema of each record's kind says against it. (The whole schema tries all kinds, which takes longer.)"""
    return [error.message for record in records for error in BY_KIND[str(record["kind"])].iter_errors(record)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert sorted(kind for kind in SCHEMA["$defs"] if kind in FORMS) == sorted(FORMS)  # type: ignore[attr-defined]


def test_it_describes_the_sample_and_every_export() -> None:
    assert faults(record.fields for record in sample_records()) == []
    for seed in range(15):
        assert faults(export_records(random_company(seed))) == []


@pytest.mark.parametrize("name", ["canada-results-small", "k8s-keps", "sourcegraph-okrs"])
def test_it_describes_the_real_sets(shared: Path, name: str) -> None:
    with (shared / "data" / name / "records.jsonl").open() as lines:
        assert faults(map(json.loads, lines)) == []


def test_it_describes_the_worked_cases(shared: Path) -> None:
    cases = json.loads((shared / "vectors" / "rollup.json").read_text())["cases"]
    assert faults(record for case in cases for record in case["records"]) == []


def test_the_whole_schema_takes_one_of_each_kind() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for seed in range(6):
        for record in export_records(random_company(seed)):
            seen.setdefault(str(record["kind"]), record)
    assert sorted(seen) == sorted(FORMS)
    assert [kind for kind, record in seen.items() if not WHOLE.is_valid(record)] == []


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "epic", "id": "x", "title": "X"},
        {"kind": "objective", "title": "X"},
        {"kind": "objective", "id": "", "title": "X"},
        {"kind": "objective", "id": 5, "title": "X"},
        {"kind": "objective", "id": "x", "title": None},
        {"kind": "objective", "id": "x", "due": "1 March"},
        {"kind": "objective", "id": "x", "weight": -1},
        {"kind": "objective", "id": "x", "state": "done"},
        {"kind": "objective", "id": "x", "parents": [{"weight": 2}]},
        {"kind": "key_result", "id": "x", "target": "12"},
        {"kind": "key_result", "id": "x", "milestones": [{"id": "a"}]},
        {"kind": "key_result", "id": "x", "plan": [["2026-01-01"]]},
        {"kind": "key_result", "id": "x", "versions": [{"measure": "delta"}]},
        {"kind": "edge", "type": "aligned", "from": "a"},
        {"kind": "edge", "type": "aligned", "from": "a", "to": "b", "since": 2020},
        {"kind": "check_in", "goal": "x", "confidence": 50},
        {"kind": "check_in", "goal": "x", "reported_status": "achieved"},
        {"kind": "workspace", "check_in_days": 0},
        {"kind": "initiative", "id": "x", "tasks": [{"done": True}]},
        5,
    ],
)
def test_it_refuses_what_is_no_record(record: object) -> None:
    assert not WHOLE.is_valid(record)


def test_unknown_fields_of_nodes_are_attributes_and_null_takes_away() -> None:
    assert WHOLE.is_valid({"kind": "objective", "id": "x", "title_fr": "X", "status": [1], "owner": None, "due": None})
