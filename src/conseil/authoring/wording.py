"""Rules in words, for readers who never open a file: conditions as clauses, points, what lifts an obstacle.

A condition is first turned so that nothing but single tests is denied, which keeps its meaning: what is then left is
clauses that hold together, or of which one is enough, as deep as the condition is nested.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conseil.conditions import (
    PROGRESS,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    Leaf,
    Not,
    OneOf,
    Several,
)
from conseil.rulebook import AXES, Axis, Effect, Rule, Rulebook
from conseil.sentences import answer_words, fact_label, listed

__all__ = [
    "EFFECT_WORDS",
    "Clause",
    "Clauses",
    "condition_sentence",
    "points_words",
    "rule_lead",
    "signed_leaves",
    "worded",
]

EFFECT_WORDS: dict[Effect, str] = {
    "recommend": "recommandée",
    "reinforce": "plus ou moins prioritaire",
    "adapt": "à mener autrement",
    "defer": "à préparer d’abord",
    "exclude": "écartée",
    "caution": "avertissement",
}
"""What each effect makes of an action."""

_OF_AXIS: dict[Axis, str] = {"impact": "d’impact", "feasibility": "de faisabilité"}

_PROGRESS_WORDS = {"todo": "à faire", "doing": "en cours", "done": "faite"}
_STEPS = {1: "un peu", 2: "", 3: "beaucoup"}


class Clause(NamedTuple):
    """A test in words, to read after "si": around the name of its fact, which a page may make a link.

    Attributes:
        test: the test.
        holds: whether it is to hold, or to fail.
        before: the words before the name.
        named: the name of the fact, in quotation marks.
        after: the words after it.
    """

    test: Leaf
    holds: bool
    before: str
    named: str
    after: str

    def __str__(self) -> str:
        """Return the words alone."""
        return f"{self.before}{self.named}{self.after}"


class Clauses(NamedTuple):
    """Clauses that all hold, or of which one is enough; `every` and no parts is "always"."""

    every: bool
    parts: tuple[Clause | Clauses, ...]

    @property
    def flat(self) -> bool:
        """Whether no part has parts of its own."""
        return not any(isinstance(part, Clauses) for part in self.parts)


def worded(rulebook: Rulebook, condition: Condition, *, holds: bool = True) -> Clause | Clauses:
    """Put a condition in words, or its contrary.

    >>> from conseil import load_rulebook
    >>> from conseil.conditions import parse
    >>> print(worded(load_rulebook(), parse({"not": {"foncier": "aucun"}})))
    « Foncier disponible » n’est pas « aucun »
    """
    match condition:
        case Not(part):
            return worded(rulebook, part, holds=not holds)
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            every = isinstance(condition, AnyOf) is not holds
            found: list[Clause | Clauses] = []
            for part in parts:
                said = worded(rulebook, part, holds=holds)
                found += said.parts if isinstance(said, Clauses) and said.every is every else [said]
            return found[0] if len(found) == 1 else Clauses(every, tuple(found))
        case _:
            return _clause(rulebook, condition, holds=holds)


def condition_sentence(rulebook: Rulebook, condition: Condition) -> str:
    """Say when a condition holds, in one phrase; what is nested stands in brackets.

    >>> from conseil import load_rulebook
    >>> from conseil.conditions import parse
    >>> condition = parse({"foncier": "aucun", "any": [{"scic": "creee"}, {"recherche": "oui"}]})
    >>> print(condition_sentence(load_rulebook(), condition))
    (si « SCIC » est « créée » ou si la réponse à « Acteurs de la recherche » est oui) et si « Foncier disponible » ...
    >>> condition_sentence(load_rulebook(), parse("always"))
    'dans tous les cas'
    """
    said = worded(rulebook, condition)
    return _phrase(said) if isinstance(said, Clause) or said.parts else "dans tous les cas"


def _phrase(said: Clause | Clauses) -> str:
    if isinstance(said, Clause):
        return f"si {said}"
    parts = [_phrase(part) if isinstance(part, Clause) else f"({_phrase(part)})" for part in said.parts]
    return listed(parts, "et" if said.every else "ou")


def _clause(rulebook: Rulebook, leaf: Leaf, *, holds: bool) -> Clause:
    named = f"« {_name(rulebook, leaf.fact)} »"
    if leaf.fact.startswith(PROGRESS) and isinstance(leaf, OneOf):
        states = [_PROGRESS_WORDS[value] for value in leaf.values]
        return Clause(leaf, holds, "l’action ", named, _is(states, holds=holds))
    if isinstance(leaf, OneOf) and rulebook.vocabulary[leaf.fact].type == "boolean":
        return Clause(leaf, holds, "la réponse à ", named, _is(list(leaf.values), holds=holds))
    return Clause(leaf, holds, "", named, _told(rulebook, leaf, holds=holds))


def _name(rulebook: Rulebook, fact: str) -> str:
    return (
        rulebook.by_id[fact.removeprefix(PROGRESS)].title if fact.startswith(PROGRESS) else fact_label(rulebook, fact)
    )


def _told(rulebook: Rulebook, leaf: Leaf, *, holds: bool) -> str:
    """Say of a question what a test asks of it, or denies."""
    match leaf:
        case OneOf(values=values):
            return _is([f"« {answer_words(rulebook, leaf.fact, value)} »" for value in values], holds=holds)
        case Between(low=low, high=high):
            if low is not None and high is not None:
                ends = [answer_words(rulebook, leaf.fact, bound) for bound in (low, high)]
                return f" {'va' if holds else 'ne va pas'} de {ends[0]} à {ends[1]}"
            bound = f"d’au moins {answer_words(rulebook, leaf.fact, low)}"
            if low is None:
                bound = f"d’au plus {answer_words(rulebook, leaf.fact, high)}"
            return _is([bound], holds=holds)
        case Several(quantifier=quantifier, values=values):
            words = [f"« {answer_words(rulebook, leaf.fact, (value,))} »" for value in values]
            if quantifier == "all" and len(words) > 1:
                return f" {'compte' if holds else 'ne compte pas'} à la fois {listed(words)}"
            if (quantifier == "none") is holds:
                return f" ne compte {_neither(words)}"
            return f" compte {listed(words, 'ou')}"


def _is(words: list[str], *, holds: bool) -> str:
    return f" est {listed(words, 'ou')}" if holds else f" n’est {_neither(words)}"


def _neither(words: list[str]) -> str:
    return f"pas {words[0]}" if len(words) == 1 else f"ni {' ni '.join(words)}"


def signed_leaves(condition: Condition, *, holds: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Walk the tests of a condition, each with whether the condition wants it to hold or to fail.

    >>> from conseil.conditions import parse
    >>> [(leaf.fact, holds) for leaf, holds in signed_leaves(parse({"a": "x", "not": {"b": "y"}}))]
    [('a', True), ('b', False)]
    """
    match condition:
        case Not(part):
            yield from signed_leaves(part, holds=not holds)
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from signed_leaves(part, holds=holds)
        case _:
            yield condition, holds


