"""From verdicts to a plan: statuses, waves, ranks, the first decisions, and where the territory stands."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low
from typing import NamedTuple

from conseil.inference import Inference
from conseil.plan.model import LIVE, Item, Plan, Situation, Notice
from conseil.plan.score import Score, priority_of, score_of
from conseil.plan.status import Requirement, Status, possible_statuses, requirement_state
from conseil.profile import Known, Profile
from conseil.rulebook import Action, Rulebook

__all__ = ["build_plan"]


class _Judged(NamedTuple):
    """What is known of an action before it is compared with the others."""

    status: Status
    possible: tuple[Status, ...]
    requires: tuple[Requirement, ...]
    wave: int
    score: Score


def build_plan(rulebook: Rulebook, profile: Profile, known: Known, inference: Inference) -> Plan:
    """Build the plan of a profile from the verdicts of an engine; the same input gives the same plan."""
    judged: dict[str, _Judged] = {}
    for action in rulebook.prerequisites_first:
        judged[action.id] = _judge(action, judged, rulebook, known, inference)
    folded = {
        action.id: action.twin_of
        for action in rulebook.actions
        if action.twin_of and judged[action.id].status in LIVE and judged[action.twin_of].status in LIVE
    }
    live = [action for action in rulebook.actions if judged[action.id].status in LIVE and action.id not in folded]
    live.sort(key=lambda action: (judged[action.id].wave, -judged[action.id].score.total))  # stable: then as written
    to_confirm = [action for action in rulebook.actions if judged[action.id].status == "to_confirm"]
    to_confirm.sort(key=lambda action: -judged[action.id].score.total)
    ranks = {action.id: rank for ranked in (live, to_confirm) for rank, action in enumerate(ranked, start=1)}
    first_wave = [
        action.id for action in live if judged[action.id].wave == 1 and judged[action.id].status == "recommended"
    ]
    capacity = _capacity(rulebook, inference)
    now = frozenset(first_wave[:capacity])
    ranked = frozenset(action.id for action in live)
    return Plan(
        rulebook=rulebook,
        profile=profile,
        known=known,
        inference=inference,
        items=tuple(
            _item(action, judged[action.id], rulebook, known, ranks.get(action.id), folded, action.id in ranked, action.id in now)
            for action in rulebook.actions
        ),
        situation=_situation(rulebook, inference),
        notices=tuple(_notices(rulebook, profile, known, inference, judged)),
        capacity=capacity,
    )


def _judge(
    action: Action, judged: dict[str, _Judged], rulebook: Rulebook, known: Known, inference: Inference
) -> _Judged:
    before = [(needed.action, judged[needed.action]) for needed in action.requires]
    states = [(requirement_state(found.status), found.possible) for _, found in before]
    status: Status
    match known.progress.get(action.id):
        case "done":
            status, possible = "done", ("done",)
        case "doing":
            status, possible = "in_progress", ("in_progress",)
        case _:
            possible = possible_statuses(action, inference.rules, states)
            status = possible[0] if len(possible) == 1 else "to_confirm"
    waited_for = [found.wave for (state, _), (_, found) in zip(states, before, strict=True) if state in {"live", "to_confirm"}]
    return _Judged(
        status,
        possible,
        tuple(Requirement(name, state) for (name, _), (state, _) in zip(before, states, strict=True)),
        1 + max(waited_for, default=0),
        score_of(action, inference.rules, rulebook),
    )


def _item(  # noqa: PLR0913, PLR0917 - the record has that many columns
    action: Action,
    judged: _Judged,
    rulebook: Rulebook,
    known: Known,
    rank: int | None,
    folded: dict[str, str],
    ranked: bool,
    now: bool,
) -> Item:
    score = judged.score
    settled = priority_of(score.low, rulebook) == priority_of(score.high, rulebook)
    return Item(
        action=action,
        status=judged.status,
        possible=judged.possible,
        score=score,
        priority=priority_of(score.total, rulebook),
        certain=judged.status != "to_confirm" and settled,
        rank=rank,
        wave=judged.wave if ranked else None,
        now=now,
        requires=judged.requires,
        lead=folded.get(action.id),
        folded=tuple(twin for twin, lead in folded.items() if lead == action.id),
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
    rulebook: Rulebook, profile: Profile, known: Known, inference: Inference, judged: dict[str, _Judged]
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
