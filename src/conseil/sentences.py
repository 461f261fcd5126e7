"""What a plan says in French, whatever the form in which it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
    "aims",
    "answer_words",
    "counts_sentence",
    "either",
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


def either(words: Iterable[str]) -> str:
    """Join alternatives; where one of them holds an "ou" of its own, so that a reader tells them apart.

    >>> either(["commune", "département", "région"])
    'commune, département ou région'
    >>> either(["commune", "parc naturel ou pays"])
    'commune ; ou bien parc naturel ou pays'
    """
    *first, end = list(words) or [""]
    if first and any(" ou " in re.sub(r"\(.*?\)", "", word) for word in (*first, end)):
        return f"{' ; '.join(first)} ; ou bien {end}"
    return listed([*first, end], "ou")


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


def counts_sentence(plan: Plan, fact: str) -> str:
    """Say that a question applies, or that the scenario has this stage, so that the answer counts."""
    return f"La réponse à « {fact_label(plan.rulebook, fact)} » compte ici."


def notice_sentence(plan: Plan, notice: Notice) -> str:
    """Say a notice."""
    rulebook = plan.rulebook
    label = fact_label(rulebook, notice.fact) if notice.fact else ""
    title = rulebook.by_id[notice.action].title if notice.action else ""
    because = notice.rule.because if notice.rule else ""
    match notice.code:
        case "other_version":
            written = plan.profile.rulebook.version if plan.profile.rulebook else ""
            now = rulebook.version
            return f"Ce profil a été écrit pour la version {written} des règles ; le plan suit la version {now}."
        case "answers_set_aside":
            named = ", ".join(f"« {name} »" for name in plan.profile.set_aside)
            return f"Des réponses à d’autres règles sont gardées dans le profil, et ne sont pas lues : {named}."
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
        + either(_choice_words(rulebook, fact, choice) for choice in choices)
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

    Only what fails is said, each part to read after "il faudrait"; of several ways, the one that lacks least. Where a
    question does not apply, or a stage is that of another scenario, what that would need is said too. Nothing is said
    where no answer could do it.
    """
    return _lacks(plan, condition, wanted=True)


def _lacks(plan: Plan, condition: Condition, *, wanted: bool) -> list[str]:
    """Say what a condition lacks to be true, or to be false, where it is the other."""
    match condition:
        case Not(part):
            return _lacks(plan, part, wanted=not wanted)
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            failing = [part for part in parts if evaluate(part, plan.facts) is not wanted]
            found = [_lacks(plan, part, wanted=wanted) for part in failing]
            if wanted is not isinstance(condition, AnyOf):  # every part has to turn
                return list(dict.fromkeys(lack for lacks in found for lack in lacks))
            nearest = min(filter(None, found), key=len, default=[])
            if wanted or len(nearest) != 1:
                return nearest
            return [listed(dict.fromkeys(lacks[0] for lacks in found if len(lacks) == 1), "ou")]
        case _:
            before = _lacks_before(plan, condition) if wanted else ()
            return [*before, _lack(plan, _of_scenario(plan, condition), wanted=wanted)]


def _lack(plan: Plan, leaf: Leaf, *, wanted: bool) -> str:
    said = _wanted(plan.rulebook, leaf) if wanted else _unwanted(plan.rulebook, leaf)
    here = "" if said.endswith(f" : {_here(plan, leaf.fact)}") else f" (ici : {_here(plan, leaf.fact)})"
    return said + here


def _lacks_before(plan: Plan, leaf: Leaf) -> Iterator[str]:
    """Say what it would take for a question to apply, and for the scenario to have a stage."""
    roles, question = plan.rulebook.guide.roles, plan.rulebook.vocabulary.get(leaf.fact)
    asked_when = question.asked_when if question else None
    if asked_when is not None and evaluate(asked_when, plan.facts) is False:
        yield from _lacks(plan, asked_when, wanted=True)
    if leaf.fact == roles.stage and isinstance(leaf, OneOf):
        stances = plan.rulebook.guide.stances
        having = tuple(one.scenario for one in stances if any(stage.stage in leaf.values for stage in one.stages))
        if having and plan.facts.get(roles.scenario) not in having:
            yield _lack(plan, OneOf(roles.scenario, having), wanted=True)


def _of_scenario(plan: Plan, leaf: Leaf) -> Leaf:
    """Leave out of a test on the stage those that the scenario does not have, if it has another one of them."""
    stance = plan.situation.stance
    if stance is None or leaf.fact != plan.rulebook.guide.roles.stage or not isinstance(leaf, OneOf):
        return leaf
    own = tuple(value for value in leaf.values if value in {stage.stage for stage in stance.stages})
    return OneOf(leaf.fact, own or leaf.values)


def _here(plan: Plan, fact: str) -> str:
    return answer_words(plan.rulebook, fact, plan.facts.get(fact))


def _wanted(rulebook: Rulebook, leaf: Leaf) -> str:
    """Say what a test asks for, to read after "il faudrait".

    >>> from conseil import load_rulebook
    >>> _wanted(load_rulebook(), OneOf("foncier", ("terrain", "bati")))
    'que « Foncier disponible » soit : un terrain ou un bâtiment (friche comprise)'
    """
    label, words = f"que {fact_named(rulebook, leaf.fact)}", aims(rulebook, leaf)
    if isinstance(leaf, Several):
        return f"{label} {'ne compte pas' if leaf.quantifier == 'none' else 'compte'} : {words}"
    return f"{label} soit : {words}"


def _unwanted(rulebook: Rulebook, leaf: Leaf) -> str:
    """Say what it takes for a test to fail, to read after "il faudrait".

    >>> from conseil import load_rulebook
    >>> _unwanted(load_rulebook(), OneOf("foncier", ("aucun",)))
    'que « Foncier disponible » ne soit pas : aucun'
    >>> _unwanted(load_rulebook(), Between("population", 500, None))
    'que « Population » soit : moins de 500 habitants'
    """
    label = f"que {fact_named(rulebook, leaf.fact)}"
    match leaf:
        case Several(quantifier="any" | "none"):
            return _wanted(rulebook, Several(leaf.fact, "none" if leaf.quantifier == "any" else "any", leaf.values))
        case Several():
            together = " à la fois" if len(leaf.values) > 1 else ""
            return f"{label} ne compte pas{together} : {aims(rulebook, leaf)}"
        case Between(low=low, high=high) if low is None or high is None:
            word, bound = ("plus de", high) if low is None else ("moins de", low)
            return f"{label} soit : {word} {answer_words(rulebook, leaf.fact, bound)}"
        case _:
            return f"{label} ne soit pas : {aims(rulebook, leaf)}"


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
            return [f"« {label} » : {here} (elle vise : {aims(plan.rulebook, condition)})"]


def aims(rulebook: Rulebook, leaf: Leaf) -> str:
    """Name the answers for which a test holds."""
    match leaf:
        case OneOf(values=values):
            return either(answer_words(rulebook, leaf.fact, value) for value in values)
        case Between(low=low, high=high):
            bounds = [("au moins", low), ("au plus", high)]
            said = [f"{word} {answer_words(rulebook, leaf.fact, bound)}" for word, bound in bounds if bound is not None]
            return " et ".join(said)
        case Several(quantifier=quantifier, values=values):
            words = [answer_words(rulebook, leaf.fact, (value,)) for value in values]
            return either(words) if quantifier == "any" else listed(words, "et" if quantifier == "all" else "ni")
