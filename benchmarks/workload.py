"""What is measured: rules, profiles and the right results, in plain data that every peer can read.

Peers run in environments of their own, without conseil, so a workload is written to a file as JSON. Its conditions are
trees of `in`, `between`, `several`, `not`, `all` and `any`. Every participant gets the same facts: those that some rule
reads, after deductions, so that peers which know no deduction have nothing more to do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from benchmarks.synthetic import SEED, synthetic_rulebook
from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    FactValue,
    Not,
    OneOf,
    Several,
    leaves,
)
from conseil.inference.reference import ReferenceEngine
from conseil.profile import Known, Profile, Progress, known_from, progress_of
from conseil.rulebook import Rulebook, fact_dependencies, load_rulebook
from conseil.vocabulary import Question

__all__ = [
    "NAMES",
    "Workload",
    "identifier",
    "known_of",
    "plain_condition",
    "profiles_of",
    "rulebook_of",
    "workload",
]

Tree = dict[str, Any]
"""A condition as plain data."""

V = TypeVar("V")

Kind = Literal["word", "words", "number"]

Plain = str | int | list[str]
"""A value as plain data; not applicable is a word, or no words."""

NAMES = ("shipped", "10", "100", "1000", "10000")
"""The rulebooks: the one that conseil carries, and synthetic ones by their number of rules."""

_LARGEST_NUMBER = 120_000
_NOT_APPLICABLE_SHARE = 0.1
_CHOSEN = 0.35  # of the choices of a question that takes several
_PROGRESS_WEIGHTS = (8, 1, 1)  # of an action, from what is to be done to what is done


@dataclass(frozen=True, slots=True)
class Workload:
    """Rules, profiles and what must come out.

    Attributes:
        name: one of `NAMES`.
        unknown: the share of the answers that is unknown.
        facts: the name that conseil gives to each fact that a rule reads, by its identifier.
        kinds: the kind of each fact, by its identifier.
        rules: the condition of every rule, by its id.
        profiles: the known facts of each profile, by their identifier; an unknown one is absent.
        true: the ids of the rules that are true, for each profile, in the order of the rules.
        unsettled: the ids of those that are unknown.
        answers: the same profiles as somebody would write them, before anything is deduced.
    """

    name: str
    unknown: float
    facts: dict[str, str]
    kinds: dict[str, Kind]
    rules: dict[str, Tree]
    profiles: list[dict[str, Plain]]
    true: list[list[str]]
    unsettled: list[list[str]]
    answers: list[dict[str, dict[str, Any]]]

    def write(self, path: Path) -> None:
        """Write what participants read as JSON; the results are not told."""
        names = ("name", "facts", "kinds", "rules", "profiles", "answers")
        data = {"three_valued": self.unknown > 0} | {name: getattr(self, name) for name in names}
        path.write_text(json.dumps(data), encoding="utf-8")


def rulebook_of(name: str) -> Rulebook:
    """Return a rulebook by its name."""
    return load_rulebook() if name == "shipped" else synthetic_rulebook(int(name))


def workload(name: str, profiles: int, unknown: float = 0.0) -> Workload:
    """Return the workload of a rulebook; the same one every time.

    >>> found = workload("10", profiles=2)
    >>> len(found.rules), [len(facts) for facts in found.profiles] == [len(found.facts)] * 2
    (10, True)
    """
    rulebook = rulebook_of(name)
    reference = ReferenceEngine(rulebook)
    random = Random(f"{SEED} {name} {unknown}")
    kinds = _kinds(rulebook)
    read = {fact.removeprefix(PROGRESS) for fact in {*kinds, *_settling(rulebook)} if fact.startswith(PROGRESS)}
    found = Workload(
        name=name,
        unknown=unknown,
        facts={identifier(fact): fact for fact in kinds},
        kinds={identifier(fact): kind for fact, kind in kinds.items()},
        rules={rule.id: plain_condition(rule.when) for rule in rulebook.rules.values()},
        profiles=[],
        true=[],
        unsettled=[],
        answers=[],
    )
    for _ in range(profiles):
        answers = _kept(_answers(rulebook, reference, random), unknown, random)
        progress = _kept(_progress(sorted(read), random), unknown, random)
        inference = reference.infer(known_from(answers, progress, rulebook))
        known = {fact: inference.facts[fact] for fact in kinds if fact in inference.facts}
        found.profiles.append({identifier(fact): _plain(kinds[fact], value) for fact, value in known.items()})
        found.true.append([rule for rule, verdict in inference.rules.items() if verdict])
        found.unsettled.append([rule for rule, verdict in inference.rules.items() if verdict is None])
        found.answers.append({"answers": answers, "progress": progress})
    return found


def profiles_of(found: Workload) -> list[Profile]:
    """Return the profiles as conseil's users write them."""
    return [
        Profile.model_validate({"name": f"Territoire {place}", "kind": "invented", **given})
        for place, given in enumerate(found.answers)
    ]


