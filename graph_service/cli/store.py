"""Commands that look after a store and the installation: its log, its soundness, the public contracts, the settings."""

from __future__ import annotations

import json as json_module
import re
import textwrap
from collections import Counter, deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, NamedTuple

import typer

from graph_service.cli.options import Json, Store, TextFormat, the_format
from graph_service.errors import StoreDamaged

if TYPE_CHECKING:
    from graph_service.models.facts import Entry, Step
    from graph_service.stores import base

NEWEST = 20
"""So many revisions are shown when nobody says how many."""

FEW = 5
"""Up to so many changes of a commit are shown one by one."""

MOST_LINES = 1000
"""So many lines of a change are shown: all of any that somebody made by hand."""

LONG = 200
"""Of a text that was given, so many characters are shown."""


def log(
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="N", min=0, help="Begin after this revision."),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option("--node", metavar="ID", help="Only commits that touched this node."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help=f"At most so many revisions.  [default: {NEWEST}]")
    ] = NEWEST,
    store: Store = None,
    format: TextFormat = None,
    json: Json = False,
) -> int:
    """What was changed, when and by whom."""
    chosen = the_format(format, json)
    from graph_service.cli.opening import open_store, unknown
    from graph_service.cli.output import put, put_bytes, say

    kept = open_store(store)
    try:
        entries, earlier, later = window(kept, after, node, limit)
        if node is not None and not entries and not earlier:
            from graph_service.workspace import Workspace

            with Workspace(kept).reading() as graph:
                if not graph.used(node):
                    raise unknown(graph, node)
        if chosen == "json":
            put_bytes(json_lines(change for entry in entries for change in changes_json(entry, node)))
            return 0
    finally:
        kept.close()
    if not entries:
        say("no commit to show" if node or after else "no commit yet")
        return 0
    if earlier:
        say(f"{earlier} earlier; --after 0 begins with the first")
    put("\n".join(line for entry in entries for line in entry_lines(entry)))
    if later:
        say(f"more; --after {entries[-1].revision} goes on")
    return 0


def window(kept: base.Store, after: int | None, node: str | None, limit: int) -> tuple[list[Entry], int, bool]:
    """The commits to show: the newest, or those after a revision; how many are before them and whether more follow."""
    newest = kept.revision()
    if after is None and node is None:
        after_all = max(newest - limit, 0)
        return list(kept.changes(after_all, limit)), after_all, False
    touching = (entry for entry in kept.changes(after or 0) if node is None or touches(entry, node))
    if after is None:
        last: deque[Entry] = deque(maxlen=limit)
        count = 0
        for entry in touching:
            last.append(entry)
            count += 1
        return list(last), count - len(last), False
    found: list[Entry] = []
    for entry in touching:
        if len(found) == limit:
            return found, 0, True
        found.append(entry)
    return found, 0, False


def touches(entry: Entry, node: str) -> bool:
    """Whether a commit touched a node."""
    return any(node in step.nodes for step in entry.steps)


def entry_lines(entry: Entry) -> Iterator[str]:
    """A commit as lines: revision, moment, by whom and through which door; then its changes, those of many counted."""
    from graph_service.cli.output import width
    from graph_service.render.letters import wrap

    yield f"revision {entry.revision}  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.by}, {entry.source}"
    if len(entry.steps) <= FEW:
        said = [what_step(step) for step in entry.steps]
    else:
        counts = Counter(step.kind for step in entry.steps)
        kinds = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        said = [f"{len(entry.steps):,} changes: {', '.join(f'{count:,} {kind}' for kind, count in kinds)}"]
    for text in said or ["no change"]:
        first, *rest = wrap(text, width() - 6, MOST_LINES)
        yield f"  {first}"
        yield from (f"      {line}" for line in rest)


def what_step(step: Step) -> str:
    """What one change did: its kind, what it was about, and what it was given, in the order of its fields."""
    import msgspec

    from graph_service.cli.output import on_one_line
    from graph_service.models.changes import CHANGES

    given = dict(step.input or {})
    made = CHANGES.get(step.kind)
    fields = {} if made is None else {one.name: one.encode_name for one in msgspec.structs.fields(made)}
    subject = given.pop(fields.get(getattr(made, "names", None) or "id", ""), None)
    words = [step.kind, *([value_text(subject)] if subject is not None else step.nodes)]
    words += [f"{name}={value_text(given[name])}" for name in fields.values() if name in given and name != "reason"]
    if step.reason:
        words.append(f"because {value_text(step.reason)}")
    return on_one_line(" ".join(words))


def value_text(value: object) -> str:
    """A value of an input in a line."""
    if isinstance(value, str):
        value = value if len(value) <= LONG else f"{value[:LONG]}..."
        return value if value and " " not in value else f'"{value}"'
    if isinstance(value, float):
        return f"{value:g}"
    return json_module.dumps(value, ensure_ascii=False)


