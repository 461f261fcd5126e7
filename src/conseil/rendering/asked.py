"""What is said of an interview, in French: why a question is asked, what its answers would do, what remains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conseil.advice import advise
from conseil.conditions import NOT_APPLICABLE, FactValue
from conseil.interview import Checklist, Effect, Interview, NextQuestion, Remaining
from conseil.profile import OTHERS
from conseil.rendering.outline import Section, say
from conseil.rendering.typography import typographic
from conseil.robustness import FIRST
from conseil.rulebook import Rulebook
from conseil.sentences import answer_words, listed
from conseil.vocabulary import UNKNOWN, Choice, Question

__all__ = [
    "can_stop_sentence",
    "checklist_sentence",
    "effect_sentences",
    "offered",
    "reason_sentence",
    "remaining_sentence",
    "to_check_section",
    "value_words",
    "whom_sentence",
]

_COUNTED = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
"""How many the first actions may be, from two to `FIRST`: of fewer, there are no first ones."""

_NAMED = 3
"""How many actions are named before the rest of them is counted."""


def can_stop_sentence(interview: Interview) -> str:
    """Say that one may stop, and what that is worth: the first actions stay the same ones, not their order.

    A missing answer is one to a question: what is still to be told of progress may change more, and that is said. Where
    only what nobody knew can still change them, that is what is said.
    """
    rulebook, progress = interview.rulebook, interview.profile.progress
    live = min(FIRST, len(advise(interview.profile, rulebook).ranked))
    among = f"vos {_COUNTED[live - 2]} premières" if live > 1 else "votre plan"
    missing = "réponse qui manque" if interview.can_stop else "question qui reste à poser"
    said = [f"Vous pouvez vous arrêter : aucune {missing} ne peut faire entrer ni sortir une action de {among}."]
    if not interview.can_stop:
        said.append("Seul ce que vous ne savez pas encore le peut : vérifiez-le, puis reprenez.")
    if live > 1:
        said.append("Leur ordre peut encore changer.")
    if any(progress.get(action.id, progress.get(OTHERS, UNKNOWN)) == UNKNOWN for action in rulebook.actions):
        said.append("Cela vaut tant que l’avancement des actions reste tel que vous l’avez dit.")
    return typographic(" ".join(said))


def remaining_sentence(remaining: Remaining) -> str:
    """Say how many questions are still to come; nothing where there are none.

    >>> remaining_sentence(Remaining(4, 9)), remaining_sentence(Remaining(1, 1)), remaining_sentence(Remaining(0, 7))
    ('encore 4 à 9 questions', 'encore 1 question', 'encore 7 questions au plus')
    """
    low, high = remaining
    if not high:
        return ""
    count = f"{low} à {high}" if 0 < low < high else str(high)
    return f"encore {count} question{'s' if high > 1 else ''}{'' if low else ' au plus'}"


def reason_sentence(asked: NextQuestion, rulebook: Rulebook) -> str:
    """Say why a question is asked: the actions that wait for it."""
    if not asked.settles:
        return "Pourquoi : elle complète le portrait du territoire ; aucune action n’en dépend à ce stade."
    count = len(asked.settles)
    if count == 1:
        return typographic(f"Pourquoi : une action en dépend, {_named(asked.settles, rulebook)}.")
    among = f", dont {_named(asked.settles[:_NAMED], rulebook)}" if count > _NAMED else ""
    exactly = f" : {_named(asked.settles, rulebook)}" if count <= _NAMED else ""
    return typographic(f"Pourquoi : {count} actions en dépendent{among}{exactly}.")


def whom_sentence(question: Question) -> str | None:
    """Say who would know."""
    return typographic(f"Qui le sait : {question.ask_whom}.") if question.ask_whom else None


def effect_sentences(asked: NextQuestion, rulebook: Rulebook) -> Iterator[str]:
    """Say what each answer would do to the first ten actions, those that would do nothing together."""
    moving = [effect for effect in asked.effects if effect.enters or effect.leaves]
    still = [effect for effect in asked.effects if not effect.enters and not effect.leaves]
    for effect in moving:
        parts = []
        if effect.enters:
            parts.append(f"fait entrer {_named(effect.enters, rulebook)} dans vos dix premières actions")
        if effect.leaves:
            inside = "en fait sortir" if effect.enters else "fait sortir de vos dix premières actions"
            parts.append(f"{inside} {_named(effect.leaves, rulebook)}")
        yield typographic(f"{_answer(effect, asked.question, rulebook)} : {' et '.join(parts)}.")
    if still and not moving:
        yield typographic("À elle seule, aucune réponse ne change encore vos dix premières actions.")
    elif still:
        answers = listed((_answer(effect, asked.question, rulebook) for effect in still), "ou")
        yield typographic(f"{answers} : à elle seule, cette réponse n’y change rien.")


def _answer(effect: Effect, question: Question, rulebook: Rulebook) -> str:
    words = answer_words(rulebook, question.id, effect.value)
    if question.type == "integer" and effect.value != NOT_APPLICABLE:
        return f"à partir de {words}"
    return f"« {words} »"


def _named(actions: Sequence[str], rulebook: Rulebook) -> str:
    """Name actions; of many, the first, and how many others there are."""
    titles = [f"« {rulebook.by_id[action].title} »" for action in actions]
    if len(titles) > _NAMED:
        titles = [*titles[: _NAMED - 1], f"{len(titles) - _NAMED + 1} autres"]
    return listed(titles)


def to_check_section(interview: Interview) -> Section | None:
    """List what remains to be checked, by who would know, then what was passed; nothing where nothing does."""
    by_whom: dict[str, list[str]] = {}
    for question in interview.to_check:
        by_whom.setdefault(question.ask_whom or "", []).append(question.ask or question.label)
    lines = [
        say("", f"À vérifier {f'auprès {_of(whom)}' if whom else 'vous-mêmes'} : {' '.join(asked)}")
        for whom, asked in by_whom.items()
    ]
    passed = [_passed(name, interview) for name in interview.profile.skipped if name not in interview.profile.answers]
    if passed:
        lines.append(say("", f"Questions passées : {' '.join(passed)}"))
    return Section("Ce qui reste à vérifier", tuple(lines)) if lines else None


def _passed(name: str, interview: Interview) -> str:
    asked = interview.about(name)
    if isinstance(asked, Checklist):
        return checklist_sentence(asked)
    return asked.question.ask or asked.question.label


def offered(asked: NextQuestion) -> tuple[Choice, ...]:
    """Return the choices to offer: of a stage, those of the scenario that was answered."""
    question = asked.question
    if question.type == "choices":
        return question.choices
    possible = {effect.value for effect in asked.effects}
    return tuple(choice for choice in question.options if choice.id in possible)


def checklist_sentence(asked: Checklist) -> str:
    """Ask what has come of the actions of a step."""
    return typographic(f"Où en sont les actions de l’étape « {asked.step.title} » ?")


def _of(whom: str) -> str:
    """Put "de" before who would know, and before each of those who would.

    >>> _of("le chef de file ou l’union régionale"), _of("les acteurs"), _of("Insee")
    ('du chef de file ou de l’union régionale', 'des acteurs', 'd’Insee')
    """
    contracted = {"le ": "du ", "les ": "des ", "la ": "de la ", "l’": "de l’"}
    said = re.sub(r"(^|, | ou | et )(les? |la |l’)", lambda found: found[1] + contracted[found[2]], whom)
    if said.startswith(("du ", "des ", "de ")):
        return said
    return f"d’{said}" if re.match("[AEÉIOUYaeéiouyhH]", said) else f"de {said}"


def value_words(question: Question, value: FactValue | None) -> str:
    """Say an answer that was given; "je ne sais pas" where it is unknown."""
    return "je ne sais pas" if value is None else question.shown(value)
