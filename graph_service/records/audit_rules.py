"""The rules file of an audit: a small YAML file, held against the catalogue.

    rules:
      NO_WHY: off
      TOO_MANY_GOALS: {severity: warning, limits: {person: 4}}
    cadences: {individual: 7, department: 30}
    levels: {organization: [company], department: [division]}
    task_verbs: {add: [brainstorm], remove: [plan]}
    vanity_metrics: [followers, page views]
    suppressions:
      - {subject: okr-12, rule: NO_OWNER, reason: The owner starts in May., by: ines, until: 2026-05-31}

What it does not name keeps its default. A plain list replaces a list of words, ``add`` and ``remove`` change it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import yaml

from graph_service.alignment.audit.catalogue import BY_ID
from graph_service.alignment.audit.report import Severity
from graph_service.alignment.audit.rules import DEFAULTS, LEVELS, Rules, Suppression
from graph_service.errors import Invalid
from graph_service.models.checks import shown
from graph_service.records.yaml_values import DEEPEST, word_value

LARGEST = 1_000_000
"""Bytes of a rules file, at most."""

FIELDS = ("rules", "cadences", "levels", "task_verbs", "vanity_metrics", "suppressions")
_PLAIN_WORD = re.compile(r"[^\W\d_](?:[\w -]*\w)?")
_TRUTH = ("on", "off", "yes", "no", "y", "n")
SEVERITIES = tuple(one.lower() for one in Severity)


class RulesInvalid(Invalid):
    """A rules file that cannot be used: all that is wrong with it, each as file, line, field, value and what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = problems


def read_rules(path: Path) -> Rules:
    """The rules that a file holds; raises Invalid where it cannot be read, RulesInvalid for what it holds."""
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST else None
    except OSError as gone:
        raise Invalid(f"rules '{path}' cannot be read: {gone.strerror or gone}") from None
    if data is None:
        raise Invalid(f"rules '{path}' is larger than {LARGEST:,} bytes; is it the right file?")
    return rules_from(data, str(path))


def rules_from(data: bytes, name: str) -> Rules:
    """The rules that the bytes of a file hold; ``name`` is that of the file."""
    try:
        document = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        said = getattr(wrong, "problem", None) or "it cannot be parsed"
        raise Invalid(f"rules {name}{where}: the file is no YAML: {said}; correct it") from None
    except (UnicodeDecodeError, RecursionError):
        raise Invalid(f"rules {name}: the file is no YAML (not UTF-8, or nested too deeply)") from None
    return _Reader(name).rules(document)


