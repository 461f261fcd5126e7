"""From verdicts to a plan: statuses, waves, ranks, the first decisions, and where the territory stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat

from conseil.inference import Inference
from conseil.plan.judging import Judged, judge
from conseil.plan.model import LIVE, Item, Notice, Plan, Situation
from conseil.profile import Known, Profile
from conseil.rulebook import Action, Rulebook

__all__ = ["build_plan", "in_rank_order"]


def build_plan(rulebook: Rulebook, profile: Profile, known: Known, inference: Inference) -> Plan:
    """Build the plan of a profile from the verdicts of an engine; the same input gives the same plan."""
    judged = judge(rulebook, known, inference)
    capacity = _capacity(rulebook, inference)
    return Plan(
        rulebook=rulebook,
        profile=profile,
        known=known,
        inference=inference,
        items=_items(rulebook, judged, capacity),
        situation=_situation(rulebook, inference),
        notices=tuple(_notices(rulebook, profile, known, inference, judged)),
        capacity=capacity,
    )


def in_rank_order(rulebook: Rulebook, judged: Mapping[str, Judged]) -> tuple[list[str], dict[str, str]]:
    """Return the live actions by wave, total, step and place in the rulebook; and the lead of those that are folded."""
    leads = {
        name: lead
        for name, lead in rulebook.lead_of.items()
        if judged[name].status in LIVE and judged[lead].status in LIVE
    }
    live = [name for name, one in judged.items() if one.status in LIVE and name not in leads]
    live.sort(key=lambda name: (judged[name].wave, -judged[name].score.total))  # stable: then as in the rulebook
    return live, leads


def _items(rulebook: Rulebook, judged: dict[str, Judged], capacity: int) -> tuple[Item, ...]:
    """Give every action its place: the live ones in rank order, those to confirm by total."""
    live, leads = in_rank_order(rulebook, judged)
    folded: dict[str, tuple[str, ...]] = {}
    for name, lead in leads.items():
        folded[lead] = (*folded.get(lead, ()), name)
    to_confirm = [name for name, one in judged.items() if one.status == "to_confirm"]
    to_confirm.sort(key=lambda name: -judged[name].score.total)
    ranks = {name: rank for names in (live, to_confirm) for rank, name in enumerate(names, start=1)}
    waves = {name: judged[name].wave for name in live}
    now = {*[name for name in live if judged[name].status == "recommended" and waves[name] == 1][:capacity]}
    return tuple(
        map(
            Item,
            judged.values(),
            map(ranks.get, judged),
            map(waves.get, judged),
            map(now.__contains__, judged),
            map(leads.get, judged),
            map(folded.get, judged, repeat(())),
        )
    )


def _capacity(rulebook: Rulebook, inference: Inference) -> int:
    role = rulebook.guide.roles.capacity
    choice = inference.facts.get(role.question)
    if isinstance(choice, str) and choice in role.at_most:
        return role.at_most[choice]
    return role.middle


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
    if profile.rulebook and profile.rulebook.version not in {None, rulebook.version}:
        yield Notice("other_version")
    if profile.set_aside:
        yield Notice("answers_set_aside")
    yield from (Notice("stage_of_other_scenario", fact=fact) for fact in known.ignored)
    yield from (Notice("answer_ignored", fact=fact) for fact in inference.ignored)
    yield from (Notice("answer_waiting", fact=fact) for fact in [*known.waiting, *inference.waiting])
    if rulebook.guide.roles.capacity.question not in inference.facts:
        yield Notice("capacity_unknown", fact=rulebook.guide.roles.capacity.question)
    for one in judged.values():
        if one.status == "in_progress":
            yield from _obstacles(one.action, inference)


def _obstacles(action: Action, inference: Inference) -> Iterator[Notice]:
    """Say what would have held back an action that is under way."""
    for rule in action.rules:
        if rule.effect == "exclude" and inference.rules[rule.id]:
            yield Notice("in_progress_excluded", action=action.id, rule=rule)
        if rule.effect == "defer" and inference.rules[rule.id]:
            yield Notice("in_progress_deferred", action=action.id, rule=rule)