def known_of(facts: Mapping[str, Plain], names: Mapping[str, str]) -> Known:
    """Return the facts of a profile as conseil's engines take them: what is deduced counts as answered."""
    named = {names[key]: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    progress = {fact: value for fact, value in named.items() if fact.startswith(PROGRESS)}
    return Known({fact: value for fact, value in named.items() if fact not in progress}, progress_of(progress))


def plain_condition(condition: Condition) -> Tree:
    """Write a condition as a tree of plain data.

    >>> from conseil.conditions import parse
    >>> plain_condition(parse({"not": {"progress.etude": "done"}}))
    {'op': 'not', 'part': {'op': 'in', 'fact': 'progress_etude', 'values': ['done']}}
    """
    match condition:
        case OneOf(fact, values):
            return {"op": "in", "fact": identifier(fact), "values": list(values)}
        case Between(fact, low, high):
            return {"op": "between", "fact": identifier(fact), "low": low, "high": high}
        case Several(fact, quantifier, values):
            return {"op": "several", "fact": identifier(fact), "quantifier": quantifier, "values": list(values)}
        case Not(part):
            return {"op": "not", "part": plain_condition(part)}
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            if len(parts) == 1:
                return plain_condition(parts[0])
            return {"op": "any" if isinstance(condition, AnyOf) else "all", "parts": [*map(plain_condition, parts)]}


def identifier(fact: str) -> str:
    """Return a name of a fact that every peer's language takes.

    >>> identifier("progress.etude-opportunite")
    'progress_etude_opportunite'
    """
    return fact.replace(".", "_").replace("-", "_")


def _kinds(rulebook: Rulebook) -> dict[str, Kind]:
    """Return the kind of every fact that a rule reads, in the order of the vocabulary, progress last."""
    read = {leaf.fact for rule in rulebook.rules.values() for _, leaf in leaves(rule.when)}
    words: dict[str, Kind] = {"choices": "words", "integer": "number"}
    found = {item.id: words.get(item.type, "word") for item in rulebook.questions if item.id in read}
    return found | {PROGRESS + action: "word" for action in rulebook.by_id if PROGRESS + action in read}


def _settling(rulebook: Rulebook) -> set[str]:
    """Return the facts on which questions and deductions rest."""
    return {fact for rests in fact_dependencies(rulebook.questions, rulebook.deductions).values() for fact in rests}


def _answers(rulebook: Rulebook, engine: ReferenceEngine, random: Random) -> dict[str, FactValue]:
    """Draw the answers of a profile that leaves nothing open: every question that is asked, and all progress read."""
    answers = {item.id: _answer(item, random) for item in rulebook.questions if item.id not in rulebook.deduction_of}
    roles = rulebook.guide.roles
    stance = rulebook.stance_of[str(answers[roles.scenario])]
    answers[roles.stage] = random.choice(stance.stages).stage
    for fact in engine.infer(Known(answers, {})).ignored:  # the question does not apply: nobody asks it
        del answers[fact]
    return answers


def _answer(question: Question, random: Random) -> FactValue:
    if question.not_applicable and random.random() < _NOT_APPLICABLE_SHARE:
        return NOT_APPLICABLE
    if question.type == "integer":
        return random.randrange(1, _LARGEST_NUMBER)
    if question.type == "choices":
        return tuple(value for value in question.values if random.random() < _CHOSEN)
    return random.choice(question.values)


def _progress(actions: list[str], random: Random) -> dict[str, Progress]:
    return {action: random.choices(PROGRESS_VALUES, _PROGRESS_WEIGHTS)[0] for action in actions}


def _kept(values: dict[str, V], unknown: float, random: Random) -> dict[str, V]:
    return {name: value for name, value in values.items() if random.random() >= unknown}


def _plain(kind: Kind, value: FactValue) -> Plain:
    """Write a value for the peers: of a list of choices that does not apply, none was made."""
    if isinstance(value, tuple) or kind == "words":
        return list(value) if isinstance(value, tuple) else []
    return value
