"""Record files and what they come to: reading, planning an import, exporting, the schema of the records."""

from graph_service.records.plan import ImportPlan, plan_import
from graph_service.records.problems import Action, ImportRefused, Problem, ProblemKind, RawRecord
from graph_service.records.read import read_records

__all__ = [
    "Action",
    "ImportPlan",
    "ImportRefused",
    "Problem",
    "ProblemKind",
    "RawRecord",
    "plan_import",
    "read_records",
]
