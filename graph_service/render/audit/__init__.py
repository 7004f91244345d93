"""The report of an audit in its forms: same value, same bytes."""

from graph_service.render.audit.csv_form import report_csv
from graph_service.render.audit.forms import BY_SUFFIX, FORMS
from graph_service.render.audit.json_form import report_from_json, report_json, report_schema
from graph_service.render.audit.text import report_text

__all__ = ["BY_SUFFIX", "FORMS", "report_csv", "report_from_json", "report_json", "report_schema", "report_text"]
