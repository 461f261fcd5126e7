"""Comparisons and robustness as pictures: what a slope chart and a tornado show of them."""

from __future__ import annotations

from conseil.comparison import Comparison
from conseil.plan import Plan
from conseil.rendering.pictures import slope, tornado
from conseil.robustness import FIRST, Robustness, Sensitivity
from conseil.rulebook.model import Weights
from conseil.sentences import answer_words, fact_label

__all__ = ["chosen_weights", "comparison_picture", "effects", "robustness_picture"]


def comparison_picture(comparison: Comparison, own: Weights | None = None) -> str:
    """Draw a comparison as a slope chart of ranks, in SVG.

    Args:
        comparison: two to six variants.
        own: the weights of the rules, where the plans were made with others.

    Raises:
        ValueError: there are too few variants, or too many.
    """
    titles = comparison.rulebook.by_id
    rows = [(titles[action].title, ranks) for action, ranks in comparison.ranks.items()]
    names = [variant.name for variant in comparison.variants]
    territories = {variant.plan.profile.name for variant in comparison.variants}
    about = territories if len(territories) == 1 and territories.isdisjoint(names) else ()
    return slope(names, rows, _about(*about, _weights(comparison.variants[0].plan, own)))


def robustness_picture(robustness: Robustness, own: Weights | None = None) -> str:
    """Draw what each unknown question can do alone as a tornado, in SVG.

    Args:
        robustness: what would hold.
        own: the weights of the rules, where the plan was made with others.
    """
    plan, full = robustness.plan, len(robustness.first) == FIRST
    first = f"les {FIRST} premières actions" if full else "la liste des actions recommandées ou en cours"
    what = f"Pour chaque question, la réponse qui change le plus {first}" if robustness.unknowns else ""
    return tornado(effects(robustness), _about(plan.profile.name, what, _weights(plan, own)))


def effects(robustness: Robustness) -> list[tuple[str, int, int]]:
    """Return each unknown question with its answer, how many actions leave the first ones, and how many enter."""
    return [(_answer(robustness.plan, found), len(found.leaves), len(found.enters)) for found in robustness.unknowns]


def _answer(plan: Plan, found: Sensitivity) -> str:
    label = fact_label(plan.rulebook, found.question)
    return f"{label} : {answer_words(plan.rulebook, found.question, found.value)}" if found.changed else label


def chosen_weights(plan: Plan, own: Weights | None) -> str:
    """Say that the weights are not those of the rules, where they are not; to read after "poids"."""
    used = plan.rulebook.guide.score.weights
    if own is None or own == used:
        return ""
    return (
        f"impact {used.impact} %, faisabilité {used.feasibility} %. Vous les avez choisis : ce ne sont pas ceux des "
        f"règles du guide ({own.impact} % et {own.feasibility} %)."
    )


def _weights(plan: Plan, own: Weights | None) -> str:
    said = chosen_weights(plan, own)
    return f"Poids : {said}" if said else ""


def _about(*sentences: str) -> str:
    return ". ".join(sentence.rstrip(".") for sentence in sentences if sentence)
