"""Ladders, cascades and charts in Mermaid and DOT: exact bytes, and nothing breaks out of its quotes."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.alignment.cascade import cascade
from graph_service.alignment.graph import AlignmentGraph
from graph_service.alignment.ladder import ladder
from graph_service.alignment.org import org_chart
from graph_service.models.words import GoalState, Status
from graph_service.render import (
    cascade_dot,
    cascade_mermaid,
    ladder_dot,
    ladder_mermaid,
    org_dot,
    org_mermaid,
)
from graph_service.render.letters import clean, short
from graph_service.render.picture import COLOURS, TITLE_LETTERS, TONES
from tests.alignment.random_company import stir
from tests.build import AS_OF, Blind, aligned, grow, key_result, objective, person, quarter, team
from tests.render.hostile import CONTROLS, HOSTILE


def company() -> AlignmentGraph:
    return grow(
        quarter(),
        team("apps"),
        person("ines", None, "apps", name="Inês Carvalho"),
        person("luis", "ines", name="Luís Ferreira"),
        person("rosa", "luis", dotted="ines"),
        objective("grow-revenue", top=True, owner="ines", period="2026-Q1", title='Grow "real" revenue & more'),
        key_result("more-lines", "grow-revenue", 10, owner="luis"),
        objective("calm-apps", ("more-lines", 2.0), "grow-revenue", period="2026-Q1"),
        key_result("daily-use", "calm-apps", 90),
        aligned("daily-use", "grow-revenue"),
        aligned("calm-apps", "grow-revenue", 0.5),
    )


def drawn(graph: AlignmentGraph, goal: str = "daily-use", root: str = "grow-revenue", depth: int = 9) -> dict[str, str]:
    up, down, chart = ladder(graph, goal), cascade(graph, root, depth), org_chart(graph, None, depth)
    assert up is not None and down is not None and chart is not None
    return {
        "ladder.mmd": ladder_mermaid(up, graph, AS_OF),
        "cascade.mmd": cascade_mermaid(down, graph, AS_OF),
        "org.mmd": org_mermaid(chart, graph, AS_OF),
        "ladder.dot": ladder_dot(up, graph, AS_OF),
        "cascade.dot": cascade_dot(down, graph, AS_OF),
        "org.dot": org_dot(chart, graph, AS_OF),
    }


def test_a_ladder_in_mermaid() -> None:
    assert (
        drawn(company())["ladder.mmd"]
        == """\
flowchart BT
  n0["Grow #34;real#34; revenue #38; more<br/>58 % · on track · expected 50 %<br/>Inês Carvalho"]:::good
  n1(["More lines<br/>10 % · at risk · expected 50 %<br/>Luís Ferreira"]):::bad
  n2["Calm apps<br/>90 % · on track · expected 50 %"]:::good
  n3(["Daily use<br/>90 % · on track · expected 50 %"]):::good
  n1 --> n0
  n2 -->|"weight 2"| n1
  n2 --> n0
  n2 -.->|"aligned, weight 0.5"| n0
  n3 --> n2
  n3 -.->|"aligned"| n0
  classDef bad fill:#fee2e2,stroke:#b91c1c,color:#000000
  classDef good fill:#dcfce7,stroke:#15803d,color:#000000
"""
    )


def test_a_ladder_in_dot() -> None:
    expected = r"""digraph ladder {
  rankdir=BT;
  node [shape=box, style=filled, fontname="Helvetica", fontsize=11];
  edge [fontname="Helvetica", fontsize=9];
  "grow-revenue" [label="Grow \"real\" revenue &amp; more\n58 % · on track · expected 50 %\nInês Carvalho", fillcolor="#dcfce7", color="#15803d"];
  "more-lines" [label="More lines\n10 % · at risk · expected 50 %\nLuís Ferreira", fillcolor="#fee2e2", color="#b91c1c", style="filled,rounded"];
  "calm-apps" [label="Calm apps\n90 % · on track · expected 50 %", fillcolor="#dcfce7", color="#15803d"];
  "daily-use" [label="Daily use\n90 % · on track · expected 50 %", fillcolor="#dcfce7", color="#15803d", style="filled,rounded"];
  "more-lines" -> "grow-revenue";
  "calm-apps" -> "more-lines" [label="weight 2"];
  "calm-apps" -> "grow-revenue";
  "calm-apps" -> "grow-revenue" [label="aligned, weight 0.5", style=dashed, constraint=false];
  "daily-use" -> "calm-apps";
  "daily-use" -> "grow-revenue" [label="aligned", style=dashed, constraint=false];
}
"""  # noqa: E501
    assert drawn(company())["ladder.dot"] == expected


def test_a_cascade_says_what_it_hides() -> None:
    written = drawn(company(), depth=1)
    expected = """\
