"""Reading files of any form: what is a record, what is a problem, and where."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.errors import Invalid
from graph_service.records import Action, ProblemKind, RawRecord, read_records
from graph_service.records.json_lines import LONGEST, read_json_lines
from tests.records.company import FILE, brought_in, read


def problem(record: RawRecord) -> tuple[int, str]:
    """The line and the sentence of a record that cannot be read."""
    (one,) = record.problems
    assert record.fields == {}
    assert (one.file, one.line, one.id, one.field) == (record.file, record.line, None, "")
    assert (one.kind, one.action) == (ProblemKind.MALFORMED, Action.QUARANTINED)
    return one.line, one.message


def test_json_lines_give_a_record_a_line() -> None:
    text = '{"kind": "team", "id": "t"}\n\n   \n{"id": "u", "kind": "team", "size": 4}\r\n{"kind": "x"}'
    assert read(text) == [
        RawRecord(FILE, 1, {"kind": "team", "id": "t"}),
        RawRecord(FILE, 4, {"id": "u", "kind": "team", "size": 4}),
        RawRecord(FILE, 5, {"kind": "x"}),
    ]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b'\xef\xbb\xbf{"id": "t"}\n') == [RawRecord(FILE, 1, {"id": "t"})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "t"', "the line is no JSON object: it ends too early; correct the line or take it out"),
        (b"{'id': 't'}", "the line is no JSON object at character 2; correct the line or take it out"),
        (b'{"id": "t"} {}', "the line is no JSON object at character 14; correct the line or take it out"),
        (b'"t"', "the line holds 't', no JSON object; correct the line or take it out"),
        (b"null", "the line holds 'None', no JSON object; correct the line or take it out"),
        (b'{"target": NaN}', "NaN and Infinity are no JSON numbers; leave such a field out"),
        (b'{"target": -Infinity}', "NaN and Infinity are no JSON numbers; leave such a field out"),
        (b'{"target": 1e999}', "the line holds a number that is too large; correct the line or take it out"),
        (b'{"target": ' + b"9" * 5_000 + b"}", "the line holds a number that is too large;"),
        (b'{"a": ' + b"[" * 50_000, "the line is nested too deeply; correct the line or take it out"),
        (b'{"title": "caf\xe9"}', "the line is not UTF-8; correct the line or take it out"),
        (b'{"title": "\\ud800"}', "the line holds half a surrogate pair, which is no character;"),
        (b'{"title": "\\udc00"}', "the line holds half a surrogate pair, which is no character;"),
        (b'{"title": "\\\\ud800"', "the line is no JSON object: it ends too early;"),
        (b'{"id": "a", "title": "x", "id": "b"}', "the field 'id' is there twice; keep one"),
        (b'{"id": "a", "milestones": [{"title": "x:y", "title":1}]}', "the field 'title' is there twice; keep one"),
        (b'{"id": "a", "id": "b", "title": "\\u003A"}', "the field 'id' is there twice; keep one"),
        (b'{"i\\u0064" :"a", "id"\t: "b"}', "the field 'id' is there twice; keep one"),
    ],
)
def test_a_bad_line_is_a_problem_and_the_next_is_read(line: bytes, message: str) -> None:
    first, bad, last = read(b'{"id": "first"}\n' + line + b'\n{"id": "last"}\n')
    assert (first.fields, last.fields, last.line) == ({"id": "first"}, {"id": "last"}, 3)
    at, said = problem(bad)
    assert (at, said[: len(message)]) == (2, message)


def test_colons_in_texts_are_no_fields() -> None:
    fields: dict[str, object] = {"id": "a:b", "title": 'says "x": y', "escaped": "c:"}
    line = json.dumps(fields).replace("c:", "c\\u003a")
    assert read(line) == [RawRecord(FILE, 1, fields)]


@pytest.mark.parametrize("depth", [900, *range(985, 1001), 1100])
def test_deep_lines_are_problems_wherever_they_end(depth: int) -> None:
    line = '{"kind": "team", "id": "a", "title": "A", "deep": ' + '{"x:":' * depth + "1" + "}" * (depth + 1)
    _, planned = brought_in(read(line))
    assert len(planned.problems) == 1


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    class Endless(io.RawIOBase):
        """A line of 40 GB, of which never more than a piece is asked for."""

        left = 40_000_000_000

        def readable(self) -> bool:
            return True

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None and 0 < size <= LONGEST + 1
            if self.left <= 0:
                return b""
            self.left -= 10_000_000_000
            return b"x" * (size if self.left > 0 else 1) + (b"" if self.left > 0 else b"\n")

    (record,) = read_json_lines(Endless(), FILE)  # type: ignore[arg-type]
    assert problem(record) == (1, "the line is longer than 4,000,000 bytes; write one record a line")


def test_a_list_and_another_encoding_are_told_apart() -> None:
    (record, *_) = read('[{"id": "a"},\n')
    assert problem(record)[1] == "the file begins with a JSON list; write one object a line, or name the file .yaml"
    (record, *_) = read('{"id": "a"}'.encode("utf-16"))
    assert problem(record)[1] == "the file is UTF-16; save it as UTF-8"


# ---------- YAML ----------


def test_yaml_gives_the_entries_of_a_list() -> None:
    text = """\
