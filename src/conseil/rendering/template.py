"""A profile to fill by hand: every question with its possible answers, all as comments, and nothing said yet.

An answer stands there as `#question: unknown`, with no space after the sign, as configuration files have it: whoever
takes the sign away has an answer at its place, and what nobody touches stays a question that was never asked.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from conseil.conditions import NOT_APPLICABLE, leaves
from conseil.profile import OTHERS
from conseil.rendering.typography import typographic
from conseil.rewriting import begun
from conseil.rulebook import Rulebook
from conseil.sentences import fact_named, listed
from conseil.vocabulary import UNKNOWN, Question

__all__ = ["profile_template"]

_COLUMNS = 100

_HEAD = (
    "Profil d’un territoire, à remplir à la main.",
    "Pour répondre, retirez le `#` qui touche le nom, et écrivez votre réponse à la place de `unknown`.",
    "Laissez `unknown` si vous ne savez pas. Ce qui reste en commentaire n’est pas une réponse.",
    "`conseil check` vérifie ce fichier ; `conseil plan` en tire le plan.",
)


def profile_template(rulebook: Rulebook) -> str:
    """Return a profile that says nothing yet; it is valid as it is, and with any of its answers uncommented.

    >>> from conseil import load_rulebook
    >>> print(profile_template(load_rulebook()).splitlines()[0])
    # Profil d’un territoire, à remplir à la main.
    """
    return "".join(f"{line}\n" for line in _lines(rulebook))


def _lines(rulebook: Rulebook) -> Iterator[str]:
    guide = rulebook.guide
    for line in _HEAD:
        yield from _comment(line, "")
    yield ""
    yield from begun({"rulebook": {"id": guide.id, "version": rulebook.version}}).splitlines()
    yield "name: Nom du territoire"
    yield "kind: real   # real : réel ; invented : inventé ; cited : cité par le guide"
    yield ""
    yield "answers:"
    for theme in guide.themes:
        asked = [
            question for question in rulebook.questions if question.ask and rulebook.themes[question.id] == theme.id
        ]
        if asked:
            yield from _title(theme.title)
        for question in asked:
            yield ""
            yield from _question(question, rulebook)
    yield ""
    yield from _comment("L’avancement de chaque action : todo (à faire), doing (en cours), done (faite).", "")
    yield from _comment("`others: todo` répond pour toutes les actions que vous laissez en commentaire.", "")
    yield "progress:"
    for step in guide.steps:
        yield from _title(step.title)
        yield ""
        for action in rulebook.actions:
            if action.step == step.id:
                yield from _comment(action.title)
                yield _entry(action.id)
    yield ""
    yield from _comment("Toutes les autres actions")
    yield _entry(OTHERS)


def _title(text: str) -> Iterator[str]:
    yield ""
    heading = typographic(f"  # ── {text} ")
    yield heading + "─" * (_COLUMNS - len(heading))


def _question(question: Question, rulebook: Rulebook) -> Iterator[str]:
    yield from _comment(question.ask or "")
    if question.help:
        yield from _comment(question.help)
    if question.ask_whom:
        yield from _comment(f"Qui le sait : {question.ask_whom}.")
    if question.asked_when is not None:
        facts = dict.fromkeys(leaf.fact for _, leaf in leaves(question.asked_when))
        yield from _comment(f"La question se pose ou non selon {listed(fact_named(rulebook, fact) for fact in facts)}.")
    match question.type:
        case "integer":
            unit = f" ({question.unit})" if question.unit else ""
            yield from _comment(f"Réponse : un nombre entier{unit}, en chiffres, sans espace.")
        case "boolean":
            yield from _comment("Réponses : oui, non.")
        case "choices":
            example = ", ".join(choice.id for choice in question.choices[:2])
            yield from _comment(f"Plusieurs réponses possibles, par exemple [{example}] ; [] si aucune ne convient :")
        case _:
            yield from _comment("Réponses :")
    for choice in question.choices:
        yield from _comment(f"  {choice.id} : {choice.label}")
    if question.not_applicable:
        yield from _comment(f"  {NOT_APPLICABLE} : sans objet")
    yield _entry(question.id)


def _entry(name: str) -> str:
    return f"  #{name}: {UNKNOWN}"


def _comment(text: str, indent: str = "  ") -> Iterator[str]:
    room = len(text) - len(text.lstrip())
    yield from textwrap.wrap(
        typographic(text.strip()),
        _COLUMNS,
        initial_indent=f"{indent}# {' ' * room}",
        subsequent_indent=f"{indent}# {' ' * (room and room + 2)}",
        break_long_words=False,
        break_on_hyphens=False,
    )
