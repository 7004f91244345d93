"""Fields that are plain functions of their object: one line each, typed, with their description.

    of_goal = Reader["Goal"]()

    class Goal(Node):
        title: str = of_goal(lambda goal: goal.fact.title, "What is wanted, in a line.")

An object carries the ground that it stands on (``on``), so such a field needs neither arguments nor context.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from strawberry.types.field import StrawberryField

S = TypeVar("S")
T = TypeVar("T")


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
        if type(value) is list and len(value) > source.on.limits.max_page:
            return source.on.cut(value, source, self.graphql_name or self.python_name)
        return value


class Reader(Generic[S]):
    """Makes the fields of one type: each from a function of the object, and a description."""

    def __call__(self, read: Callable[[S], T], description: str, *, name: str | None = None) -> T:
        """The field; it has the type of what the function answers, as a type checker sees it."""
        return cast("T", Read(read=read, description=description, graphql_name=name))