# objectives
- kind: objective
  id: grow
  title: no
  due: 2026-03-31
  weight: 2
  level: 1e5
  top_level: true
  plan: [[2026-01-31, 12.5]]
  description: |
    first
    second
- {kind: team, id: "007", nothing: null, empty: }
"""
    assert read(text, "yaml") == [
        RawRecord(
            FILE,
            2,
            {
                "kind": "objective",
                "id": "grow",
                "title": "no",
                "due": "2026-03-31",
                "weight": 2,
                "level": 1e5,
                "top_level": True,
                "plan": [["2026-01-31", 12.5]],
                "description": "first\nsecond\n",
            },
        ),
        RawRecord(FILE, 13, {"kind": "team", "id": "007", "nothing": None, "empty": None}),
    ]


@pytest.mark.parametrize(
    "text", ["records:\n- id: a\n", "version: 1\nrecords:\n  - id: a\nrest: {x: [1]}\n", "- id: a"]
)
def test_a_list_may_stand_under_records(text: str) -> None:
    assert [record.fields for record in read(text, "yaml")] == [{"id": "a"}]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "[]", "records: []", "records:\n"])
def test_an_empty_document_has_no_records(text: str) -> None:
    assert read(text, "yaml") == []


def test_words_are_read_as_json_knows_them() -> None:
    words = "[no, yes, on, ~, null, True, 0, -1, +3, 007, 0x1f, 1_000, 1:30, .5, 1.5e3, .inf, .nan, 2026-01-01]"
    (record,) = read(f"- {{words: {words}}}", "yaml")
    assert record.fields["words"] == [
        "no",
        "yes",
        "on",
        None,
        None,
        True,
        0,
        -1,
        3,
        "007",
        "0x1f",
        "1_000",
        "1:30",
        ".5",
        1500.0,
        ".inf",
        ".nan",
        "2026-01-01",
    ]


def test_anchors_may_be_used_within_reason() -> None:
    text = "- {id: a, themes: &t [growth, calm]}\n- {id: b, themes: *t}\n"
    assert [record.fields["themes"] for record in read(text, "yaml")] == [["growth", "calm"]] * 2


BOMB = "- " + "\n- ".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10) if n else 'x'}]" for n in range(20))

LONG_FUSE = f"- many: &many [{'x,' * 150_000}]\n" + "- again: *many\n" * 9


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "just text",
            1,
            "the document is 'just text'; write a list of records, or a mapping with the list under 'reco",
        ),
        ("title: x", 1, "the document has no list 'records'; write a list of records"),
        ("records: 5", 1, "'records' is no list; write a list of records"),
        ("- 5", 1, "the entry '5' is no record; write a mapping of fields"),
        (
            "- !!python/object/apply:os.system [ls]",
            1,
            "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is no",
        ),
        ("- id: !secret x", 1, "the tag '!secret' on 'x' is not read; leave it out"),
        ("- id: !!int x", 1, "the tag 'tag:yaml.org,2002:int' on 'x' is not read; leave it out"),
        ("- {id: a, id: b}", 1, "the field 'id' is there twice; keep one"),
        ("- {5: a}", 1, "the key '5' is no text; write it in quotes"),
        ("- {[a]: b}", 1, "the key '['a']' is no text; write it in quotes"),
        ("- id: *a", 1, "the alias '*a' names no value before it; write it out"),
        ("- &a {id: *a}", 1, "the alias '*a' names no value before it; write it out"),
        ("- &a {id: a}\n- {<<: *a}", 2, "merge keys (<<) are not read; write the fields out"),
        (BOMB, 6, "one record holds more than 200,000 values, those that its aliases repeat included; split it"),
        (LONG_FUSE, 8, "its aliases expand to more than 1,000,000 values; write them out"),
        ("- {a: " + "[" * 100 + "]" * 100 + "}", 1, "the file is nested deeper than 64 levels"),
        ("- {id: [a}", 1, "the file is no YAML from here on: did not find expected ',' or ']'; correct it"),
        ("- id: a\n\tb: c", 2, "the file is no YAML from here on: found a tab character that violates indentation"),
        ("- id: '" + "x" * 10, 1, "the file is no YAML from here on: found unexpected end of stream; correct it"),
    ],
)
def test_what_yaml_is_not_read(text: str, line: int, message: str) -> None:
    found = [problem(record) for record in read(text, "yaml") if record.problems]
    assert [(at, said[: len(message)]) for at, said in found] == [(line, message[: len(found[0][1])])]


def test_records_before_a_broken_place_stand() -> None:
    first, second = read("- id: a\n- id: 'b\n", "yaml")
    assert first.fields == {"id": "a"}
    assert problem(second) == (3, "the file is no YAML from here on: found unexpected end of stream; correct it")


def test_yaml_that_is_no_utf8_is_a_problem() -> None:
    (record,) = read(b"- id: caf\xe9\n", "yaml")
    assert problem(record) == (1, "the file is no YAML from here on: incomplete UTF-8 octet sequence; correct it")


def test_a_record_with_too_many_values_ends_the_file() -> None:
    (record,) = read(f"- x: [{'1,' * 200_001}]\n- id: b\n", "yaml")
    assert problem(record)[1].startswith("one record holds more than 200,000 values")


# ---------- CSV ----------


def test_csv_has_its_fields_in_the_header() -> None:
    text = (
        "\ufeffkind,id,title,target,top_level,themes,milestones,attributes,Budget\n"
        'objective,grow,"Grow, at last",,TRUE,growth; calm ,,"{""a"": [1]}",5\n'
        "\n"
        ",,,,,,,,\n"
        'Key Result,k,"two\nlines",12.5,,"[""a;b"", ""c""]","[{""title"": ""call""}]",,\n'
        "team,t,T,n/a,,,,,\n"
    )
    assert read(text, "csv") == [
        RawRecord(
            FILE,
            2,
            {
                "kind": "objective",
                "id": "grow",
                "title": "Grow, at last",
                "top_level": True,
                "themes": ["growth", "calm"],
                "attributes": {"a": [1]},
                "Budget": "5",
            },
        ),
        RawRecord(
            FILE,
            5,
            {
                "kind": "Key Result",
                "id": "k",
                "title": "two\nlines",
                "target": 12.5,
                "themes": '["a;b", "c"]',
                "milestones": [{"title": "call"}],
            },
        ),
        RawRecord(FILE, 7, {"kind": "team", "id": "t", "title": "T", "target": "n/a"}),
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_header_says_what_parts_cells(separator: str) -> None:
    text = f'id{separator}"a,b"{separator}title\ngrow{separator}1{separator}"x{separator}y"\n'
    (record,) = read(text, "csv")
    assert record.fields == {"kind": "objective", "id": "grow", "a,b": "1", "title": f"x{separator}y"}


def test_cells_that_were_guarded_are_read_without_the_guard() -> None:
    (record,) = read("id,title,\"'=note\",unit\ng,'=1+1,''-x,'quoted'\n", "csv")
    assert record.fields == {"kind": "objective", "id": "g", "title": "=1+1", "=note": "'-x", "unit": "'quoted'"}


def test_rows_without_an_id_get_the_same_one_each_time() -> None:
    text = "title,owner,target\nGrow,ines,5\nGrow,ines,6\nGrow,amara,5\n"
    ids = [record.fields["id"] for record in read(text, "csv")]
    assert ids == [record.fields["id"] for record in read(text.replace("5", "7"), "csv", "other.csv")]
    assert ids == ["objective:688f13688cb5e559", "objective:688f13688cb5e559-2", "objective:290200fc70738ad6"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("id,title,id\na,b,c\n", 1, "the header has two columns 'id'; keep one"),
        ("id,title\na\n", 2, "the row ends after 1 of 2 cells; complete it"),
        ("id,title\na,b,c\n", 2, "the cell 'c' stands under no column; is there one separator too many?"),
        ("id,,title\na,x,b\n", 2, "the cell 'x' stands under no column; is there one separator too many?"),
        ('id,title\na,"b"c\n', 2, "the row cannot be read: ',' expected after '\"'; correct its quotes"),
        ('id,title\na,"b\n', 2, "the row cannot be read: unexpected end of data; correct its quotes"),
    ],
)
def test_bad_rows_are_problems(text: str, line: int, message: str) -> None:
    assert [problem(record) for record in read(text, "csv") if record.problems] == [(line, message)]


def test_a_row_that_is_no_utf8_is_a_problem_and_the_next_is_read() -> None:
    bad, good = read(b"id,title\na,caf\xe9\nb,tea\n", "csv")
    assert problem(bad) == (2, "the row is not UTF-8; save the file as UTF-8")
    assert good.fields == {"kind": "objective", "id": "b", "title": "tea"}
    (whole,) = read("id,title\n".encode("utf-16"), "csv")
    assert problem(whole) == (1, "the file is UTF-16; save it as UTF-8")


def test_empty_cells_beyond_the_header_are_passed_over() -> None:
    assert [record.fields["title"] for record in read("id,title,,\na,b,,\n", "csv")] == ["b"]


# ---------- files ----------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of each form."""
    (tmp_path / "a.jsonl").write_text('{"kind": "team", "id": "a"}\n')
    (tmp_path / "b.YML").write_text("- {kind: team, id: b}\n")
    (tmp_path / "c.csv").write_text("Name,Code,Colour\nC,c,red\n")
    return tmp_path


