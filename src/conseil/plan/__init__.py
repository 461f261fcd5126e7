"""From verdicts to a plan: the status, score, rank and wave of every action."""

from conseil.plan.building import build_plan, in_rank_order
from conseil.plan.judging import Item, Judged, Reason, judge
from conseil.plan.model import LIVE, Deduced, Notice, Plan, Situation
from conseil.plan.score import AxisScore, Priority, Score, points_of
from conseil.plan.status import POSSIBLE, Requirement, Status

__all__ = [
    "LIVE",
    "POSSIBLE",
    "AxisScore",
    "Deduced",
    "Item",
    "Judged",
    "Notice",
    "Plan",
    "Priority",
    "Reason",
    "Requirement",
    "Score",
    "Situation",
    "Status",
    "build_plan",
    "in_rank_order",
    "judge",
    "points_of",
]
