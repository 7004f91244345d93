"""Tasks among results, and measures that flatter: what the titles of key results say, in English, German and French.

Read with care: where a word may be something else, nothing is found.
"""

from __future__ import annotations

import re
from functools import lru_cache


def listed(text: str) -> tuple[str, ...]:
    """The words of a text, in order."""
    return tuple(text.split())


TASK_VERBS = listed(
    """
    analyze analyse announce arrange assess begin build buy choose collect compile complete conduct configure
    consolidate coordinate create define deliver deploy design develop discuss document draft evaluate explore
    finalize finalise host identify implement install integrate interview introduce investigate launch migrate
    organize organise participate pilot plan prepare present propose publish refactor release research review
    rewrite roll schedule select set setup ship start submit switch test train update upgrade write

    analysieren
    aufbauen aufsetzen ausarbeiten auswählen beauftragen bereitstellen beschaffen definieren dokumentieren
    durchführen einführen einrichten entwerfen entwickeln erarbeiten erheben ermitteln erstellen evaluieren
    festlegen identifizieren implementieren installieren integrieren konzipieren launchen migrieren
    organisieren planen prüfen schreiben schulen starten testen umsetzen veröffentlichen verfassen vorbereiten

    acheter analyser choisir commencer concevoir créer définir déployer développer documenter écrire élaborer
    établir étudier évaluer finaliser identifier implémenter installer intégrer lancer mener mettre migrer
    organiser planifier préparer publier rédiger réaliser rechercher tester
    """
)
"""Verbs that begin a task (in German also end it). Verbs of change (grow, reduce, reach, improve) are none."""

_NOUNS_TOO = frozenset(
    listed(
        """
        build design document draft host interview launch pilot plan present release research review roll
        schedule set setup ship start switch test train update upgrade
        """
    )
)
_OBJECTS = frozenset(
    listed(
        """
        a an the our all each every both new this that these those their its his her up out off over down and
        how with to at least another one two three four five more some any
        """
    )
)
"""What follows a verb: after a word that is a noun too, only then it is one ("Test coverage" is no task)."""

_DECORATION = re.compile(r"^(?:[\W_]*(?:KR|key result|O|OKR)?\s*\d*(?:\.\d+)*\s*[.):\-–—]\s*)?[\W_]*", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![^\W\d_])\d")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def task_verb_in(title: str, verbs: frozenset[str]) -> str | None:
    """The verb that makes a title read as a task: its first word, or its last one (a German infinitive); None if there
    is none, or if the title holds a number or a percent sign.

    >>> task_verb_in("Launch the new booking page", frozenset(TASK_VERBS))
    'Launch'
    >>> task_verb_in("Neue Buchungsseite einführen", frozenset(TASK_VERBS))
    'einführen'
    >>> task_verb_in("Crews who open the app every week", frozenset(TASK_VERBS)) is None
    True
    """
    if verbs.isdisjoint(_WORD.findall(title.casefold())):
        return None  # as nearly always
    text = _DECORATION.sub("", title, count=1)
    if "%" in text or _NUMBER.search(text):
        return None
    words: list[str] = _WORD.findall(text)
    if len(words) < 2:
        return None
    first, last = words[0], words[-1]
    if first.casefold() in verbs and text[:1].isalpha():
        following = words[1].casefold()
        if first.casefold() not in _NOUNS_TOO or following in _OBJECTS or following.endswith("ing"):
            return first
    # an infinitive at the end: lower case, and the title does not go on after it
    if last.islower() and last.endswith(("en", "ern", "eln")) and last in verbs and text.rstrip(" .!").endswith(last):
        return last
    return None


VANITY: tuple[str, ...] = (
    "followers",
    "likes",
    "page views",
    "pageviews",
    "impressions",
    "clicks",
    "downloads",
    "website visits",
    "website visitors",
    "registered users",
    "subscribers",
    "follower",
    "seitenaufrufe",
    "seitenzugriffe",
    "klicks",
    "abonnenten",
    "websitebesuche",
    "abonnés",
    "pages vues",
    "mentions j'aime",
    "téléchargements",
    "clics",
    "impressionen",
)
"""Measures that grow by themselves and say little about what anybody gains."""

_RATIO = re.compile(
    r"%|\b(?:rate|ratio|share|conversion|percent|percentage|per|retention|cost|quote|anteil|konversion|prozent|je|pro"
    r"|taux|part|pourcentage|par)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=16)
def vanity_pattern(measures: tuple[str, ...]) -> re.Pattern[str]:
    """What finds measures in a title, the longer ones first; for :func:`vanity_in`."""
    longest = sorted({_folded(measure) for measure in measures if measure.strip()}, key=lambda one: (-len(one), one))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?!\w)")


def vanity_in(title: str, measures: re.Pattern[str]) -> str | None:
    """The measure that flatters in a title, as it is listed; None without one, or where it is put in proportion.

    >>> vanity_in("Followers on social networks", vanity_pattern(VANITY))
    'followers'
    >>> vanity_in("Share of followers who book", vanity_pattern(VANITY)) is None
    True
    """
    text = _folded(title)
    found = measures.search(text)
    return None if found is None or _RATIO.search(text) else found[0]


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
