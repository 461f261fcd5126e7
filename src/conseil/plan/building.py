"""From verdicts to a plan: statuses, waves, ranks, the first decisions, and where the territory stands."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low
from typing import NamedTuple

from conseil.inference import Inference
from conseil.plan.model import LIVE, Item, Notice, Plan, Situation
from conseil.plan.score import Score, priority_of, score_of
from conseil.plan.status import Requirement, Status, possible_statuses, requirement_state
from conseil.profile import Known, Profile
from conseil.rulebook import Action, Rulebook

__all__ = ["Judged", "build_plan", "judge"]


class Judged(NamedTuple):
    """What is known of an action before it is compared with the others."""

    status: Status
    possible: tuple[Status, ...]
    requires: tuple[Requirement, ...]
    wave: int
    score: Score


class _Places(NamedTuple):
    """Where each action comes: what is not in a mapping has no such place."""

    ranks: dict[str, int]
    waves: dict[str, int]
    now: frozenset[str]
    leads: dict[str, str]


def build_plan(rulebook: Rulebook, profile: Profile, known: Known, inference: Inference) -> Plan:
    """Build the plan of a profile from the verdicts of an engine; the same input gives the same plan."""
    judged = judge(rulebook, known, inference)
    capacity = _capacity(rulebook, inference)
    places = _places(rulebook, judged, capacity)
    return Plan(
        rulebook=rulebook,
        profile=profile,
        known=known,
        inference=inference,
        items=tuple(_item(action, judged[action.id], places, rulebook, known) for action in rulebook.actions),
        situation=_situation(rulebook, inference),
        notices=tuple(_notices(rulebook, profile, known, inference, judged)),
        capacity=capacity,
    )


def judge(rulebook: Rulebook, known: Known, inference: Inference) -> dict[str, Judged]:
    """Return the status, wave and score of every action, before any of them is ranked."""
    judged: dict[str, Judged] = {}
    for action in rulebook.prerequisites_first:
        judged[action.id] = _judge(action, judged, rulebook, known, inference)
    return judged


def _places(rulebook: Rulebook, judged: dict[str, Judged], capacity: int) -> _Places:
    """Order the live actions by wave, total, step and place in the rulebook, and those to confirm by total."""
    leads = {
        action.id: action.twin_of
        for action in rulebook.actions
        if action.twin_of and judged[action.id].status in LIVE and judged[action.twin_of].status in LIVE
    }
    live = [action.id for action in rulebook.actions if judged[action.id].status in LIVE and action.id not in leads]
    live.sort(key=lambda name: (judged[name].wave, -judged[name].score.total))  # stable: then as in the rulebook
    to_confirm = [action.id for action in rulebook.actions if judged[action.id].status == "to_confirm"]
    to_confirm.sort(key=lambda name: -judged[name].score.total)
    first = [name for name in live if judged[name].wave == 1 and judged[name].status == "recommended"]
    return _Places(
        ranks={name: rank for names in (live, to_confirm) for rank, name in enumerate(names, start=1)},
        waves={name: judged[name].wave for name in live},
        now=frozenset(first[:capacity]),
        leads=leads,
    )


def _judge(action: Action, judged: dict[str, Judged], rulebook: Rulebook, known: Known, inference: Inference) -> Judged:
    before = [judged[needed.action] for needed in action.requires]
    states = [requirement_state(found.status) for found in before]
    progress = known.progress.get(action.id)
    possible: tuple[Status, ...]
    if progress == "done":
        possible = ("done",)
    elif progress == "doing":
        possible = ("in_progress",)
    else:
        might_be = [found.possible for found in before]
        possible = possible_statuses(action, inference.rules, list(zip(states, might_be, strict=True)))
    waves = [found.wave for state, found in zip(states, before, strict=True) if state in {"live", "to_confirm"}]
    return Judged(
        status=possible[0] if len(possible) == 1 else "to_confirm",
        possible=possible,
        requires=tuple(
            Requirement(needed.action, state) for needed, state in zip(action.requires, states, strict=True)
        ),
        wave=1 + max(waves, default=0),
        score=score_of(action, inference.rules, rulebook),
    )


def _item(action: Action, judged: Judged, places: _Places, rulebook: Rulebook, known: Known) -> Item:
    score = judged.score
    settled = priority_of(score.low, rulebook) == priority_of(score.high, rulebook)
    return Item(
        action=action,
        status=judged.status,
        possible=judged.possible,
        score=score,
        priority=priority_of(score.total, rulebook),
        certain=judged.status != "to_confirm" and settled,
        rank=places.ranks.get(action.id),
        wave=places.waves.get(action.id),
        now=action.id in places.now,
        requires=judged.requires,
        lead=places.leads.get(action.id),
        folded=tuple(twin for twin, lead in places.leads.items() if lead == action.id),
        essential=action.id in rulebook.essential_of,
        progress=known.progress.get(action.id, "unknown"),
    )


def _capacity(rulebook: Rulebook, inference: Inference) -> int:
    role = rulebook.guide.roles.capacity
    choice = inference.facts.get(role.question)
    if isinstance(choice, str) and choice in role.at_most:
        return role.at_most[choice]
    return median_low(role.at_most.values())


def _situation(rulebook: Rulebook, inference: Inference) -> Situation:
    roles = rulebook.guide.roles
    scenario, stage_id = inference.facts.get(roles.scenario), inference.facts.get(roles.stage)
    stance = rulebook.stance_of.get(scenario) if isinstance(scenario, str) else None
    stages = [stage.stage for stage in stance.stages] if stance else []
    if stance is None or stage_id not in stages:
        return Situation(stance, None, None, ())
    index = stages.index(stage_id)
    stage = stance.stages[index]
    following = stance.stages[index + 1] if index + 1 < len(stages) else None
    criteria = tuple(
        (criterion, inference.criteria[stance.scenario, stage.stage, place])
        for place, criterion in enumerate(stage.ready_when)
    )
    return Situation(stance, stage, following, criteria)


def _notices(
    rulebook: Rulebook, profile: Profile, known: Known, inference: Inference, judged: dict[str, Judged]
) -> Iterator[Notice]:
    if profile.rulebook and profile.rulebook.version not in {None, rulebook.guide.version}:
        yield Notice("other_version")
    yield from (Notice("stage_of_other_scenario", fact=fact) for fact in known.ignored)
    yield from (Notice("answer_ignored", fact=fact) for fact in inference.ignored)
    yield from (Notice("answer_waiting", fact=fact) for fact in [*known.waiting, *inference.waiting])
    if rulebook.guide.roles.capacity.question not in inference.facts:
        yield Notice("capacity_unknown", fact=rulebook.guide.roles.capacity.question)
    for action in rulebook.actions:
        if judged[action.id].status == "in_progress":
            yield from _obstacles(action, inference)


def _obstacles(action: Action, inference: Inference) -> Iterator[Notice]:
    """Say what would have held back an action that is under way."""
    for rule in action.rules:
        if inference.rules[rule.id] and rule.effect == "exclude":
            yield Notice("in_progress_excluded", action=action.id, rule=rule)
        if inference.rules[rule.id] and rule.effect == "defer":
            yield Notice("in_progress_deferred", action=action.id, rule=rule)
