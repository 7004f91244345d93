"""The forms of a report: of a whole company, each beside the audit that it is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph_service.alignment.audit import DEFAULTS, AuditReport, audit
from graph_service.render.audit import FORMS
from graph_service.web.asking import Asked
from graph_service.web.audits import page
from tests.benchmarks.company import AS_OF
from tests.benchmarks.table import once, say, undisturbed
from tests.benchmarks.test_audit import staffed

SIZE = 100_000
PROMISED = "< 10 s"


@pytest.fixture(scope="module")
def audited() -> Iterator[tuple[AuditReport, float]]:
    """The report of a large company, and how long its audit took."""
    graph = staffed(SIZE)
    with undisturbed():
        reports: list[AuditReport] = []
        taken = once(lambda: reports.append(audit(graph, DEFAULTS, AS_OF)))
        yield reports[0], taken


@pytest.mark.parametrize("name", FORMS)
def test_form(audited: tuple[AuditReport, float], name: str) -> None:
    report, whole = audited
    form = FORMS[name]
    if not form.available:
        pytest.skip("an extra is not installed")
    written: list[bytes] = []
    taken = once(lambda: written.append(form.write(report)))
    anchor = f"{len(written[0]) / 1e6:.1f} MB; the audit {whole:.1f} s"
    say(f"audit as {name}, {SIZE:,} goals", f"{taken:.2f} s", anchor, PROMISED)
    assert taken < 10


@pytest.mark.parametrize("question", [Asked(), Asked(q="person"), Asked("findings", sort="-owner", page=3)], ids=str)
def test_page(audited: tuple[AuditReport, float], question: Asked) -> None:
    report, whole = audited
    taken = once(lambda: page(report, question))
    say(f"{question.address()}, {SIZE:,} goals", f"{taken:.2f} s", f"the audit {whole:.1f} s", "< 3 s")
    assert taken < 3