flowchart BT
  n0["Grow #34;real#34; revenue #38; more<br/>58 % · on track · expected 50 %<br/>Inês Carvalho<br/>2 more below"]:::good
  n1(["More lines<br/>10 % · at risk · expected 50 %<br/>Luís Ferreira<br/>2 more below"]):::bad
  n1 --> n0
  classDef bad fill:#fee2e2,stroke:#b91c1c,color:#000000
  classDef good fill:#dcfce7,stroke:#15803d,color:#000000
"""  # noqa: E501
    assert written["cascade.mmd"] == expected
    assert r"Luís Ferreira\n2 more below" in written["cascade.dot"]


def test_an_organization_chart() -> None:
    assert (
        drawn(company())["org.mmd"]
        == """\
flowchart BT
  n0(["Inês Carvalho<br/>1 goal · 58 %"]):::quiet
  n1(["Luís Ferreira<br/>1 goal · 10 %"]):::quiet
  n2(["Rosa"]):::quiet
  n1 --> n0
  n2 --> n1
  n2 -.-> n0
  classDef quiet fill:#f1f5f9,stroke:#475569,color:#000000
"""
    )
    written = drawn(company(), depth=0)["org.dot"]
    assert '  "ines" [label="Inês Carvalho\\n1 goal · 58 %\\n2 more below"' in written
    assert "->" not in written


def test_a_manager_who_is_not_shown_has_no_arrow() -> None:
    graph = company()
    found = org_chart(graph, "luis")
    assert found is not None
    assert "n1 --> n0" in org_mermaid(found, graph, AS_OF) and "-.->" not in org_mermaid(found, graph, AS_OF)


def test_status_is_a_word_beside_each_colour() -> None:
    assert set(TONES.values()) | {"quiet"} == set(COLOURS)
    graph = grow(
        objective("grow-revenue", top=True),
        *[objective(f"in-{state}", "grow-revenue", state=state) for state in GoalState],
        objective("past", "grow-revenue", given=0.5, start=date(2025, 1, 1), due=date(2025, 4, 1)),
    )
    found = cascade(graph, "grow-revenue")
    assert found is not None
    judged = {graph.status(node.goal, AS_OF) for node in found.nodes}
    assert judged >= {Status.DRAFT, Status.POSTPONED, Status.CANCELLED, Status.CLOSED, Status.NO_DATA, Status.OVERDUE}
    for text in (cascade_mermaid(found, graph, AS_OF), cascade_dot(found, graph, AS_OF)):
        for word in ("draft", "postponed", "cancelled", "closed", "no data", "overdue"):
            assert f"· {word}" in text


def test_an_owner_that_the_viewer_does_not_see_is_not_named() -> None:
    graph = company()
    viewer = Blind("ines")
    up, down = ladder(graph, "daily-use", viewer), cascade(graph, "grow-revenue", viewer=viewer)
    assert up is not None and down is not None
    for text in (
        ladder_mermaid(up, graph, AS_OF, viewer),
        ladder_dot(up, graph, AS_OF, viewer),
        cascade_mermaid(down, graph, AS_OF, viewer),
        cascade_dot(down, graph, AS_OF, viewer),
    ):
        assert "Inês" not in text and "Luís" in text


# ---------- whatever a title holds ----------

NODE = re.compile(r'  n\d+(?:\["(?P<box>[^"\n]*)"\]|\(\["(?P<round>[^"\n]*)"\]\)):::(?:good|warn|bad|quiet)')
ARROW = re.compile(r'  n\d+ (?:-->|-\.->)(?:\|"[a-z0-9., ]+"\|)? n\d+')
CLASS = re.compile(r"  classDef (?:good|warn|bad|quiet) fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#000000")
ENTITY = re.compile(r"#(\d+);")
DOT_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def hostile(title: str) -> AlignmentGraph:
    return grow(
        person("luis", None, name=title),
        person("rosa", "luis", name=title),
        objective("grow-revenue", top=True, title=title, owner="luis"),
        key_result("more-lines", "grow-revenue", 40, title=title),
        objective("calm-apps", "more-lines", "grow-revenue", title=title),
        aligned("calm-apps", "grow-revenue"),
    )


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS])
def test_no_title_breaks_out_of_a_mermaid_label(title: str) -> None:
    shown = short(clean(title), TITLE_LETTERS)
    for name, text in drawn(hostile(title), "calm-apps").items():
        if not name.endswith(".mmd"):
            continue
        first, *lines = text.splitlines()
        assert first == "flowchart BT"
        labels = []
        for line in lines:
            node = NODE.fullmatch(line)
            if node:
                labels.append(node["box"] if node["box"] is not None else node["round"])
            else:
                assert ARROW.fullmatch(line) or CLASS.fullmatch(line), line
        assert labels
        for label in labels:
            for part in label.split("<br/>"):
                bare = ENTITY.sub("", part)
                assert not set(bare) & set('"<>&#;:`*_$[]{}|\\~^=@') and "%%" not in bare, part
                assert not re.match(r"\d*[-+.)]", part)
            title_part = label.split("<br/>")[0]
            assert ENTITY.sub(lambda found: chr(int(found[1])), title_part) == shown


@pytest.mark.parametrize("title", [*HOSTILE, *CONTROLS])
def test_no_title_breaks_out_of_a_dot_string(title: str) -> None:
    shown = short(clean(title), TITLE_LETTERS)
    for name, text in drawn(hostile(title), "calm-apps").items():
        if not name.endswith(".dot"):
            continue
        bare = DOT_STRING.sub("", text)
        assert re.fullmatch(r"[a-z]+ (?:ladder|cascade|org) \{\n[\sA-Za-z0-9=,;\[\]>-]*\}\n", bare), bare
        labels = re.findall(r'  "[a-z-]+" \[label="((?:[^"\\]|\\.)*)"', text)
        assert labels
        for label in labels:
            read = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], label).split("\n")[0]
            assert read.replace("&amp;", "&") == shown
            assert "&" not in read.replace("&amp;", "")


def test_ids_may_hold_anything() -> None:
    id = 'a"]; b \\" & <c> {d|e} %%\\'
    graph = grow(objective(id, top=True), key_result("more-lines", id, 10))
    written = drawn(graph, "more-lines", id)
    assert '  "more-lines" -> "a\\"]; b \\\\\\" & <c> {d|e} %%\\\\";' in written["ladder.dot"].splitlines()
    assert "  n1 --> n0" in written["ladder.mmd"].splitlines()


DRAW = """
import sys
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format="svg", prog="dot"))
"""


def test_graphviz_draws_what_was_written() -> None:
    pytest.importorskip("pygraphviz", reason="the extra `pictures` is not installed")
    for title in [*HOSTILE, *CONTROLS]:
        for name, text in drawn(hostile(title), "calm-apps").items():
            if name != "cascade.dot":
                continue
            # in a process of its own, as the service does: it may end in C
            command = [sys.executable, "-W", "error", "-c", DRAW]
            done = subprocess.run(command, input=text.encode(), capture_output=True, check=True, timeout=60)
            said = done.stderr.decode().splitlines()
            assert [line for line in said if not line.startswith("Fontconfig")] == []
            svg = done.stdout.decode()
            assert svg.count('class="node"') == 3 and svg.count('class="edge"') == 4
            assert "<script" not in svg and "<a " not in svg


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_same_answer_gives_the_same_bytes(seed: int) -> None:
    graph = AlignmentGraph()
    stir(graph, Random(seed), objectives=6, key_results=6, more=30)
    for goal in sorted(graph.goals(), key=lambda goal: goal.id)[:5]:
        assert drawn(graph, goal.id, goal.id) == drawn(graph, goal.id, goal.id)
        text = drawn(graph, goal.id, goal.id)["ladder.mmd"]
        found = ladder(graph, goal.id)
        assert found is not None
        assert sum(1 for line in text.splitlines() if NODE.fullmatch(line)) == len(found.nodes)
        assert sum(1 for line in text.splitlines() if ARROW.fullmatch(line)) == len(found.edges)
