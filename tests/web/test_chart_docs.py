"""The page on the chart names all that is public of the web component, and nothing that is not there."""

from __future__ import annotations

import re

from graph_service.web.drawing import VIEWS, WRITERS
from tests.web.building import SOURCES

DOCS = (SOURCES.parent.parent.parent / "docs" / "chart.md").read_text(encoding="utf-8")
SOURCE = "".join(file.read_text(encoding="utf-8") for file in sorted((SOURCES / "src").glob("*.ts")))


def first_column(heading: str) -> set[str]:
    """What stands in the first column of the table under a heading."""
    section = DOCS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_attribute_is_described() -> None:
    block = SOURCE.partition("static override properties = {")[2].partition("};")[0]
    names = re.findall(r"(\w+): \{ type: \w+(?:, reflect: true)?(?:, attribute: \"([\w-]+)\")?", block)
    assert first_column("Attributes") == {attribute or name for name, attribute in names}


def test_every_event_is_described() -> None:
    told = set(re.findall(r"this\.tell\(\"(\w+)\"", SOURCE))
    assert first_column("Events") == told


def test_every_custom_property_is_described() -> None:
    section = DOCS.partition("## Colours and parts\n")[2].partition("\n## ")[0]
    described = set(re.findall(r"`(--alignment-[\w-]+)`", section))
    used = set(re.findall(r"var\((--alignment-[\w-]+)", SOURCE))
    levels = {f"--alignment-level-{number}" for number in range(1, 6)}
    assert used == (described | levels)


def test_every_part_is_described() -> None:
    line = re.search(r"^Parts for `::part\(\)`: (.*)\.$", DOCS, re.MULTILINE)
    assert line is not None
    assert set(re.findall(r"`(\w+)`", line[1])) == set(re.findall(r"part=\"(\w+)\"", SOURCE))


def test_every_form_of_a_page_is_described() -> None:
    assert set(VIEWS["cascade"]) == set(WRITERS)
    for name in (*WRITERS, "html"):
        assert f"`.{name}`" in DOCS
