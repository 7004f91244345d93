"""Ladders in layers, drawn by Graphviz in a process of its own."""

from __future__ import annotations

import pytest

from graph_service.alignment.ladder import ladder
from graph_service.errors import Invalid, Limit
from graph_service.render import ladder_dot
from graph_service.render import layered as room
from graph_service.render.layered import NODES, TURNS, layered
from tests.build import AS_OF
from tests.render.hostile import HOSTILE
from tests.render.test_svg import company, hostile

BEGINS = {"layered": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}


@pytest.fixture(autouse=True)
def graphviz() -> None:
    pytest.importorskip("pygraphviz", reason="the extra `pictures` is not installed")


def dot(title: str | None = None) -> str:
    graph = company() if title is None else hostile(title)
    found = ladder(graph, "daily-use" if title is None else "calm-apps")
    assert found is not None
    return ladder_dot(found, graph, AS_OF)


@pytest.mark.parametrize("format", BEGINS)
def test_a_ladder_is_drawn(format: str) -> None:
    picture = layered(dot(), 4, format)
    assert picture.startswith(BEGINS[format])
    if format == "layered":
        assert picture.count(b'class="node"') == 4 and picture.count(b'class="edge"') == 5


@pytest.mark.parametrize("title", HOSTILE[3:7] + HOSTILE[17:19])
def test_titles_stay_letters(title: str) -> None:
    picture = layered(dot(title), 3, "layered").decode()
    assert picture.count('class="node"') == 3
    assert "<script" not in picture and "<a " not in picture and "<image" not in picture


def test_too_many_goals_are_refused_before_anything_is_drawn() -> None:
    with pytest.raises(Limit, match=rf"^{NODES + 1} goals are too many for a picture in layers: at most 300;"):
        layered("not even DOT", NODES + 1, "png")


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(Limit, match=r"^the picture was not drawn within 0\.01 seconds"):
        layered(dot(), 4, "png", 0.01)
    assert TURNS.acquire(blocking=False)
    TURNS.release()


def test_what_graphviz_cannot_read_is_refused() -> None:
    with pytest.raises(Limit, match="could not draw"):
        layered("digraph {{{", 1, "png")


def test_without_the_extra_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    with pytest.raises(Invalid, match=r"pip install 'graph-service\[pictures\]'"):
        layered(dot(), 4, "png")