def changes_json(entry: Entry, node: str | None) -> Iterator[dict[str, object]]:
    """The changes of a commit in the words of GraphQL; those that touched a node, if one is given."""
    from graph_service.cli.output import moment_text

    for position, step in enumerate(entry.steps):
        if node is None or node in step.nodes:
            yield {
                "revision": entry.revision,
                "position": position,
                "at": moment_text(entry.at),
                "by": entry.by,
                "kind": step.kind,
                "nodes": list(step.nodes),
                "input": step.input,
                "reason": step.reason,
                "source": entry.source,
            }


def json_lines(documents: Iterator[dict[str, object]]) -> Iterator[bytes]:
    """One JSON array, an element a line, without holding it whole."""
    from graph_service.cli.output import json_text

    between = b"[\n"
    for document in documents:
        yield between + json_text(document).encode()
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def verify(store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """Check that the store holds what was written. Exit code 1 if it does not."""
    chosen = the_format(format, json)
    from graph_service.cli.opening import open_store, store_url
    from graph_service.cli.output import on_one_line, put, put_json
    from graph_service.stores.base import Problem

    url, revision, epoch = store_url(store), None, None
    problems: list[base.Problem] = []
    try:
        kept = open_store(store)
        try:
            problems = kept.verify()
            url, revision, epoch = kept.url, kept.revision(), kept.epoch
        finally:
            kept.close()
    except StoreDamaged as damage:  # too damaged to be opened or asked, and that is the answer
        problems = problems or [Problem("database", None, str(damage))]
    if chosen == "json":
        put_json(
            {
                "store": url,
                "epoch": epoch,
                "revision": revision,
                "sound": not problems,
                "problems": [one._asdict() for one in problems],
            }
        )
    elif problems:
        for one in problems:
            put(on_one_line(f"{one.part}{'' if one.revision is None else f' at revision {one.revision}'}: {one.what}"))
        put(f"{url} is damaged: {len(problems)} problem{'s' * (len(problems) > 1)} found")
    else:
        put(f"{url} is sound at revision {revision}: log, present state and database agree")
    return 1 if problems else 0


def schema(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to write.  [default: schema]", file_okay=False)
    ] = Path("schema"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is missing or not up to date.")
    ] = False,
) -> int:
    """Write what others build on: the GraphQL, record and table schemas."""
    from graph_service.cli.files import write_file
    from graph_service.cli.output import put

    stale = 0
    for name, content in contracts().items():
        file = folder / name
        try:
            known = file.read_bytes() if file.is_file() else None
        except OSError as failed:
            raise typer.BadParameter(f"{file}: {failed.strerror}") from None
        if known == content:
            put(f"{file} is up to date")
        elif check:
            put(f"{file} is {'missing' if known is None else 'not up to date'}")
            stale += 1
        else:
            write_file(file, partial(write_bytes, content=content))
            put(f"{file} written")
    if stale:
        put("run `graph-service schema` to write them")
    return 1 if stale else 0


def write_bytes(out: BinaryIO, content: bytes) -> None:
    """Writes bytes."""
    out.write(content)


def contracts() -> dict[str, bytes]:
    """The public contracts by file name, as this version has them."""
    from graph_service.api import schema_sdl
    from graph_service.records import records_schema
    from graph_service.render.audit import report_schema
    from graph_service.stores.sqlite import sqlite_sql

    records = json_module.dumps(records_schema(), ensure_ascii=False, indent=2)
    audit = json_module.dumps(report_schema(), ensure_ascii=False, indent=2)
    texts = {
        "schema.graphql": schema_sdl(),
        "records.schema.json": records,
        "audit.schema.json": audit,
        "sqlite.sql": sqlite_sql(),
    }
    return {name: f"{text.rstrip()}\n".encode() for name, text in texts.items()}


def show_config(store: Store = None, format: TextFormat = None, json: Json = False) -> int:
    """Every setting: its value, where it comes from and what it is for."""
    chosen = the_format(format, json)
    from graph_service.cli.output import put, put_json, width

    found = settings_in_force(store)
    if chosen == "json":
        put_json([one._asdict() for one in found])
        return 0
    blocks = []
    for one in found:
        meaning = textwrap.fill(one.meaning, width() - 4, initial_indent="    ", subsequent_indent="    ")
        blocks.append(f"{one.name} = {one.value}  ({one.origin})\n{meaning}")
    put("\n".join(blocks))
    return 0


class Setting(NamedTuple):
    """A setting in force: ``origin`` is option, environment or default."""

    name: str
    value: object
    origin: str
    meaning: str


def settings_in_force(store: str | None) -> list[Setting]:
    """Every setting in the order of its definition."""
    from graph_service.cli.opening import settings

    in_force = settings(store=store)
    found = []
    for name, field in type(in_force).model_fields.items():
        origin = "environment" if name in in_force.model_fields_set else "default"
        if name == "store" and store is not None:
            origin = "option"
        value = without_password(getattr(in_force, name))
        found.append(Setting(f"GRAPH_SERVICE_{name.upper()}", value, origin, field.description or ""))
    return found


def without_password(value: object) -> object:
    """A value of a setting as it may be shown: the password in an address is blanked.

    >>> without_password("neo4j://reader:harbour@graph.example:7687")
    'neo4j://reader:***@graph.example:7687'
    """
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", value) if isinstance(value, str) else value
