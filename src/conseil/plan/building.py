"""From verdicts to a plan: statuses, waves, ranks, the first decisions, and where the territory stands."""

from __future__ import annotations

from collections.abc import Iterator

from conseil.inference import Inference
from conseil.plan.judging import Item, Judged, items_of, judge
from conseil.plan.model import LIVE, Notice, Plan, Situation
from conseil.profile import Known, Profile
from conseil.rulebook import Action, Rulebook

__all__ = ["build_plan", "in_rank_order"]

_ABOVE_TOTALS = 128
"""More than any total: a wave counts for more than what an action is worth."""


def build_plan(rulebook: Rulebook, profile: Profile, known: Known, inference: Inference) -> Plan:
    """Build the plan of a profile from the verdicts of an engine; the same input gives the same plan."""
    judged = judge(rulebook, known, inference)
    capacity = _capacity(rulebook, inference)
    return Plan(
        rulebook=rulebook,
        profile=profile,
        known=known,
        inference=inference,
        items=_items(judged, capacity),
        situation=_situation(rulebook, inference),
        notices=tuple(_notices(rulebook, profile, known, inference, judged)),
        capacity=capacity,
    )


def in_rank_order(judged: Judged) -> tuple[list[int], dict[int, int]]:
    """Rank the live actions by wave, total, step and place in the rulebook.

    Returns:
        Their places in the rulebook; and, of each that is folded, its place and that of its lead.
    """
    states, scored = judged.states, judged.scored
    live = [place for place, state in enumerate(states) if state.status in LIVE]
    leads = {
        twin: lead for twin, lead in judged.leads.items() if states[twin].status in LIVE and states[lead].status in LIVE
    }
    ranked = [place for place in live if place not in leads]
    # stable: equal ones stay as in the rulebook
    ranked.sort(key=lambda place: states[place].bearing.wave * _ABOVE_TOTALS - scored[place].score.total)
    return ranked, leads


def _items(judged: Judged, capacity: int) -> tuple[Item, ...]:
    """Give every action its place: the live ones in rank order, those to confirm by total."""
    actions, states, scored, reasons, _ = judged
    ranked, leads = in_rank_order(judged)
    to_confirm = [place for place, state in enumerate(states) if state.status == "to_confirm"]
    to_confirm.sort(key=lambda place: -scored[place].score.total)
    many = len(actions)
    ranks: list[int | None] = [None] * many
    waves: list[int | None] = [None] * many
    lead_of: list[str | None] = [None] * many
    now = [False] * many
    folded: list[tuple[str, ...]] = [()] * many
    left = capacity
    for rank, place in enumerate(ranked, start=1):
        state = states[place]
        ranks[place], waves[place] = rank, state.bearing.wave
        if left and state.bearing.wave == 1 and state.status == "recommended":
            now[place] = True
            left -= 1
    for rank, place in enumerate(to_confirm, start=1):
        ranks[place] = rank
    for twin, lead in leads.items():
        lead_of[twin] = actions[lead].id
        folded[lead] = (*folded[lead], actions[twin].id)
    return tuple(items_of(actions, states, scored, reasons, ranks, waves, now, lead_of, folded))


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
    rulebook: Rulebook, profile: Profile, known: Known, inference: Inference, judged: Judged
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
    for action, state in zip(judged.actions, judged.states, strict=True):
        if state.status == "in_progress" and (state.own.exclude or state.own.defer):
            yield from _obstacles(action, inference)


def _obstacles(action: Action, inference: Inference) -> Iterator[Notice]:
    """Say what would have held back an action that is under way."""
    for rule in action.rules:
        if rule.effect == "exclude" and inference.rules[rule.id]:
            yield Notice("in_progress_excluded", action=action.id, rule=rule)
        if rule.effect == "defer" and inference.rules[rule.id]:
            yield Notice("in_progress_deferred", action=action.id, rule=rule)
