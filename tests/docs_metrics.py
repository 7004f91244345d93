"""The table of metrics in docs/operating.md. ``python -m tests.docs_metrics`` writes it anew; a test compares."""

from __future__ import annotations

import re
from pathlib import Path

from graph_service.web.metrics import Metrics
from graph_service.workspace import Workspace
from tests.api.company import fill

PAGE = Path(__file__).parent.parent / "docs" / "operating.md"
PART = re.compile(r"(<!-- begin metrics -->\n).*?(<!-- end metrics -->)", re.DOTALL)


def table() -> str:
    """Every metric of the service itself: name, kind, labels, sentence; sorted."""
    rows = []
    with Workspace.open("sqlite://") as workspace:
        fill(workspace)
        metrics = Metrics(workspace)
        labels = {
            name: tuple(one._labelnames)
            for one, names in metrics.registry._collector_to_names.items()
            for name in names
            if hasattr(one, "_labelnames")
        }
        for family in metrics.registry.collect():
            if not family.name.startswith("graph_service_"):
                continue
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found = labels.get(family.name) or tuple(sorted({label for one in family.samples for label in one.labels}))
            shown = ", ".join(f"`{label}`" for label in found)
            rows.append(f"| `{name}` | {family.type} | {shown} | {family.documentation} |\n")
    return "| metric | kind | labels | what |\n| --- | --- | --- | --- |\n" + "".join(sorted(rows))


def written(text: str) -> str:
    """The page with its table made anew."""
    return PART.sub(lambda found: found[1] + table() + found[2], text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