def test_files_are_read_in_order_by_their_suffixes(folder: Path) -> None:
    files = [folder / "b.YML", folder / "a.jsonl"]
    assert list(read_records(files)) == [
        RawRecord(str(files[0]), 1, {"kind": "team", "id": "b"}),
        RawRecord(str(files[1]), 1, {"kind": "team", "id": "a"}),
    ]


def test_reading_is_a_stream(folder: Path) -> None:
    with (folder / "long.jsonl").open("w") as out:
        out.writelines(f'{{"kind": "team", "id": "{number}"}}\n' for number in range(5_000))
    heard: list[tuple[int, int]] = []
    records = read_records([folder / "long.jsonl", folder / "a.jsonl"], on_progress=lambda *now: heard.append(now))
    assert isinstance(records, Iterator)
    assert next(records).fields["id"] == "0" and heard == []
    assert len(list(records)) == 5_000
    size, all_of_it = (folder / "long.jsonl").stat().st_size, (folder / "a.jsonl").stat().st_size
    assert heard[-2:] == [(size, size + all_of_it), (size + all_of_it, size + all_of_it)]
    assert 5 <= len(heard) <= 7 and heard == sorted(heard)


def test_a_map_names_the_columns_and_what_is_the_same_for_all(folder: Path) -> None:
    mapping = folder / "map.yaml"
    mapping.write_text("columns: {Name: title, Code: id, Colour: null}\nconstants: {kind: team, type: squad}\n")
    (record,) = read_records([folder / "c.csv"], mapping=mapping)
    assert record.fields == {"kind": "team", "title": "C", "id": "c", "type": "squad"}


