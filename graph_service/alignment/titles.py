"""Ids and titles in order: what lists are paged by and what a search looks through.

Made when it is first asked for. After that the graph tells which nodes came, went or were said anew, and only those
are put in their places: a check-in costs it nothing, and a page does not cost the graph.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import accumulate

from graph_service.alignment.vertices import Vertex
from graph_service.models.checks import TITLE_LENGTH
from graph_service.models.nodes import KIND_OF, Node, Person, Team

BEGINS, WORDS, INSIDE = 0, 1, 2
"""How a title meets a search, the nearest first: it begins with the text; each word begins a word of it; each word
stands somewhere within it."""

Found = tuple[int, str, str]
"""Something that a search has found: how it meets the text, its folded title, its id; this is also the order."""

VOICED = "\u3099\u309a"
"""Marks that make other letters of Japanese ones, and no accents."""

COUNTED = 5  # words of a search that are counted, to begin with the rarest
MANY = 1_000  # nodes that were touched, from which on all is put in order anew


class _Letters(dict[int, int | str | None]):
    """What becomes of each letter, found once: accents and what cannot be seen go."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        accent = letter not in VOICED and unicodedata.combining(letter) != 0
        self[code] = found = None if accent or unicodedata.category(letter) == "Cf" else code
        return found


# Letters that Unicode does not take apart, and marks that people type in two ways.
_letters = _Letters(str.maketrans("ıłøđðħŋŧ\u2018\u2019\u2013\u2014", "iloddhnt''--"))
_letters.update({ord("æ"): "ae", ord("œ"): "oe", ord("þ"): "th"})


def folded(text: str) -> str:
    """A text without regard to case, accents and the kind of its spaces.

    >>> folded("Équipe  Straße")
    'equipe strasse'
    >>> folded("IŞIK") == folded("ışık")
    True
    """
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKD", text.casefold()).translate(_letters).casefold()
    return " ".join(text.split())


def folded_title(fact: Node) -> str:
    """The title of a node, or the name of a person or team, folded; no longer than titles are, whatever its letters
    come apart into, so that it can be part of a cursor."""
    return folded(fact.name if isinstance(fact, Person | Team) else fact.title)[:TITLE_LENGTH]


class Shelf:
    """The nodes of one kind: their folded titles by id, their ids in order, and (title, id) in order."""

    def __init__(self, titles: dict[str, str]) -> None:
        self.titles = titles
        self.ids = sorted(titles)
        self.rows = sorted((title, id) for id, title in titles.items())
        self._text: str | None = None
        self._begins: list[int] = []

    def put(self, id: str, title: str) -> None:
        """A node is there, with this folded title."""
        known = self.titles.get(id)
        if known == title:
            return
        if known is None:
            insort(self.ids, id)
        else:
            del self.rows[bisect_left(self.rows, (known, id))]
        self.titles[id] = title
        insort(self.rows, (title, id))
        self._text = None

    def take(self, id: str) -> None:
        """A node is not there."""
        title = self.titles.pop(id, None)
        if title is not None:
            del self.ids[bisect_left(self.ids, id)]
            del self.rows[bisect_left(self.rows, (title, id))]
            self._text = None

    def search(self, words: Sequence[str]) -> Iterator[Found]:
        """What holds every word, in order. Nothing is looked at that nobody asks for."""
        whole = " ".join(words)
        first = last = bisect_left(self.rows, (whole,))
        for title, id in self.rows[first:]:
            if not title.startswith(whole):
                break
            last += 1
            yield BEGINS, title, id
        starts = [re.compile(rf"(?<!\w){re.escape(word)}") for word in set(words)]
        inside = []
        for title, id in self._holding(set(words), first, last):
            if all(start.search(title) for start in starts):
                yield WORDS, title, id
            else:
                inside.append((INSIDE, title, id))
        yield from inside

    def _holding(self, words: set[str], first: int, last: int) -> Iterator[tuple[str, str]]:
        """Rows whose titles hold every word, in order, but for those from one place on to another. All titles are one
        text, and that is looked through for the rarest word: one title after the other takes twenty times as long."""
        if self._text is None:
            titles = [title for title, _ in self.rows]
            self._text = "\n".join(titles)
            self._begins = list(accumulate((len(title) + 1 for title in titles), initial=0))
        rows, begins, text = self.rows, self._begins, self._text
        longest = sorted(words, key=lambda word: (-len(word), word))[:COUNTED]
        rarest = min(longest, key=text.count) if len(longest) > 1 else longest[0]
        others = words - {rarest}
        place = text.find(rarest)
        while place >= 0:
            number = bisect_right(begins, place) - 1
            if first <= number < last:
                place = text.find(rarest, begins[last])
                continue
            row = rows[number]
            if all(word in row[0] for word in others):
                yield row
            place = text.find(rarest, begins[number + 1])


class Titles:
    """The ids and titles of all nodes, kind by kind."""

    def __init__(self, nodes: Mapping[str, Vertex]) -> None:
        self._nodes = nodes
        self._touched: set[str] = set()
        self._shelves: dict[type[Node], Shelf] = {}
        self._fill()

    def _fill(self) -> None:
        titles: dict[type[Node], dict[str, str]] = {kind: {} for kind in KIND_OF}
        for id, vertex in self._nodes.items():
            titles[type(vertex.fact)][id] = folded_title(vertex.fact)
        self._shelves = {kind: Shelf(some) for kind, some in titles.items()}

    def touch(self, id: str) -> None:
        """A node came, went or was said anew."""
        self._touched.add(id)

    def settle(self) -> Titles:
        """Puts what was touched in its place."""
        touched, self._touched = self._touched, set()
        if len(touched) > MANY:
            self._fill()
            return self
        for id in touched:
            vertex = self._nodes.get(id)
            if vertex is None:
                for shelf in self._shelves.values():
                    shelf.take(id)
            else:
                self._shelves[type(vertex.fact)].put(id, folded_title(vertex.fact))
        return self

    def shelf(self, kind: type[Node]) -> Shelf:
        """The nodes of one kind."""
        return self._shelves[kind]

    def ids(self, *kinds: type[Node]) -> Sequence[str]:
        """The ids of some kinds in order."""
        if len(kinds) == 1:
            return self._shelves[kinds[0]].ids
        return list(merge(*(self._shelves[kind].ids for kind in kinds)))

    def ids_from(self, first: str) -> Iterator[str]:
        """The ids of all kinds in order, from one on, itself included."""
        return merge(*(shelf.ids[bisect_left(shelf.ids, first) :] for shelf in self._shelves.values()))

    def search(self, words: Sequence[str]) -> Iterator[Found]:
        """What has every one of some folded words in its title or name, the nearest first, then by title and id. No
        words find nothing."""
        return merge(*(shelf.search(words) for shelf in self._shelves.values())) if words else iter(())
