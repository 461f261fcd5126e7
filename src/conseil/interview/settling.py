"""Whether any answer can still change which actions are the first ten. Where this says no, none can.

The same is asked of fewer answers: those to questions of which nobody has said that they do not know.

First by bounds: an action that is live for sure, and that fewer than ten others could precede, stays. A rule that is
unknown and waits for no question (but for the progress of an action, which is taken as it is known) stays unknown, and
moves nothing. Where bounds are too wide, one question is tried with each of its answers, and so on, within a budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import reduce
from operator import or_

from conseil.conditions import FactValue
from conseil.inference import Verdicts
from conseil.interview.territory import NOTHING, Judgement, Questions, Territories, bits
from conseil.plan import LIVE, Item, judge
from conseil.robustness import FIRST

__all__ = ["is_settled"]

_BUDGET = 200
"""How many territories are judged before giving up: about twenty milliseconds."""


def is_settled(
    territories: Territories, answers: Mapping[str, FactValue], stays_unknown: AbstractSet[str] = NOTHING
) -> bool:
    """Say whether no further answer can change which actions are the first ten; no is also said for "not found out".

    Args:
        territories: the rulebook, and the progress of actions.
        answers: what is known.
        stays_unknown: questions that get no answer.
    """
    questions = territories.questions
    first, tried = frozenset(territories.judge(answers).first), 0
    waiting: list[dict[str, FactValue]] = [dict(answers)]
    while waiting:
        given = waiting.pop()
        judgement = territories.judge(given)
        if frozenset(judgement.first) != first:
            return False
        open_ = [name for name in territories.open(given, judgement) if name not in stays_unknown]
        if not open_:
            continue
        deduced = [name for name in open_ if name in judgement.inference.facts]
        if deduced:
            # bounds hold of nothing that an answer can take back; what was deduced is one of the answers
            following = deduced[0]
        else:
            in_doubt = _in_doubt(territories, judgement, open_)
            if not in_doubt:
                continue
            following = _narrowest(questions, judgement, open_, in_doubt)
        if not questions.can_try(following):
            return False
        waiting += [{**given, following: value} for value in questions.answers[following]]
        tried += 1
        if tried + len(waiting) > _BUDGET:
            return False
    return True


def _narrowest(questions: Questions, judgement: Judgement, open_: list[str], in_doubt: AbstractSet[str]) -> str:
    """Return the question that settles most rules of the actions in doubt for each answer to be tried."""
    unknown = bits(questions.rulebook, judgement).unknown
    waiting = reduce(or_, (unknown & questions.behind[action] for action in in_doubt))
    return max(open_, key=lambda name: (waiting & questions.moves[name]).bit_count() / len(questions.answers[name]))


def _in_doubt(territories: Territories, judgement: Judgement, open_: list[str]) -> AbstractSet[str]:
    """Return the actions for which bounds alone do not show that the first ten stay: none where they do."""
    rulebook, judged = territories.rulebook, judgement.judged
    verdicts = bits(rulebook, judgement)
    moving = 0
    for name in open_:
        moving |= territories.questions.moves[name]
    # what waits for no open question keeps its verdict: it brings no points, and no status
    counted = Verdicts(verdicts.places, verdicts.true, verdicts.unknown & moving)
    scores = judge(rulebook, judgement.known, replace(judgement.inference, rules=counted)).by_id()
    may_live = {name for name, one in judged.items() if territories.may_live(one, verdicts, moving)}
    surely = {name for name, one in judged.items() if one.status in LIVE}
    may_rank = [name for name in may_live if rulebook.lead_of.get(name) not in surely]
    in_doubt = {name for name in judgement.first if rulebook.lead_of.get(name) in may_live}  # folded, if its lead comes
    if len(judgement.first) < FIRST:
        return in_doubt | set(may_rank) - set(judgement.first)
    place = {name: index for index, name in enumerate(judged)}
    earliest = _waves(territories, judged, surely)
    latest = _waves(territories, judged, surely | {name for name, one in judged.items() if one.status == "to_confirm"})
    at_best = {name: (earliest[name], -scores[name].score.high, place[name]) for name in may_rank}
    at_worst = {name: (latest[name], -scores[name].score.low, place[name]) for name in may_rank}
    for name in judgement.first:
        before = [other for other in may_rank if other != name and at_best[other] < at_worst[name]]
        if len(before) >= FIRST:
            ahead = {other for other in before if other in surely and at_worst[other] < at_best[name]}
            in_doubt |= {name, *before} - ahead
    return in_doubt


def _waves(territories: Territories, judged: Mapping[str, Item], counted: AbstractSet[str]) -> dict[str, int]:
    """Return the wave of each action where these prerequisites count, and no other."""
    waves: dict[str, int] = {}
    for action in territories.rulebook.prerequisites_first:
        before = [waves[needed.action] for needed in action.requires if needed.action in counted]
        waves[action.id] = 1 + max(before, default=0)
    return {name: waves[name] for name in judged}
