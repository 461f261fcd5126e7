"""Random rulebooks and territories, for hypothesis; and small rulebooks from plain conditions.

Rulebooks are built as models, not from files, and are valid: every test is one that the vocabulary allows, and no fact
rests on itself, because each is only tested by what comes after it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any, Literal

import pytest
from hypothesis import strategies as st

from conseil.authority import Source
from conseil.conditions import (
    ALWAYS,
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    OneOf,
    Several,
    Verdict,
)
from conseil.errors import EngineUnavailable
from conseil.inference.durable import load_rete
from conseil.profile import Known, Profile
from conseil.rulebook import Deduction, Outcome, Rulebook
from conseil.rulebook.model import Action
from conseil.vocabulary import Choice, Question

__all__ = [
    "answers_to",
    "conditions",
    "durable_or_skip",
    "durable_runs",
    "knowns",
    "needs_durable",
    "profiles",
    "question",
    "rulebook_of",
    "rulebooks",
    "short_names",
]

_OURS: dict[str, Any] = {"basis": "editorial", "rationale": "Pour l’essai."}
_SOURCE = Source(section="ESSAI", quote="Essai")
_ACTIONS = ("act-1", "act-2", "act-3")
_STEPS = ("step-1", "step-2")
_EFFECTS = ("recommend", "caution", "exclude")


def _why_not_durable() -> str:
    try:
        load_rete()
    except EngineUnavailable as error:
        return str(error)
    return ""


def durable_runs() -> bool:
    """Say whether durable-rules is to be tested: before 3.13 it is a dependency, and its absence a failure."""
    return sys.version_info < (3, 13) or not _why_not_durable()


needs_durable = pytest.mark.skipif(
    not durable_runs(),
    reason=f"as published, durable-rules does not import on Python 3.13 and later: {_why_not_durable()}",
)
durable_or_skip = pytest.param("durable", marks=needs_durable)


# Plain rulebooks


def question(
    name: str, kind: Literal["choice", "choices", "boolean", "integer"], *choices: str, **more: object
) -> Question:
    """Return a question that is asked, with these choices."""
    options = tuple(Choice(id=choice, label=choice) for choice in choices)
    fields: dict[str, Any] = {"label": name, "ask": name, "actionable": "no", **_OURS, **more}
    return Question(id=name, type=kind, choices=options, **fields)


def rulebook_of(
    questions: Sequence[Question],
    rules: Mapping[str, Condition] | Iterable[Condition],
    deductions: Sequence[Deduction] = (),
    criteria: Sequence[Condition] = (),
) -> Rulebook:
    """Return a rulebook with rules of these conditions, shared out among the actions; `r0`, `r1`… unless named.

    The id of a rule begins with that of its action: see `short_names`.

    Two questions are always there, for the roles of a guide: `scenario` (a, b) and `stage` (s1, s2).
    """
    named = dict(rules) if isinstance(rules, Mapping) else {f"r{index}": rule for index, rule in enumerate(rules)}
    owners = cycle(_ACTIONS)
    rules_of: dict[str, list[dict[str, Any]]] = {action: [_rule(action, "filler", ALWAYS, 1)] for action in _ACTIONS}
    for index, (name, condition) in enumerate(named.items()):
        action = next(owners)
        rules_of[action].append(_rule(action, name, condition, index))
    actions = [
        Action.model_validate(
            {"id": action, "step": _STEPS[place % 2], "title": action, "source": _SOURCE, "rules": rules_of[action]}
        )
        for place, action in enumerate(_ACTIONS)
    ]
    roles = [question("scenario", "choice", "a", "b"), question("stage", "choice", "s1", "s2")]
    given = {item.id for item in questions}
    return Rulebook.model_validate(
        {
            "guide": _guide(criteria),
            "questions": (*(role for role in roles if role.id not in given), *questions),
            "themes": {},
            "deductions": tuple(deductions),
            "actions": tuple(actions),
        }
    )


def _rule(action: str, name: str, condition: Condition, index: int) -> dict[str, Any]:
    effect = _EFFECTS[index % len(_EFFECTS)]
    return {"id": f"{action}.{name}", "effect": effect, "when": condition, "because": "Essai.", **_OURS}


def short_names(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return the verdicts of rules by their name in `rulebook_of`."""
    return {rule.partition(".")[2]: verdict for rule, verdict in verdicts.items()}


def _guide(criteria: Sequence[Condition]) -> dict[str, Any]:
    ready = [{"text": "Essai.", "when": criterion, **_OURS} for criterion in criteria]
    stages = {
        "a": [{"stage": "s1", "title": "S1", "source": _SOURCE, "ready_when": ready}],
        "b": [{"stage": stage, "title": stage, "source": _SOURCE} for stage in ("s1", "s2")],
    }
    return {
        "id": "essai",
        "version": "1",
        "title": "Essai",
        "publisher": "conseil",
        "themes": [{"id": "theme", "title": "Thème"}],
        "steps": [{"id": step, "title": step, "source": _SOURCE} for step in _STEPS],
        "stances": [
            {"scenario": scenario, "stages": described, "leads_to": {"title": "Suite", "source": _SOURCE}}
            for scenario, described in stages.items()
        ],
        "roles": {
            "scenario": "scenario",
            "stage": "stage",
            "maturity": "scenario",
            "capacity": {"question": "scenario", "at_most": {"a": 3, "b": 5}},
        },
        "score": {
            "base": 50,
            "essential": 20,
            "points": [5, 10, 20],
            "weights": {"impact": 60, "feasibility": 40},
            "thresholds": {"high": 70, "medium": 50},
        },
    }


