"""Fields that are plain functions of their object: one line each, typed, with their description.

    of_goal = Reader["Goal"]()

    class Goal(Node):
        title: str = of_goal(lambda goal: goal.fact.title, "What is wanted, in a line.")

An object carries the ground that it stands on (``on``), so such a field needs neither arguments nor context.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, cast

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")


class Read(StrawberryField):
    """A field read from its object by a function. A list longer than a page is cut, and the answer says so."""

    def __init__(self, *args: Any, read: Callable[[Any], object] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.read = read
        # nobody gives it when the object is made, and it is no part of what the object is
        self.init = self.repr = self.compare = False

    def __copy__(self) -> Read:
        twin = super().__copy__()
        twin.read = self.read
        return twin

    def get_result(self, source: Any, info: object, args: list[Any], kwargs: Any) -> object:
        """The value of the field."""
        assert self.read is not None
        value = self.read(source)
        if type(value) is list and value:
            on = getattr(source, "on", None)  # what holds none has only lists of a few words
            if on is not None and len(value) > on.limits.max_page:
                return on.cut(value, source, self.graphql_name or to_camel_case(self.python_name))
        return value


class Reader(Generic[S]):
    """Makes the fields of one type: each from a function of the object, and a description."""

    def __call__(self, read: Callable[[S], T], description: str, *, name: str | None = None) -> T:
        """The field; it has the type of what the function answers, as a type checker sees it."""
        return cast("T", Read(read=read, description=description, graphql_name=name))


def asked(description: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes a method the field of that name: one that takes arguments, or is worth several lines."""

    def field(method: Callable[P, T]) -> Callable[P, T]:
        return cast("Callable[P, T]", strawberry.field(method, description=description))

    return field
