"""Checks on actions: each can become pertinent, something can hold it back, and what does can be lifted."""

from __future__ import annotations

from collections.abc import Iterator

from conseil.authoring.lint.subject import Remark, Subject
from conseil.conditions import PROGRESS, evaluate
from conseil.errors import Fault
from conseil.rulebook import Effect, Entry, Rule, Rulebook, fact_dependencies

__all__ = ["no_obstacle", "no_recommendation", "no_unlock"]

_HOLDS_BACK: frozenset[Effect] = frozenset({"defer", "exclude"})


def no_recommendation(subject: Subject) -> Iterator[Remark]:
    """Find the actions that nothing recommends: no plan can retain them."""
    for action in subject.rulebook.actions:
        if all(rule.effect != "recommend" for rule in action.rules):
            message = f"aucune règle ne recommande `{action.id}` : aucun plan ne la retiendra"
            hint = "ajoutez une règle `effect: recommend`, avec la situation où cette action est utile"
            yield Remark(action.id, Entry("action", action.id), Fault(("rules",), message, hint))


def no_obstacle(subject: Subject) -> Iterator[Remark]:
    """Find the actions that nothing holds back: no obstacle, no exclusion, and no action to do before."""
    for action in subject.rulebook.actions:
        if not action.requires and all(rule.effect not in _HOLDS_BACK for rule in action.rules):
            message = f"rien ne peut faire attendre `{action.id}` : ni obstacle, ni exclusion, ni prérequis"
            hint = "ajoutez une règle `effect: defer` pour ce qui peut manquer, ou un prérequis"
            yield Remark(action.id, Entry("action", action.id), Fault(("rules",), message, hint))


def no_unlock(subject: Subject) -> Iterator[Remark]:
    """Find the obstacles that nobody can lift: `unlocked_by` only names answers that an agent cannot bring about."""
    for rule in subject.rulebook.rules.values():
        unlock = rule.unlocked_by
        if unlock is None or unlock.actions:
            continue
        answers = [(fact, choice) for fact, choices in unlock.answers.items() for choice in choices]
        if not any(_within_reach(subject.rulebook, rule, *answer) for answer in answers):
            named = ", ".join(f"`{fact}: {choice}`" for fact, choice in answers)
            message = f"rien de ce qui lèverait l’obstacle n’est à la portée de l’agent : {named}"
            hint = "nommez une action, ou une réponse que l’on peut faire évoluer (`actionable`)"
            yield Remark(rule.id, Entry("rule", rule.id), Fault(("unlocked_by",), message, hint))


def _within_reach(rulebook: Rulebook, rule: Rule, fact: str, choice: str) -> bool:
    """Say whether an answer can be brought about where a rule holds."""
    question = rulebook.vocabulary[fact]
    if question.actionable == "any" or _follows(rulebook, fact):
        return True
    if question.actionable == "no":
        return False
    if question.type == "choices":  # the way up is to make one more choice
        return True
    worse = question.values[: question.values.index(choice)]
    return any(evaluate(rule.when, {fact: value}) is not False for value in worse)


def _follows(rulebook: Rulebook, fact: str) -> bool:
    """Say whether a fact is deduced from something that an agent can change."""
    deduction = rulebook.deduction_of.get(fact)
    rests = fact_dependencies((), [deduction] if deduction else [])
    return any(
        behind.startswith(PROGRESS) or rulebook.vocabulary[behind].actionable != "no" or _follows(rulebook, behind)
        for behind in rests.get(fact, ())
    )
