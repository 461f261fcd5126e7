"""Whether any answer can still change which actions are the first ten. Where this says no, none can.

First by bounds: an action that is live for sure, and that fewer than ten others could precede, stays. A rule that is
unknown and waits for no question (but for the progress of an action, which is taken as it is known) stays unknown, and
moves nothing. Where bounds are too wide, one question is tried with each of its answers, and so on, within a budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from conseil.conditions import FactValue
from conseil.inference import Verdicts
from conseil.interview.territory import Judgement, Territories, bits
from conseil.plan import LIVE, Judged, judge
from conseil.robustness import FIRST

__all__ = ["is_settled"]

_BUDGET = 200
"""How many territories are judged before giving up: about twenty milliseconds."""


def is_settled(territories: Territories, answers: Mapping[str, FactValue]) -> bool:
    """Say whether no further answer can change which actions are the first ten; no is also said for "not found out"."""
    start = territories.judge(answers)
    first, budget = frozenset(start.first), _BUDGET
    waiting: list[tuple[dict[str, FactValue], frozenset[str]]] = [(dict(answers), frozenset())]
    while waiting:
        given, left = waiting.pop()
        judgement = territories.judge(given)
        if frozenset(judgement.first) != first:
            return False
        open_ = [name for name in territories.open(given, judgement) if name not in left]
        deduced = [name for name in open_ if name in judgement.inference.facts]
        if not deduced and _bounded(territories, judgement, open_):
            continue
        if not open_ or len(waiting) > budget:
            return False
        # a deduced answer can be taken back, and bounds then hold of nothing: its cases come first
        tried = deduced[0] if deduced else _narrowest(territories, judgement, open_)
        if not territories.questions.can_try(tried):
            return False
        waiting += [({**given, tried: value}, left) for value in territories.questions.answers[tried]]
        if tried in deduced:
            waiting.append((given, left | {tried}))
        budget -= 1
    return True


def _narrowest(territories: Territories, judgement: Judgement, open_: list[str]) -> str:
    """Return the question that settles most rules for each answer to be tried."""
    unknown, questions = bits(territories.rulebook, judgement).unknown, territories.questions
    return max(open_, key=lambda name: (unknown & questions.moves[name]).bit_count() / len(questions.answers[name]))


def _bounded(territories: Territories, judgement: Judgement, open_: list[str]) -> bool:
    """Say whether bounds alone show that the first ten stay, however these questions are answered."""
    rulebook, judged = territories.rulebook, judgement.judged
    verdicts = bits(rulebook, judgement)
    moving = 0
    for name in open_:
        moving |= territories.questions.moves[name]
    # what waits for no open question keeps its verdict: it brings no points, and no status
    counted = Verdicts(verdicts.places, verdicts.true, verdicts.unknown & moving)
    scores = judge(rulebook, judgement.known, replace(judgement.inference, rules=counted))
    may_live = {name for name, one in judged.items() if territories.may_live(one, verdicts, moving)}
    surely = {name for name, one in judged.items() if one.status in LIVE}
    may_rank = [name for name in may_live if rulebook.lead_of.get(name) not in surely]
    if any(rulebook.lead_of.get(name) in may_live for name in judgement.first):
        return False  # its lead may come, and take it under
    if len(judgement.first) < FIRST:
        return set(may_rank) == set(judgement.first)
    place = {name: index for index, name in enumerate(judged)}
    earliest = _waves(territories, judged, surely)
    latest = _waves(territories, judged, surely | {name for name, one in judged.items() if one.status == "to_confirm"})
    for name in judgement.first:
        worst = latest[name], -scores[name].score.low, place[name]
        before = [
            other
            for other in may_rank
            if other != name and (earliest[other], -scores[other].score.high, place[other]) < worst
        ]
        if len(before) >= FIRST:
            return False
    return True


def _waves(territories: Territories, judged: Mapping[str, Judged], counted: AbstractSet[str]) -> dict[str, int]:
    """Return the wave of each action where these prerequisites count, and no other."""
    waves: dict[str, int] = {}
    for action in territories.rulebook.prerequisites_first:
        before = [waves[needed.action] for needed in action.requires if needed.action in counted]
        waves[action.id] = 1 + max(before, default=0)
    return {name: waves[name] for name in judged}