class _Reader:
    """Reads the nodes of a file and gathers all that is wrong with them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[str] = []

    def rules(self, document: yaml.Node | None) -> Rules:
        severities: dict[str, Severity] = {}
        limits: dict[str, dict[str, float]] = {}
        cadences: dict[str, int] = {}
        levels = dict(LEVELS)
        task_verbs, vanity = DEFAULTS.task_verbs, DEFAULTS.vanity
        suppressions: list[Suppression] = []
        for field, node in self._fields(document, "", FIELDS):
            if field == "rules":
                for rule, said in self._fields(node, "rules", tuple(BY_ID)):
                    self._rule(rule, said, severities, limits)
            elif field == "cadences":
                for level, days in self._fields(node, "cadences", None):
                    value = self._number(days, f"cadences.{level}", least=1, whole=True)
                    if value is not None:
                        cadences[level] = int(value)
            elif field == "levels":
                for role, names in self._fields(node, "levels", tuple(LEVELS)):
                    levels[role] = self._texts(names, f"levels.{role}")
                self._unique(levels, node)
            elif field == "task_verbs":
                task_verbs = self._words(node, field, task_verbs)
            elif field == "vanity_metrics":
                vanity = self._words(node, field, vanity)
            else:
                suppressions = list(self._suppressions(node))
        if self._problems:
            raise RulesInvalid(tuple(self._problems))
        return Rules(severities, limits, cadences, levels, task_verbs, vanity, tuple(suppressions))

    def _wrong(self, node: yaml.Node, field: str, why: str) -> None:
        where = f"{self._name}:{node.start_mark.line + 1}: "
        self._problems.append(f"{where}{field + ' ' if field else ''}{why}")

    def _fields(
        self, node: yaml.Node | None, path: str, known: tuple[str, ...] | None
    ) -> Iterator[tuple[str, yaml.Node]]:
        """The fields of a mapping; what is no mapping, unknown or there twice is wrong. An empty one has none."""
        if node is None or _is_empty(node):
            return
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, path, f"{shown(_plain(node))} is no mapping; write name: value, one a line")
            return
        seen = set()
        for key, value in node.value:
            name = _plain(key)
            field = f"{path}.{name}" if path else str(name)
            if not isinstance(name, str):
                self._wrong(key, field, "is no text; write it in quotes")
            elif known is not None and name not in known:
                names = ", ".join(known) if len(known) < 12 else "listed by `graph-service audit rules`"
                self._wrong(key, field, f"is unknown; known are {names}")
            elif name in seen:
                self._wrong(key, field, "is there twice; keep one")
            else:
                seen.add(name)
                yield name, value

    def _rule(
        self, rule: str, node: yaml.Node, severities: dict[str, Severity], limits: dict[str, dict[str, float]]
    ) -> None:
        path = f"rules.{rule}"
        if isinstance(node, yaml.ScalarNode):
            self._severity(rule, node, path, severities)
            return
        for field, value in self._fields(node, path, ("severity", "limits")):
            if field == "severity":
                self._severity(rule, value, f"{path}.severity", severities)
                continue
            known = tuple(limit.name for limit in BY_ID[rule].limits)
            if not known:
                self._wrong(value, f"{path}.limits", "cannot be set: the rule has no limits")
                continue
            for name, number in self._fields(value, f"{path}.limits", known):
                limit = self._number(number, f"{path}.limits.{name}", least=0)
                if limit is not None:
                    limits.setdefault(rule, {})[name] = limit

    def _severity(self, rule: str, node: yaml.Node, path: str, severities: dict[str, Severity]) -> None:
        value = _plain(node)
        # `off` is no truth value here, since words stay texts; false may be meant by it all the same
        text = "off" if value is False else value.lower() if isinstance(value, str) else None
        if text in SEVERITIES:
            severities[rule] = Severity(text.upper())
        else:
            self._wrong(node, path, f"{shown(value)} is no severity; write {', '.join(SEVERITIES)}")

    def _number(self, node: yaml.Node, path: str, least: float, whole: bool = False) -> float | None:
        value = _plain(node)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and value >= least and (not whole or value == int(value)):  # type: ignore[operator, call-overload]
            return float(value)  # type: ignore[arg-type]
        kind = "a whole number" if whole else "a number"
        self._wrong(node, path, f"{shown(value)} is not {kind} of at least {least:g}; correct it")
        return None

    def _texts(self, node: yaml.Node, path: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for number, one in enumerate(self._items(node, path)):
            value = _plain(one)
            if isinstance(value, str) and value.strip():
                found[value.strip()] = None
            else:
                self._wrong(one, f"{path}[{number}]", f"{shown(value)} is no text; write a word")
        return tuple(found)

    def _items(self, node: yaml.Node, path: str) -> list[yaml.Node]:
        if _is_empty(node):
            return []
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._wrong(node, path, f"{shown(_plain(node))} is no list; write [one, two], or one a line after a dash")
        return []

    def _words(self, node: yaml.Node, path: str, default: tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(node, yaml.MappingNode):
            return tuple(word.casefold() for word in self._texts(node, path))
        words = dict.fromkeys(default)
        for field, value in self._fields(node, path, ("add", "remove")):
            for word in self._texts(value, f"{path}.{field}"):
                if field == "add":
                    words[word.casefold()] = None
                elif word.casefold() in words:
                    del words[word.casefold()]
                else:
                    self._wrong(value, f"{path}.remove", f"{shown(word)} is not in the list; take it out")
        return tuple(words)

    def _unique(self, levels: Mapping[str, tuple[str, ...]], node: yaml.Node) -> None:
        seen: dict[str, str] = {}
        for role, names in levels.items():
            for name in names:
                if name in seen:
                    self._wrong(node, "levels", f"{shown(name)} stands for {seen[name]} and for {role}; keep one")
                seen[name] = role

    def _suppressions(self, node: yaml.Node) -> Iterator[Suppression]:
        for number, one in enumerate(self._items(node, "suppressions")):
            path = f"suppressions[{number}]"
            before = len(self._problems)
            given = dict(self._fields(one, path, ("subject", "rule", "reason", "by", "until")))
            if not isinstance(one, yaml.MappingNode):
                continue
            text = {name: self._text(value, f"{path}.{name}") for name, value in given.items()}
            for name in ("subject", "reason"):
                if name not in given:
                    self._wrong(one, path, f"has no {name}; write one")
            rule = text.get("rule")
            if rule is not None and rule not in BY_ID:
                self._wrong(given["rule"], f"{path}.rule", f"{shown(rule)} is unknown; see `graph-service audit rules`")
            until = self._day(given.get("until"), f"{path}.until")
            if len(self._problems) == before:
                line = one.start_mark.line + 1
                yield Suppression(text["subject"] or "", rule, text["reason"] or "", text.get("by"), until, line)

    def _text(self, node: yaml.Node, path: str) -> str | None:
        value = _plain(node)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._wrong(node, path, f"{shown(value)} is no text; write it in quotes")
        return None

    def _day(self, node: yaml.Node | None, path: str) -> date | None:
        if node is None:
            return None
        value = _plain(node)
        try:
            if isinstance(value, str) and len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
        self._wrong(node, path, f"{shown(value)} is no day; write YYYY-MM-DD, or leave it out")
        return None


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and word_value(node.value) is None


def _plain(node: yaml.Node, depth: int = 0) -> object:
    """What a node holds: words as they are elsewhere, in lists and mappings for a message only."""
    if isinstance(node, yaml.ScalarNode):
        return word_value(node.value) if node.style is None else node.value
    if depth > min(DEEPEST, 3):
        return "..."
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, depth + 1) for one in node.value[:5]]
    return {str(_plain(key, depth + 1)): _plain(value, depth + 1) for key, value in node.value[:5]}


def write_rules(rules: Rules) -> str:
    """A rules file that says what is in force, whole, with the defaults as comments: what ``read_rules`` reads."""
    lines = ["rules:"]
    for rule in BY_ID.values():
        severity = rules.severities.get(rule.id, rule.severity)
        note = f"  # default: {rule.severity.lower()}" if severity is not rule.severity else ""
        if not rule.limits:
            lines.append(f"  {rule.id}: {severity.lower()}{note}")
            continue
        lines += [f"  {rule.id}:", f"    severity: {severity.lower()}{note}", "    limits:"]
        for limit in rule.limits:
            value = rules.limits.get(rule.id, {}).get(limit.name, limit.default)
            default = f"; default: {limit.default:g}" if value != limit.default else ""
            lines.append(f"      {limit.name}: {_number(value)}  # {limit.meaning}{default}")
    lines.append("# days within which a goal of a level is to be checked in; others: the workspace's cadence")
    lines += _mapping("cadences", {level: str(days) for level, days in sorted(rules.cadences.items())})
    lines.append("# which levels stand for the four that the rules speak of")
    lines += _mapping("levels", {role: _list(names) for role, names in rules.levels.items()})
    lines += _long_list("task_verbs", rules.task_verbs)
    lines += _long_list("vanity_metrics", rules.vanity)
    lines.append("suppressions:" if rules.suppressions else "suppressions: []")
    for one in rules.suppressions:
        said = {"subject": one.subject, "rule": one.rule, "reason": one.reason, "by": one.by}
        fields = [f"{name}: {_quoted(value)}" for name, value in said.items() if value is not None]
        if one.until is not None:
            fields.append(f"until: {one.until.isoformat()}")
        lines += [f"{'  - ' if not number else '    '}{field}" for number, field in enumerate(fields)]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def _mapping(name: str, values: Mapping[str, str]) -> list[str]:
    if not values:
        return [f"{name}: {{}}"]
    return [f"{name}:", *(f"  {_quoted(key)}: {value}" for key, value in values.items())]


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _long_list(name: str, values: tuple[str, ...]) -> list[str]:
    return [f"{name}: []"] if not values else [f"{name}:", *(f"  - {_quoted(value)}" for value in values)]


def _quoted(text: str) -> str:
    """A text as YAML reads it: bare if it is a plain word, else in quotes, as JSON writes it."""
    bare = _PLAIN_WORD.fullmatch(text) and isinstance(word_value(text), str) and text.lower() not in _TRUTH
    return text if bare else json.dumps(text, ensure_ascii=False)
