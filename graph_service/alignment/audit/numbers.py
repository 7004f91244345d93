"""Targets among the numbers of a title, read with care: where a number may be something else, it is none.

Titles are read in English, German and French alike, since one title does not tell its language.
"""

from __future__ import annotations

import re

from graph_service.alignment.audit.words import listed

_NUMBER = re.compile(
    r"""
    (?P<before>[€$£¥]\s?|\bUSD\s|\bEUR\s|\bCHF\s|\bCAD\s|\bGBP\s)?
    (?P<number>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,]\d+)?)
    (?P<after>\s?(?:%|‰|€|\$|£|percent\b|per\s?cent\b|prozent\b|pour\s?cent\b|pct\b)|(?:k|m|mio|mrd|bn|x|×|fach|-fold)\b
       |\s(?:mio|mrd|million(?:en|s)?|milliard(?:en|s|e)?|billion|mal|times|fois)\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LABELS = frozenset(
    # words that number things: the number after them is a name
    listed(
        """
        phase level tier version release step stage horizon part chapter article section zone group team wave
        sprint week quarter day module category cat class type page room floor line track gate milestone
        objective goal pillar option series season round generation gen grade episode number no nr num v kr okr
        ziel phase stufe etappe woche kw quartal tag teil kapitel artikel abschnitt gruppe modul klasse stock
        linie nummer étape niveau semaine trimestre jour partie chapitre groupe vague numéro n° top-level rule
        §
        """
    )
)
_MONTHS = frozenset(
    listed(
        """
        january february march april may june july august september october november december jan feb mar apr
        jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février
        mars avril juin juillet août septembre octobre novembre décembre
        """
    )
)
_WORD_BEFORE = re.compile(r"([^\s\d(\[«„“\"']+)[\s\-–—]*$")
_WORD_AFTER = re.compile(r"^[\s.]*([^\W\d_]+)")
_DIGIT = re.compile(r"\d")
_TIME_BEFORE = re.compile(r"\b(?:in|by|since|until|before|after|from|of|bis|seit|vor|ab|en|depuis|avant|dès)\s$")
_LEADING = re.compile(r"^\s*(?:[#(]?\d+(?:\.\d+)*\s*[.):\-–—]\s|\d+(?:\.\d+)+\s)")


def number_in(title: str) -> str | None:
    """The first number of a title that reads as a target, as it stands there; None without one.

    A number is no target where it belongs to a name (ISO 27001, Q3, 24/7, B2B, Phase 2), is a year, a day, a version,
    an ordinal, numbers the title itself, or stands in brackets.

    >>> number_in("Win 20 new ferry lines")
    '20'
    >>> number_in("Be ready for ISO 27001 by Q3 2026") is None
    True
    """
    if _DIGIT.search(title) is None:
        return None
    first = _first_word(title)
    leading = _LEADING.match(title)
    for match in _NUMBER.finditer(title, leading.end() if leading else 0):
        if _is_target(title, match, first):
            return match[0].strip()
    return None


def _first_word(title: str) -> str:
    found = re.match(r"[\W\d_]*([^\W\d_]+)", title)
    return found[1] if found else ""


def _is_target(title: str, match: re.Match[str], first: str) -> bool:
    start, end = match.start("number"), match.end("number")
    before, after = title[:start], title[match.end() :]
    touching, following = before[-1:], title[end : end + 1]
    if before.count("(") > before.count(")"):
        return False  # an aside explains a word, it sets no target
    if match["before"]:
        return True
    if touching.isalpha() or (touching in "_/.:@-+" and before[-2:-1].isalnum()):
        # within a name or code: B2B, v2, k8s, 24/7, 1:1, COVID-19 ... but 3-5 and 4–5 are ranges
        return touching == "-" and before[-2:-1].isdigit() and _plain_range(before)
    if touching == "#":
        return False
    if match["after"]:
        multiplied = match["after"].strip().casefold()
        return multiplied not in {"m", "x"} or not match["number"].startswith("0")
    if following.isalpha() or following == "°" or (following in ("/", ":", "_") and title[end + 1 : end + 2].strip()):
        return False  # 5G, 3rd, 360°, 24/7, 9:30
    if following == "." and re.match(r"\.\d|\.\s*[^\W\d_]", title[end:]):
        return False  # 1.2.3, 31.03., zum 3. Mal
    if following in ("-", "\u2011") and title[end + 1 : end + 2].isalpha():
        return False  # 2-factor, 30-day
    number = match["number"]
    if _is_year(number, before, after):
        return False
    word = _WORD_BEFORE.search(before)
    said = word[1].rstrip(".,:;") if word else ""
    if said.casefold() in _LABELS or said.casefold() in _MONTHS:
        return False
    next_word = _WORD_AFTER.match(after)
    if next_word and next_word[1].casefold() in _MONTHS:
        return False
    return not (said and _is_name(said, first, title))


def _plain_range(before: str) -> bool:
    """Whether what stands before is the lower end of a range, not of a day or a code."""
    return re.search(r"(?:^|\s)\d{1,3}-$", before) is not None


def _is_year(number: str, before: str, after: str) -> bool:
    if len(number) != 4 or not number.isdigit() or not 1900 <= int(number) <= 2100:
        return False
    if 2010 <= int(number) <= 2049 or not after.strip(" .,;:!?)"):
        return True
    return re.search(
        r"\b(?:in|by|since|until|before|after|from|of|bis|seit|vor|ab|en|depuis|avant|dès)\s$", before
    ) is not (None)


def _is_name(word: str, first: str, title: str) -> bool:
    """Whether a number after this word belongs to a name: an acronym, or a capitalized word that does not begin the
    title (nor stands among words that are all capitalized)."""
    if len(word) > 1 and word.isupper():
        return True
    if not word[:1].isupper() or word == first:
        return False
    words = re.findall(r"[^\W\d_]{2,}", title)
    return len(words) < 4 or any(other[:1].islower() for other in words)
