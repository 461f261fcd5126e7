"""Checks on how a rulebook is written: sentences that an agent reads once, and reasons that say something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conseil.authoring.lint.subject import Remark, Subject
from conseil.authoring.lint.texts import Passage
from conseil.authoring.lint.typography import misprints
from conseil.errors import Fault, folded
from conseil.rulebook import Rulebook

__all__ = ["long_sentence", "misprint", "repeated_because", "thin_rationale"]

_MOST_WORDS = 25
"""How long a sentence may be: nearly all of the first rulebook were within it before anybody counted."""

_FEWEST_WORDS = 5
"""How short a reason may be: the shortest good one of the first rulebook has five words."""

_SAME = 0.75
"""The share of the words of a reason from which on it says again what stands beside it."""

_TELLING = 4
"""The letters of a word that tells something: shorter ones are in every sentence."""

_END = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-Þ«\d])")
"""Where a sentence ends, and another one begins."""

_WHY = "dites pourquoi nous le pensons : ce qui arrive sinon, ou ce que l’on a vu ailleurs"


def long_sentence(subject: Subject) -> Iterator[Remark]:
    """Find the sentences that are too long to be understood at once; a text is named for its longest."""
    for passage in subject.passages:
        count, longest = max((_words(sentence), sentence) for sentence in _END.split(passage.text))
        if count > _MOST_WORDS:
            message = f"phrase de {count} mots : `{_beginning(longest)}`"
            yield _on(passage, message, f"coupez-la : au plus {_MOST_WORDS} mots")


def misprint(subject: Subject) -> Iterator[Remark]:
    """Find what is wrong with the typography of each text."""
    for passage in subject.passages:
        for found in misprints(passage.text, sentence=passage.is_sentence, question=passage.is_question):
            yield _on(passage, f"{found.message} : `{found.excerpt}`", found.hint)


def repeated_because(subject: Subject) -> Iterator[Remark]:
    """Find the reasons that say what another one says, word for word; a plan would show both.

    A twin may repeat the action that it is folded under.
    """
    first: dict[str, Passage] = {}
    for passage in subject.passages:
        if passage.key != "because":
            continue
        said = folded(" ".join(re.findall(r"\w+", passage.text)))
        other = first.setdefault(said, passage)
        if other is not passage and not _twins(passage, other, subject.rulebook):
            hint = "dites ce qui est propre à celle-ci, ou réunissez-les"
            yield _on(passage, f"raison déjà donnée par `{other.about.removesuffix('/because')}`", hint)


def thin_rationale(subject: Subject) -> Iterator[Remark]:
    """Find the rationales that argue nothing: a few words, or what the sentences beside them say already."""
    for passage in subject.passages:
        if passage.key != "rationale":
            continue
        said = _telling(passage.text)
        beside = set().union(*map(_telling, passage.beside.values()))
        if _words(passage.text) < _FEWEST_WORDS:
            yield _on(passage, f"justification trop courte : `{passage.text}`", _WHY)
        elif said and len(said & beside) >= _SAME * len(said):
            message = f"justification qui redit ce qui l’entoure : `{_beginning(passage.text)}`"
            yield _on(passage, message, _WHY)


def _twins(passage: Passage, other: Passage, rulebook: Rulebook) -> bool:
    """Say whether the rule of a passage is on a twin of the action that the other one is on."""
    action, lead = (found.entry.id.partition(".")[0] for found in (passage, other))
    return rulebook.lead_of.get(action) == lead or rulebook.lead_of.get(lead) == action


def _on(passage: Passage, message: str, hint: str) -> Remark:
    return Remark(passage.about, passage.entry, Fault(passage.location, message, hint))


def _words(sentence: str) -> int:
    """Count the words of a sentence, its lone signs left out.

    >>> _words("Un lieu : voilà !")
    3
    """
    return sum(word.isalnum() or any(map(str.isalnum, word)) for word in sentence.split())


def _telling(text: str) -> set[str]:
    """Return the words of a text that tell something, as they are compared.

    >>> sorted(_telling("Le Dépôt est près de l’école."))
    ['dépôt', 'près', 'école']
    """
    return set(re.findall(rf"[^\W_]{{{_TELLING},}}", text.lower()))


def _beginning(sentence: str) -> str:
    shown = 6
    words = sentence.split()
    return " ".join(words[:shown]) + "…" * (len(words) > shown)
