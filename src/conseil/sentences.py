"""What a plan says in French, whatever the form in which it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from conseil.conditions import (
    PROGRESS,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    OneOf,
    Several,
    cited,
    evaluate,
)
from conseil.plan import Notice, Plan, Priority, Status
from conseil.rulebook import Rulebook, Unlock

__all__ = [
    "PRIORITIES",
    "STATUSES",
    "answer_words",
    "fact_label",
    "fact_named",
    "fact_sentence",
    "listed",
    "mismatch",
    "not_asked_sentence",
    "notice_sentence",
    "question_sentence",
    "shortfall",
    "uncapitalised",
    "unlock_sentences",
    "wanted",
]

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


def fact_named(rulebook: Rulebook, fact: str) -> str:
    """Name a fact inside a sentence."""
    label = fact_label(rulebook, fact)
    return f"l’{label}" if fact.startswith(PROGRESS) else f"« {label} »"


def uncapitalised(text: str) -> str:
    """Write a title inside a sentence.

    >>> uncapitalised("Soutien à l’ESS")
    'soutien à l’ESS'
    """
    return text[:1].lower() + text[1:]


def answer_words(rulebook: Rulebook, fact: str, value: FactValue | None) -> str:
    """Say the value of a fact."""
    if fact.startswith(PROGRESS):
        return _PROGRESS_WORDS[str(value)] if value is not None else "inconnu"
    return rulebook.vocabulary[fact].shown(value)


def fact_sentence(plan: Plan, fact: str) -> str:
    """Say a fact with its value here."""
    return f"{fact_label(plan.rulebook, fact)} : {answer_words(plan.rulebook, fact, plan.facts.get(fact))}"


def not_asked_sentence(plan: Plan, fact: str) -> str:
    """Say that a question does not apply."""
    return f"La question « {fact_label(plan.rulebook, fact)} » ne se pose pas ici."


def notice_sentence(plan: Plan, notice: Notice) -> str:
    """Say a notice."""
    rulebook = plan.rulebook
    label = fact_label(rulebook, notice.fact) if notice.fact else ""
    title = rulebook.by_id[notice.action].title if notice.action else ""
    because = notice.rule.because if notice.rule else ""
    match notice.code:
        case "other_version":
            written = plan.profile.rulebook.version if plan.profile.rulebook else ""
            now = rulebook.guide.version
            return f"Ce profil a été écrit pour la version {written} des règles ; le plan suit la version {now}."
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


def unlock_sentences(plan: Plan, unlock: Unlock) -> list[str]:
    """Say what would lift an obstacle: each entry is enough."""
    rulebook = plan.rulebook
    actions = [f"mener l’action « {rulebook.by_id[name].title} »{_aside(plan, name)}" for name in unlock.actions]
    answers = [
        f"que « {fact_label(rulebook, fact)} » devienne : "
        + listed((_choice_words(rulebook, fact, choice) for choice in choices), "ou")
        for fact, choices in unlock.answers.items()
    ]
    return [*actions, *answers]


def _aside(plan: Plan, action: str) -> str:
    """Warn where the plan itself does not retain an action that it names."""
    return " (non retenue aujourd’hui)" if plan.item(action).status in {"not_retained", "excluded"} else ""


def _choice_words(rulebook: Rulebook, fact: str, choice: str) -> str:
    several = rulebook.vocabulary[fact].type == "choices"
    return answer_words(rulebook, fact, (choice,) if several else choice)


def question_sentence(rulebook: Rulebook, fact: str) -> str:
    """Ask a question, and say who would know."""
    question = rulebook.vocabulary[fact]
    whom = f" À demander à : {question.ask_whom}." if question.ask_whom else ""
    return f"{question.ask}{whom}"


def shortfall(plan: Plan, condition: Condition) -> list[str]:
    """Say what a condition that is false would have needed, at the nearest, with the answers that were given.

    Only what fails is said, each part to read after "il faudrait"; of several ways, the one that lacks least.
    """
    match condition:
        case Not(part):
            facts = listed((fact_named(plan.rulebook, fact) for fact in cited(part, plan.facts)), "ou")
            here = " ; ".join(_here(plan, fact) for fact in cited(part, plan.facts))
            return [f"que {facts} change (ici : {here})"]
        case Everything(parts) | AllOf(parts):
            failing = [part for part in parts if evaluate(part, plan.facts) is False]
            return [lack for part in failing for lack in shortfall(plan, part)]
        case AnyOf(parts):
            return min((shortfall(plan, part) for part in parts), key=len)
        case _:
            return [f"{wanted(plan.rulebook, condition)} (ici : {_here(plan, condition.fact)})"]


def _here(plan: Plan, fact: str) -> str:
    return answer_words(plan.rulebook, fact, plan.facts.get(fact))


def wanted(rulebook: Rulebook, leaf: Leaf) -> str:
    """Say what a test asks for, to read after "il faudrait".

    >>> from conseil import load_rulebook
    >>> wanted(load_rulebook(), OneOf("foncier", ("terrain", "bati")))
    'que « Foncier disponible » soit : terrain ou bâtiment (friche comprise)'
    """
    label, words = f"que {fact_named(rulebook, leaf.fact)}", _aims(rulebook, leaf)
    if isinstance(leaf, Several):
        return f"{label} {'ne compte pas' if leaf.quantifier == 'none' else 'compte'} : {words}"
    return f"{label} soit : {words}"


def mismatch(plan: Plan, condition: Condition) -> list[str]:
    """Say which answers keep a condition from being true, at the nearest, and what it is meant for.

    Unlike `shortfall` it asks for nothing: some answers, such as the level of a collectivité, do not change.
    """
    match condition:
        case Not(part):
            return [f"« {fact_label(plan.rulebook, fact)} » : {_here(plan, fact)}" for fact in cited(part, plan.facts)]
        case Everything(parts) | AllOf(parts):
            failing = [part for part in parts if evaluate(part, plan.facts) is False]
            return [said for part in failing for said in mismatch(plan, part)]
        case AnyOf(parts):
            return min((mismatch(plan, part) for part in parts), key=len)
        case _:
            label, here = fact_label(plan.rulebook, condition.fact), _here(plan, condition.fact)
            return [f"« {label} » : {here} (elle vise : {_aims(plan.rulebook, condition)})"]


def _aims(rulebook: Rulebook, leaf: Leaf) -> str:
    """Name the answers for which a test holds."""
    match leaf:
        case OneOf(values=values):
            return listed((answer_words(rulebook, leaf.fact, value) for value in values), "ou")
        case Between(low=low, high=high):
            bounds = [("au moins", low), ("au plus", high)]
            said = [f"{word} {answer_words(rulebook, leaf.fact, bound)}" for word, bound in bounds if bound is not None]
            return " et ".join(said)
        case Several(quantifier=quantifier, values=values):
            last = {"any": "ou", "all": "et", "none": "ni"}[quantifier]
            return listed((answer_words(rulebook, leaf.fact, (value,)) for value in values), last)
