"""Checks on questions and choices: what is asked must be able to change a plan."""

from __future__ import annotations

from collections.abc import Iterator

from conseil.authoring.lint.subject import Remark, Subject
from conseil.errors import Fault
from conseil.rulebook import Entry

__all__ = ["idle_question", "unread_choice"]


def idle_question(subject: Subject) -> Iterator[Remark]:
    """Find the questions, and the facts that are deduced, whose answer changes no plan."""
    for question in subject.rulebook.questions:
        if subject.reading.is_idle(question):
            hint = "lisez-la dans une règle, ou retirez-la : on ne demande pas ce qui ne sert à rien"
            message = f"aucune réponse à `{question.id}` ne change un plan"
            yield Remark(question.id, Entry("question", question.id), Fault((), message, hint))


def unread_choice(subject: Subject) -> Iterator[Remark]:
    """Find the choices that come to the same as another one, of questions that are not idle."""
    for question in subject.rulebook.questions:
        if subject.reading.is_idle(question):
            continue
        for choice, like in subject.reading.unread(question).items():
            place = ("choices", question.values.index(choice))
            message = (
                f"répondre `{choice}` à `{question.id}` revient à répondre `{like}`"
                if like
                else f"aucune condition ne lit le choix `{choice}` de `{question.id}`"
            )
            hint = "lisez ce choix dans une règle, ou réunissez les deux" if like else "lisez-le, ou retirez-le"
            yield Remark(f"{question.id}={choice}", Entry("question", question.id), Fault(place, message, hint))
