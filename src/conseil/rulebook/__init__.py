"""The rulebook: steps, actions, rules, deductions and stances; loaded from a folder, checked whole, hashed."""

from conseil.rulebook.checks import fact_dependencies
from conseil.rulebook.loading import load_rulebook, problem_of_rule
from conseil.rulebook.model import (
    AXES,
    EFFECTS,
    Action,
    Axis,
    Criterion,
    Deduction,
    Effect,
    Example,
    Guide,
    Outcome,
    Rule,
    Rulebook,
    Stage,
    Stance,
    Statement,
    Step,
    Theme,
    Unlock,
)

__all__ = [
    "AXES",
    "EFFECTS",
    "Action",
    "Axis",
    "Criterion",
    "Deduction",
    "Effect",
    "Example",
    "Guide",
    "Outcome",
    "Rule",
    "Rulebook",
    "Stage",
    "Stance",
    "Statement",
    "Step",
    "Theme",
    "Unlock",
    "fact_dependencies",
    "load_rulebook",
    "problem_of_rule",
]
