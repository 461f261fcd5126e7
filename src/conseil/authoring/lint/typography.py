"""French typography, as far as a program can be sure of it: what is wrong in a text, and what to write instead.

The unbreakable spaces are not asked of authors: they are put in when a plan is shown (see `rendering.typography`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Misprint", "misprints"]

_SPACE = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
_WORDS_WITH_E = (
    "cole|cologi|conom|cout|cri|diteur|dition|ducati|galit|lect|lev|lu|merg|nerg|quip|quit|tabli|tap|tat|tre|tud|"
    "valu|vit|volu|change|preuv|pargn|largi|labor"
)
"""How words go on that begin with É or Ê, and not with E, whatever follows."""


class Misprint(NamedTuple):
    """What is wrong, the words around it, and what to do."""

    message: str
    excerpt: str
    hint: str


_SIGNS = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        ("'", "apostrophe droite", "écrivez « ’ »"),
        ('["“”]', "guillemets droits ou anglais", "écrivez « … », avec une espace à l’intérieur"),
        (rf"«(?!{_SPACE})|(?<!{_SPACE})»", "guillemet sans espace", "une espace après « et une avant »"),
        (
            r"[\w»)’…](?:[;?!](?!\w)|:(?!\w|//))",
            "espace manquante devant une ponctuation double",
            "une espace devant ; : ? !",
        ),
        (r"\.\.+", "points au lieu de points de suspension", "écrivez « … », d’un seul signe"),
        (rf"{_SPACE}{{2}}", "deux espaces de suite", "gardez-en une"),
        (rf"{_SPACE}[,.)](?!\.)", "espace de trop devant un signe", "retirez-la"),
        (r"(?:^|\s)--?(?:\s|$)", "trait d’union au lieu d’un tiret", "écrivez « – », ou mettez entre virgules"),
        (r"(?:(?<=^)|(?<=[.!?…:«(] ))A(?= [a-zà-ÿ«])", "accent manquant sur « À »", "écrivez « À »"),
        (r"\bCa\b", "cédille manquante", "écrivez « Ça »"),
        (rf"\bE(?i:{_WORDS_WITH_E})", "accent manquant sur une capitale", "écrivez « É » ou « Ê »"),
    )
)
"""What is never right, wherever it stands."""


def misprints(text: str, *, sentence: bool = False, question: bool = False) -> Iterator[Misprint]:
    """Yield what is wrong with a text, each kind once.

    Args:
        text: the words of an author; a quotation of the guide is none.
        sentence: whether it is made of whole sentences, and ends with a full stop.
        question: whether it ends as a question may.

    >>> [found.message for found in misprints("Ouvrez l'atelier... à deux", sentence=True)]
    ['apostrophe droite', 'points au lieu de points de suspension', 'point final manquant']
    """
    for pattern, message, hint in _SIGNS:
        found = pattern.search(text)
        if found:
            yield Misprint(message, _around(text, *found.span()), hint)
    ended = text.rstrip("») \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}").endswith((".", "…", "?", "!"))
    if sentence and not ended:
        yield Misprint("point final manquant", _around(text, len(text), len(text)), "terminez la phrase par un point")
    if question and not ended:
        hint = "terminez la question par « ? », une espace devant"
        yield Misprint("point d’interrogation manquant", _around(text, len(text), len(text)), hint)


def _around(text: str, start: int, end: int) -> str:
    """Return the words around a place."""
    shown = 20
    first, last = max(0, start - shown), min(len(text), end + shown)
    if first:
        first = text.find(" ", first, start) + 1 or first
    if last < len(text):
        last = max(text.rfind(" ", end, last), end) if " " in text[end:last] else last
    return f"{'…' * bool(first)}{text[first:last].strip()}{'…' * (last < len(text))}"
