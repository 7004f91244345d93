"""Record files and what they come to: reading, planning an import, exporting, the schema of the records."""

from graph_service.records.export import Record, export_records
from graph_service.records.plan import ImportPlan, OnProblem, plan_import
from graph_service.records.problems import Action, ImportRefused, Problem, ProblemKind, RawRecord
from graph_service.records.read import read_records
from graph_service.records.schema import records_schema
from graph_service.records.write import write_csv, write_jsonl, write_yaml

__all__ = [
    "Action",
    "ImportPlan",
    "ImportRefused",
    "OnProblem",
    "Problem",
    "ProblemKind",
    "RawRecord",
    "Record",
    "export_records",
    "plan_import",
    "read_records",
    "records_schema",
    "write_csv",
    "write_jsonl",
    "write_yaml",
]
