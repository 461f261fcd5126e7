"""What a plan says in French, whatever the form in which it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from conseil.conditions import PROGRESS, FactValue
from conseil.plan import Notice, Plan, Priority, Status
from conseil.rulebook import Rulebook

__all__ = ["PRIORITIES", "STATUSES", "answer_words", "fact_label", "fact_sentence", "listed", "notice_sentence"]

STATUSES: dict[Status, str] = {
    "done": "faite",
    "in_progress": "en cours",
    "recommended": "recommandée",
    "deferred": "à préparer",
    "not_retained": "non retenue",
    "excluded": "écartée",
    "to_confirm": "à confirmer",
}
"""A status, as it is said of an action."""

PRIORITIES: dict[Priority, str] = {"high": "haute", "medium": "moyenne", "low": "basse"}
"""A priority, as it is said."""

_PROGRESS_WORDS = {"todo": "à faire", "doing": "en cours", "done": "faite"}


def listed(words: Iterable[str], last: str = "et") -> str:
    """Join words as one says them.

    >>> listed(["le lieu", "le porteur", "l’argent"])
    'le lieu, le porteur et l’argent'
    """
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def fact_label(rulebook: Rulebook, fact: str) -> str:
    """Name a fact: the label of a question, or the action whose progress it is."""
    if fact.startswith(PROGRESS):
        return f"avancement de « {rulebook.by_id[fact.removeprefix(PROGRESS)].title} »"
    return rulebook.vocabulary[fact].label


def answer_words(rulebook: Rulebook, fact: str, value: FactValue | None) -> str:
    """Say the value of a fact."""
    if fact.startswith(PROGRESS):
        return _PROGRESS_WORDS[str(value)] if value is not None else "inconnu"
    return rulebook.vocabulary[fact].shown(value)


def fact_sentence(plan: Plan, fact: str) -> str:
    """Say a fact with its value here."""
    return f"{fact_label(plan.rulebook, fact)} : {answer_words(plan.rulebook, fact, plan.facts.get(fact))}"


def notice_sentence(plan: Plan, notice: Notice) -> str:
    """Say a notice."""
    rulebook = plan.rulebook
    label = fact_label(rulebook, notice.fact) if notice.fact else ""
    title = rulebook.by_id[notice.action].title if notice.action else ""
    because = notice.rule.because if notice.rule else ""
    match notice.code:
        case "other_version":
            written = plan.profile.rulebook.version if plan.profile.rulebook else ""
            return f"Ce profil a été écrit pour la version {written} des règles ; le plan suit la version {rulebook.guide.version}."
        case "stage_of_other_scenario":
            return f"La réponse à « {label} » ne correspond pas au scénario : elle est ignorée."
        case "answer_ignored":
            return f"La question « {label} » ne s’applique pas ici : la réponse est conservée, mais ignorée."
        case "answer_waiting":
            return f"La réponse à « {label} » ne compte pas encore : on ne sait pas si la question s’applique ici."
        case "capacity_unknown":
            return (
                f"« {label} » n’est pas connu : la première vague est limitée à {plan.capacity} actions, "
                "la capacité intermédiaire."
            )
        case "in_progress_deferred":
            return f"« {title} » est en cours malgré un obstacle : {because}"
        case "in_progress_excluded":
            return f"« {title} » est en cours alors qu’elle serait écartée ici : {because}"
