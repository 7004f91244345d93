"""Those who follow, and how each event reaches them: once, in order, without waiting for each other.

Events come from the workspace in any thread and are handed out in the event loop, to those whom they concern. Who asks
the same in the same words is answered together. Each subscription has a bounded number of waiting events: who reads too
slowly is let go, and nobody else notices.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

import msgspec
from starlette.concurrency import run_in_threadpool
from strawberry.exceptions import MissingQueryError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph_service.api.context import Asking, Followed, Wish
from graph_service.api.endings import Ending, stopping, unavailable
from graph_service.api.errors import bad_input, limit_exceeded
from graph_service.api.groups import ALIVE, Group, Told, body_of, resuming
from graph_service.api.schema import schema
from graph_service.api.subscribers import Bounds, Happening, Holds, Source, Subscriber, always
from graph_service.errors import Fault, Limit, Refusal
from graph_service.workspace.following import Event, Following
from graph_service.workspace.noticing import Noticed, Noticing, Place

if TYPE_CHECKING:
    from graph_service.alignment.viewer import Viewer
    from graph_service.workspace import Workspace

TOGETHER = 32
"""Events that are answered in one go."""

ALL = frozenset(OperationType)

Witness = Callable[[Asking, Mapping[str, object], float | None], None]
"""Hears of an operation that is no request of its own: whose, what the log and the metrics tell of it, and in how many
seconds it was answered or a subscription opened. None: it is a subscription that has ended, not by whoever followed."""


def unseen(asking: Asking, told: Mapping[str, object], seconds: float | None) -> None:
    """Nobody hears of it."""


class Socket(Protocol):
    """A connection on which several may follow."""

    async def part(self, ending: Ending) -> None:
        """Closes it."""


class Followers:
    """Everybody who follows one workspace, in one event loop."""

    def __init__(
        self,
        workspace: Workspace,
        bounds: Bounds | None = None,
        in_hand: set[Asking] | None = None,
        witness: Witness = unseen,
    ) -> None:
        self.workspace = workspace
        self.witness = witness
        self.in_hand = set() if in_hand is None else in_hand
        self.bounds = bounds or Bounds()
        self.following = Following(workspace, back=self.bounds.back, interval=self.bounds.interval)
        self._noticing: dict[Viewer, Noticing] = {}  # findings depend on who looks
        self.leaving = False
        self.sockets: set[Socket] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening = False
        self.turn = asyncio.Lock()
        self._findings_turn = asyncio.Lock()  # to find findings again takes its time, which is not that of others
        self._heard: deque[tuple[Source, Happening | None]] = deque()
        self._called = False
        self._newest: dict[Source, tuple[str, Place]] = {}  # epoch and place of what was handed out last
        self._subscribers: set[Subscriber] = set()
        self._connections: Counter[str] = Counter()
        self._groups: WeakValueDictionary[object, Group] = WeakValueDictionary()
        # Those who are up to date, by what they want to hear of.
        self._everything: set[Subscriber] = set()
        self._progress: set[Subscriber] = set()
        self._by_goal: dict[str, set[Subscriber]] = {}
        self._findings: dict[Source, set[Subscriber]] = {}
        self._ears: dict[Noticing, Callable[[Noticed | None], None]] = {}

    @property
    def count(self) -> int:
        """How many subscriptions there are."""
        return len(self._subscribers)

    # ---------- connections ----------

    def enter(self, whose: str) -> None:
        """Counts a connection of somebody (a token or an address); Ending if there are too many."""
        if self._connections[whose] >= self.bounds.connections:
            raise Ending(
                limit_exceeded(
                    f"You have {self.bounds.connections} open connections for following, which is the most;"
                    " close one, or follow more over each."
                ),
                close=4429,
            )
        self._connections[whose] += 1

    def leave(self, whose: str) -> None:
        """Counts a connection no more."""
        self._connections[whose] -= 1
        if self._connections[whose] <= 0:
            del self._connections[whose]

    async def part(self, patience: float = 2.0) -> None:
        """Ends all that follow, since the service stops; waits until they are gone, so many seconds at most."""
        self.leaving = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await asyncio.gather(*[socket.part(stopping()) for socket in self.sockets])
                for one in self._subscribers:
                    one.end(stopping(one.told))
                while self._subscribers or self.sockets:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

    # ---------- following ----------

    async def open(
        self,
        asking: Asking,
        text: str | None,
        variables: Mapping[str, object] | None = None,
        operation_name: str | None = None,
        *,
        allowed: frozenset[OperationType] = ALL,
        holds: Holds = always,
    ) -> ExecutionResult | Subscriber:
        """The answer to a query or mutation, or somebody who follows from now on, to be followed up by ``tell``.

        Raises Ending for what cannot be followed or executed, and what ``schema.answer`` raises.
        """
        asking = asking.about()
        begun = perf_counter()
        try:
            opened = await self._open(asking, text, variables, operation_name, allowed, holds)
        except Ending as ending:
            self.witness(asking, asking.told(ending.errors), perf_counter() - begun)
            raise
        errors = None if isinstance(opened, Subscriber) else opened.errors
        self.witness(asking, asking.told(errors), perf_counter() - begun)
        return opened

    async def _open(
        self,
        asking: Asking,
        text: str | None,
        variables: Mapping[str, object] | None,
        operation_name: str | None,
        allowed: frozenset[OperationType],
        holds: Holds,
    ) -> ExecutionResult | Subscriber:
        if self.leaving:
            raise stopping()
        if len(self.in_hand) >= asking.limits.waiting:
            message = f"{len(self.in_hand)} operations are waiting here already; try again in a moment."
            raise Ending(limit_exceeded(message))
        self.in_hand.add(asking)
        try:
            result = await run_in_threadpool(
                schema.answer, text, asking, variables=variables, operation_name=operation_name, allowed=allowed
            )
        except MissingQueryError:
            raise Ending(bad_input("There is no query; send the GraphQL document as `query`.")) from None
        finally:
            self.in_hand.discard(asking)
        wish = asking.wish
        if wish is None:
            if result.errors and (asking.kind == OperationType.SUBSCRIPTION.value or not asking.executing):
                raise Ending(*result.errors)
            return result
        assert text is not None
        group = self._group(asking, text, variables, operation_name, wish.epoch)
        subscriber = Subscriber(wish, group, holds, self._source(wish, asking.viewer))
        try:
            await self._come(subscriber)
        except BaseException:
            self._go(subscriber)
            raise
        return subscriber

    async def tell(self, subscriber: Subscriber) -> AsyncGenerator[Told, None]:
        """What somebody who follows is told, one answer for each event; raises Ending if it ends not by them."""
        try:
            async with aclosing(self._follow(subscriber)) as telling:
                async for told in telling:
                    yield told
        except Ending as ending:
            if not self.leaving:
                self.witness(subscriber.group.asking, {"codes": ending.codes}, None)
            raise
        finally:
            self._go(subscriber)

    async def answers(
        self,
        asking: Asking,
        text: str | None,
        variables: Mapping[str, object] | None,
        operation_name: str | None,
        holds: Holds = always,
    ) -> AsyncGenerator[Told, None]:
        """What an operation of any kind is answered: of a query or mutation one thing, of a subscription many."""
        opened = await self.open(asking, text, variables, operation_name, holds=holds)
        if isinstance(opened, Subscriber):
            async with aclosing(self.tell(opened)) as telling:
                async for told in telling:
                    yield told
        else:
            yield Told(body_of(opened))

    def _source(self, wish: Wish, viewer: Viewer) -> Source:
        """Where the events come from that somebody wants to hear of."""
        if wish.what is not Followed.FINDINGS:
            return self.following
        if viewer not in self._noticing:
            self._noticing[viewer] = Noticing(self.workspace, self.following, viewer, back=self.bounds.back)
        return self._noticing[viewer]

    def _group(
        self,
        asking: Asking,
        text: str,
        variables: Mapping[str, object] | None,
        operation_name: str | None,
        epoch: str,
    ) -> Group:
        """The group of those who ask the same."""
        idle = resuming(text, asking.limits.tokens, operation_name)
        said = {name: value for name, value in (variables or {}).items() if name not in idle}
        eyes = (id(asking.viewer), asking.caller.root, asking.caller.view)
        key = (text, operation_name, msgspec.json.encode(said, order="deterministic"), epoch, eyes)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(asking, text, variables, operation_name)
        return group

    async def _follow(self, subscriber: Subscriber) -> AsyncGenerator[Told, None]:
        """First what has happened since, then what happens; again, where events were missed."""
        behind: Place | None = subscriber.wish.after
        last = monotonic()
        while True:
            await subscriber.check()
            if behind is not None:
                events = await self._since(subscriber, behind)
                if events:
                    behind = events[-1].place
                else:  # up to date, and nothing is waited for before it is among those who hear
                    self._join(subscriber, behind)
                    behind = None
                events = [event for event in events if subscriber.concerned(event)]
            elif subscriber.waiting:
                waiting = subscriber.waiting
                events = [waiting.popleft() for _ in range(min(TOGETHER, len(waiting)))]
            elif subscriber.lost is not None:
                behind, subscriber.lost = subscriber.lost, None
                continue
            else:
                if monotonic() - last >= self.bounds.ping:
                    last = monotonic()
                    yield ALIVE
                await subscriber.heard()
                continue
            for start in range(0, len(events), TOGETHER):
                some = events[start : start + TOGETHER]
                for event, body in zip(some, await subscriber.group.answers(some), strict=True):
                    await subscriber.check()
                    if body is not None:
                        subscriber.told = event.revision
                        yield Told(body, event)
                        last = monotonic()

    async def _since(self, subscriber: Subscriber, after: Place) -> Sequence[Happening]:
        """The next events after a place, from the ring or the log."""
        epoch, source = subscriber.wish.epoch, subscriber.source

        def recent() -> Sequence[Happening] | None:
            if isinstance(source, Noticing):
                return source.recent(epoch, after, TOGETHER)
            return source.recent(epoch, after[0], TOGETHER)

        def since() -> Sequence[Happening]:
            return source.since(epoch, after) if isinstance(source, Noticing) else source.since(epoch, after[0])

        try:
            events = recent()
            if events is None:  # one at a time, and no thread waits for another
                async with self._findings_turn if isinstance(source, Noticing) else self.turn:
                    events = recent()
                    if events is None:
                        events = await run_in_threadpool(since)
        except Limit as refusal:
            raise Ending(limit_exceeded(refusal.message)) from None
        except Refusal as refusal:
            raise Ending(bad_input(refusal.message)) from None
        except Fault as fault:
            raise unavailable(fault, subscriber.group.asking.request_id) from None
        return events

    # ---------- coming and going ----------

    async def _come(self, subscriber: Subscriber) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._subscribers:
                raise RuntimeError("those who follow one workspace live in one event loop")
            self._loop, self.turn, self._findings_turn = loop, asyncio.Lock(), asyncio.Lock()
        self._subscribers.add(subscriber)
        source = subscriber.source
        if isinstance(source, Noticing) and source not in self._ears:
            ear = self._ears[source] = partial(self._hear_of, source)
            source.listen(ear)
        if not self._listening:
            async with self.turn:
                if not self._listening:
                    await run_in_threadpool(self._listen)

    def _listen(self) -> None:
        self.following.listen(self._hear)
        self._listening = True

    def _join(self, subscriber: Subscriber, after: Place) -> None:
        """Makes it one of those who hear of what happens after a place."""
        subscriber.after = after
        for place in self._places(subscriber):
            place.add(subscriber)

    def _places(self, subscriber: Subscriber) -> Iterable[set[Subscriber]]:
        wish = subscriber.wish
        if wish.what is Followed.FINDINGS:
            return (self._findings.setdefault(subscriber.source, set()),)
        if wish.what is Followed.GRAPH:
            return (self._everything,)
        if wish.ids is None:
            return (self._progress,)
        return [self._by_goal.setdefault(id, set()) for id in wish.ids]

    def _part_from(self, subscriber: Subscriber) -> None:
        for place in self._places(subscriber):
            place.discard(subscriber)
        for id in subscriber.wish.ids or ():
            if not self._by_goal[id]:
                del self._by_goal[id]

    def _go(self, subscriber: Subscriber) -> None:
        self._part_from(subscriber)
        self._subscribers.discard(subscriber)
        source = subscriber.source
        if isinstance(source, Noticing) and not any(one.source is source for one in self._subscribers):
            ear = self._ears.pop(source, None)
            if ear is not None:
                source.leave(ear)
        if not self._subscribers and self._listening:
            self._listening = False
            self.following.leave(self._hear)

    # ---------- what happens ----------

    def _hear(self, event: Event | None) -> None:
        """Takes an event from any thread, under the workspace's lock."""
        self._hear_of(self.following, event)

    def _hear_of(self, source: Source, event: Happening | None) -> None:
        """Takes an event from any thread; the event loop is called once for several."""
        self._heard.append((source, event))
        if not self._called and self._loop is not None:
            self._called = True
            with suppress(RuntimeError):  # the loop has ended, and all who followed with it
                self._loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._called = False
        while self._heard:
            source, event = self._heard.popleft()
            if event is None:
                self._missed(source)
            else:
                self._newest[source] = (event.epoch, event.place)
                if event.erases:
                    for group in self._groups.values():
                        group.forget()
                for subscriber in self._concerned(source, event):
                    self._put(subscriber, event)

    def _concerned(self, source: Source, event: Happening) -> Iterable[Subscriber]:
        """Those whom an event concerns, found without looking at any other."""
        if isinstance(event, Noticed):
            return list(self._findings.get(source, ()))
        if not event.changed:
            return list(self._everything)
        found = self._everything | self._progress
        if len(self._by_goal) < len(event.changed):
            found.update(*[some for id, some in self._by_goal.items() if id in event.changed])
        else:
            found.update(*[self._by_goal[id] for id in event.changed if id in self._by_goal])
        return found

    def _put(self, subscriber: Subscriber, event: Happening) -> None:
        place = event.place
        if place <= subscriber.after or subscriber.ending is not None:
            return
        if len(subscriber.waiting) >= self.bounds.unread:
            message = (
                f"You read more slowly than there is to tell: {self.bounds.unread} events were waiting. Read anew what"
                f" you show, or follow again with after: {subscriber.told}."
            )
            subscriber.end(Ending(limit_exceeded(message)))
            self._part_from(subscriber)
            return
        subscriber.waiting.append(event)
        subscriber.after = place
        subscriber.wake.set()

    def _missed(self, source: Source) -> None:
        """Events were missed, or the store was restored: each one looks in the log from where they are."""
        epoch, place = self._newest.get(source, ("", (0, 0)))
        those = (
            list(self._findings.get(source, ()))
            if isinstance(source, Noticing)
            else [*self._everything, *self._progress, *{one for some in self._by_goal.values() for one in some}]
        )
        for subscriber in those:
            self._part_from(subscriber)
            seen = place if epoch == subscriber.wish.epoch else (0, 0)
            subscriber.lost = max(subscriber.after, seen)
            subscriber.wake.set()