def test_a_map_leaves_other_forms_alone(folder: Path) -> None:
    (folder / "map.yaml").write_text("constants: {kind: objective}")
    records = list(read_records([folder / "a.jsonl", folder / "c.csv"], mapping=folder / "map.yaml"))
    assert [record.fields["kind"] for record in records] == ["team", "objective"]
    assert records[1].fields["Colour"] == "red"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "map 'map.yaml' is no mapping; write 'columns' (column: field) and 'constants'"),
        ("Name: title", "map 'map.yaml': 'Name' is unknown; known are 'columns' and 'constants'"),
        ("columns: [a]", "map 'map.yaml': columns '['a']' is no mapping; write name: value, one a line"),
        ("columns: {Name: 5}", "map 'map.yaml': column 'Name' goes to '5', no field; name one, or null"),
        ("columns: {Name: title, Code: title}", "map 'map.yaml': two columns go to 'title'; choose one"),
        (
            "columns: {a",
            "map 'map.yaml', line 2: the file is no YAML from here on: did not find expected ',' or '}'; c",
        ),
        ("columns: {a: !x b}", "map 'map.yaml', line 1: the tag '!x' on 'b' is not read; leave it out"),
    ],
)
def test_a_map_that_cannot_be_used_is_refused_before_anything_is_read(folder: Path, text: str, message: str) -> None:
    (folder / "map.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        read_records([folder / "c.csv"], mapping=folder / "map.yaml")
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{Nmae: title}", "the map names a column 'Nmae' that is not in the header"),
        ("{Name: Code}", "two columns hold 'Code': one by its name, one by the map; map one of them to null"),
    ],
)
def test_a_map_that_does_not_fit_the_header_is_a_problem(folder: Path, columns: str, message: str) -> None:
    (folder / "map.yaml").write_text(f"columns: {columns}")
    (record,) = read_records([folder / "c.csv"], mapping=folder / "map.yaml")
    assert problem(record) == (1, message)


def test_a_map_needs_a_csv(folder: Path) -> None:
    with pytest.raises(Invalid, match="there is no CSV file"):
        read_records([folder / "a.jsonl"], mapping=folder / "map.yaml")


def test_files_that_cannot_be_read_are_named_at_once(folder: Path) -> None:
    with pytest.raises(Invalid, match=r"file '.*nowhere\.csv' cannot be read: No such file or directory"):
        read_records([folder / "a.jsonl", folder / "nowhere.csv"])
    with pytest.raises(Invalid, match=r"file '.*notes\.txt' is of no known form; name it \.jsonl, "):
        read_records([folder / "notes.txt"])
    (folder / "folder.csv").mkdir()
    with pytest.raises(Invalid, match=r"folder\.csv' cannot be read: Is a directory"):
        read_records([folder / "folder.csv"])