# Conditions


def _some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=len(values), unique=True).map(tuple)


@st.composite
def _tests(draw: st.DrawFn, questions: Sequence[Question]) -> Leaf:
    """Draw a test on one of the questions, or on the progress of an action."""
    tested = draw(st.sampled_from([*questions, None]))
    if tested is None:
        return OneOf(PROGRESS + draw(st.sampled_from(_ACTIONS)), draw(_some(PROGRESS_VALUES)))
    match tested.type:
        case "integer":
            low, high = sorted((draw(st.integers(-3, 6)), draw(st.integers(-3, 6))))
            bounds = draw(st.sampled_from([(low, high), (low, None), (None, high), (low, low)]))
            return Between(tested.id, *bounds)
        case "choices":
            return Several(tested.id, draw(st.sampled_from(["any", "all", "none"])), draw(_some(tested.values)))
        case _:
            return OneOf(tested.id, draw(_some(tested.values)))


def conditions(questions: Sequence[Question], depth: int = 3) -> st.SearchStrategy[Condition]:
    """Draw conditions on some questions, nested to a depth."""
    if depth == 0:
        return _tests(questions)
    parts = st.lists(conditions(questions, depth - 1), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        _tests(questions),
        parts.map(Everything),
        parts.map(AllOf),
        parts.map(AnyOf),
        conditions(questions, depth - 1).map(Not),
    )


# Rulebooks


@st.composite
def _deductions(draw: st.DrawFn, fact: Question, earlier: Sequence[Question]) -> Deduction:
    values = st.sampled_from(fact.values)
    outcomes = draw(st.lists(st.tuples(values, conditions(earlier, 2)), min_size=1, max_size=3))
    return Deduction(
        fact=fact.id,
        values=tuple(Outcome(value=value, when=when, because="Essai.") for value, when in outcomes),
        otherwise=Outcome(value=draw(values), because="Essai."),
        **_OURS,
    )


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """Draw a valid rulebook: every type of question, some asked on a condition, some deduced, in chains."""
    questions = [question("scenario", "choice", "a", "b"), question("stage", "choice", "s1", "s2")]
    deductions: list[Deduction] = []
    kinds: list[Literal["choice", "choices", "boolean", "integer"]] = ["choice", "choices", "boolean", "integer"]
    for index in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(kinds))
        choices = ("x", "y", "z")[: draw(st.integers(1, 3))] if kind in {"choice", "choices"} else ()
        asked_when = draw(st.none() | conditions(questions, 1) | st.just(ALWAYS))
        added = question(f"q{index}", kind, *choices, asked_when=asked_when, not_applicable=draw(st.booleans()))
        if kind in {"choice", "boolean"} and draw(st.booleans()):
            deductions.append(draw(_deductions(added, questions)))
        questions.append(added)
    rules = draw(st.lists(conditions(questions) | st.just(ALWAYS), min_size=1, max_size=6))
    criteria = draw(st.lists(conditions(questions, 2), max_size=2))
    # the order of questions in a guide is not the order in which they are settled
    return rulebook_of(draw(st.permutations(questions)), rules, draw(st.permutations(deductions)), criteria)


# Territories


def answers_to(asked: Question) -> st.SearchStrategy[FactValue]:
    """Draw a known answer to a question."""
    allowed = st.just(NOT_APPLICABLE) if asked.not_applicable else st.nothing()
    match asked.type:
        case "integer":
            return allowed | st.integers(-4, 7) | st.sampled_from([-(2**63), 2**63, 2**64, 10**30])
        case "choices":
            chosen = st.sets(st.sampled_from(asked.values))
            return allowed | chosen.map(lambda made: tuple(choice for choice in asked.values if choice in made))
        case _:
            return allowed | st.sampled_from(asked.values)


def knowns(rulebook: Rulebook) -> st.SearchStrategy[Known]:
    """Draw what may be known of a territory, from nothing to everything."""
    progress = {action: st.sampled_from(PROGRESS_VALUES) for action in rulebook.by_id}
    return st.builds(
        Known,
        st.fixed_dictionaries({}, optional={item.id: answers_to(item) for item in rulebook.questions}),
        st.fixed_dictionaries({}, optional=progress),
    )


@st.composite
def profiles(draw: st.DrawFn, rulebook: Rulebook) -> Profile:
    """Draw a profile as somebody could have written it: "je ne sais pas" included, and actions left out."""
    known = draw(knowns(rulebook))
    unknown = draw(st.sets(st.sampled_from([item.id for item in rulebook.questions])))
    others = draw(st.fixed_dictionaries({}, optional={"others": st.sampled_from(PROGRESS_VALUES)}))
    answers = {**known.answers, **dict.fromkeys(unknown, "unknown")}
    return Profile.model_validate(
        {"name": "Essai", "kind": "invented", "answers": answers, "progress": {**known.progress, **others}}
    )
