"""Ladders in layers, several parents and all, drawn by Graphviz: SVG, PNG and PDF. Needs the extra ``pictures``.

Graphviz is C that takes as long as it takes, so it draws in a process of its own, which is ended when its time is over.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from threading import BoundedSemaphore

from graph_service.errors import Invalid, Limit

FORMATS = {"layered": "svg", "png": "png", "pdf": "pdf"}
"""What can be drawn, and what Graphviz calls it."""

NODES = 300
SECONDS = 20.0
TURNS = BoundedSemaphore(2)
"""So many are drawn at once."""

EXTRA = "pictures in layers are drawn by Graphviz; install the extra: pip install 'graph-service[pictures]'"


def available() -> bool:
    """Whether Graphviz is installed along."""
    return find_spec("pygraphviz") is not None


def layered(dot: str, nodes: int, format: str, seconds: float = SECONDS) -> bytes:
    """A graph of so many nodes, given in DOT, as a picture in one of ``FORMATS``.

    Limit for more than ``NODES`` nodes, and where drawing takes longer than ``seconds``; Invalid without the extra.
    """
    if not available():
        raise Invalid(EXTRA, path=("format",))
    if nodes > NODES:
        raise Limit(f"{nodes} goals are too many for a picture in layers: at most {NODES}; take svg, or dot")
    if not TURNS.acquire(timeout=seconds):
        raise Limit("too many pictures in layers are being drawn; try again, or take svg")
    command = [sys.executable, "-I", "-m", __name__, FORMATS[format]]
    try:
        done = subprocess.run(  # noqa: S603  # this very module, and a word of ours
            command, input=dot.encode(), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Limit(f"the picture was not drawn within {seconds:g} seconds; take svg, or dot") from None
    finally:
        TURNS.release()
    if done.returncode or not done.stdout:
        raise Limit("Graphviz could not draw this picture; take svg, or dot")
    return done.stdout


def main(format: str) -> None:
    """Draws what comes in on stdin, in DOT, to stdout."""
    import pygraphviz

    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(graph.draw(format=format, prog="dot"))


if __name__ == "__main__":
    main(sys.argv[1])