def points_words(rulebook: Rulebook, rule: Rule) -> str:
    """Say what a rule adds to each axis, or takes from it; nothing where it does neither.

    >>> from conseil import load_rulebook
    >>> points_words(load_rulebook(), load_rulebook().rules["temps-de-rencontre.invitation"])
    'un peu plus d’impact (+5) et plus de faisabilité (+10)'
    """
    worth = rulebook.guide.score.points
    said: list[str] = []
    for axis in AXES:
        steps = getattr(rule.points, axis)
        if steps:
            size = f"{_STEPS[abs(steps)]} {'plus' if steps > 0 else 'moins'}".strip()
            sign = "+" if steps > 0 else "\N{MINUS SIGN}"
            said.append(f"{size} {_OF_AXIS[axis]} ({sign}{worth[abs(steps) - 1]})")
    return listed(said)


def rule_lead(rule: Rule) -> str:
    """Say what a rule makes of its action, to read before its condition."""
    if rule.effect == "reinforce":
        steps = [steps for steps in (rule.points.impact, rule.points.feasibility) if steps]
        if all(step > 0 for step in steps):
            return "renforcée"
        return "freinée" if all(step < 0 for step in steps) else EFFECT_WORDS["reinforce"]
    return "à savoir" if rule.effect == "caution" else EFFECT_WORDS[rule.effect]
