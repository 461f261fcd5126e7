"""Random small rulebooks whose plans move: obstacles, exclusions, prerequisites, twins, points and a deduction.

Unlike those of `strategies`, they have every part of a plan; few facts, so that every answer can be tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from builders import action, choice, rule, rulebook
from conseil.conditions import PROGRESS_VALUES
from conseil.profile import Profile
from conseil.rulebook import Rulebook

__all__ = ["FACTS", "profile_of", "small_profiles", "small_rulebooks"]

FACTS: dict[str, tuple[str, ...]] = {
    "scenario": ("one", "two"),
    "maturity": ("young", "old"),
    "staff": ("few", "some", "many"),
    "a": ("yes", "no"),
    "b": ("yes", "no"),
    "c": ("yes", "no"),
    "d": ("yes", "no"),
}
"""What rules may test; `maturity` is deduced where it is not answered, and `d` asked where `a` is yes."""

_ACTIONS = ("act-1", "act-2", "act-3", "act-4")
_STEPS = ("+", "++", "+++", "-", "--", "---")


@st.composite
def _tests(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from([*FACTS, "progress"]))
    if fact == "progress":
        return {f"progress.{draw(st.sampled_from(_ACTIONS))}": draw(st.sampled_from(PROGRESS_VALUES))}
    return {fact: draw(st.sampled_from(FACTS[fact]))}


@st.composite
def _conditions(draw: st.DrawFn) -> object:
    parts = draw(st.lists(_tests(), min_size=1, max_size=2))
    match draw(st.sampled_from(["always", "all", "any", "not", "one", "one"])):
        case "always":
            return "always"
        case "all":
            return {"all": parts}
        case "any":
            return {"any": parts}
        case "not":
            return {"not": parts[0]}
        case _:
            return parts[0]


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(["recommend", "recommend", "reinforce", "defer", "exclude"]))
    more: dict[str, Any] = {}
    if effect in {"recommend", "reinforce"}:
        more["points"] = {"impact": draw(st.sampled_from(_STEPS)), "feasibility": draw(st.sampled_from(_STEPS))}
    if effect == "defer":
        more["unlocked_by"] = {"answers": {"a": ["yes"]}}
    return rule(effect, draw(_conditions()), **more)


@st.composite
def small_rulebooks(draw: st.DrawFn) -> Rulebook:
    """Draw a rulebook of four actions, each with one to three rules; some require an earlier one, or are its twin."""
    actions = []
    for place, name in enumerate(_ACTIONS):
        earlier = _ACTIONS[:place]
        needed = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        more: dict[str, Any] = {}
        if place == len(_ACTIONS) - 1 and draw(st.booleans()):
            more["twin_of"] = _ACTIONS[0]
            needed = [other for other in needed if other != _ACTIONS[0]]
        first = rule("recommend", draw(_conditions()), points={"impact": draw(st.sampled_from(_STEPS))})
        actions.append(action(name, first, *draw(st.lists(_rules(), max_size=3)), requires=needed, **more))
    asked_when = {"asked_when": {"a": "yes"}} if draw(st.booleans()) else {}
    ours = {"basis": "editorial", "rationale": "Parce que."}
    deduction = {
        "fact": "maturity",
        "values": [{"value": "old", "when": draw(_tests_of("a", "b")), "because": "Dit."}],
        "otherwise": {"value": "young", "because": "Sinon."},
    } | ours
    deductions = [deduction] if draw(st.booleans()) else []
    extra = choice("d", "yes", "no", not_applicable=draw(st.booleans()), **asked_when)
    return rulebook(
        *actions, questions=[extra], deductions=deductions, essential=draw(st.sampled_from([(), ("act-2",)]))
    )


@st.composite
def _tests_of(draw: st.DrawFn, *facts: str) -> dict[str, Any]:
    fact = draw(st.sampled_from(facts))
    return {fact: draw(st.sampled_from(FACTS[fact]))}


@st.composite
def small_profiles(draw: st.DrawFn, *, complete: bool = False) -> Profile:
    """Draw a territory for such a rulebook: some answers, some progress."""
    optional = {fact: st.sampled_from(values) for fact, values in FACTS.items()}
    answers = draw(st.fixed_dictionaries(optional if complete else {}, optional={} if complete else optional))
    progress = draw(st.fixed_dictionaries({}, optional={name: st.sampled_from(PROGRESS_VALUES) for name in _ACTIONS}))
    return profile_of(answers, progress)


def profile_of(answers: Mapping[str, object], progress: Mapping[str, str]) -> Profile:
    """Return a territory with these answers."""
    return Profile.model_validate(
        {"name": "Ici", "kind": "invented", "answers": dict(answers), "progress": dict(progress)}
    )
