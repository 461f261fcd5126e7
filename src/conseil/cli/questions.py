"""`conseil questions`: the vocabulary, theme by theme."""

from __future__ import annotations

import textwrap

import click

from conseil.cli.french import FrenchCommand
from conseil.cli.options import rules_option
from conseil.rendering.typography import typographic
from conseil.rulebook import load_rulebook
from conseil.vocabulary import Choice, Question

__all__ = ["questions"]


@click.command(cls=FrenchCommand)
@click.option("--template", is_flag=True, help="Écrit un profil à remplir à la main, où rien n’est encore connu.")
@rules_option
def questions(template: bool, rules: tuple[str, ...]) -> None:
    """Liste les questions et leurs réponses possibles, thème par thème."""
    rulebook = load_rulebook(*rules)
    if template:
        from conseil.rendering.template import profile_template  # noqa: PLC0415 - loaded when it is asked for

        click.echo(profile_template(rulebook), nl=False)
        return
    for theme in rulebook.guide.themes:
        click.echo(typographic(theme.title))
        for question in rulebook.questions:
            if rulebook.themes[question.id] == theme.id:
                origin = rulebook.origin_title("question", question.id)
                click.echo(f"   {question.id}" + (f" ({origin})" if origin else ""))
                asked = question.ask or f"{question.label} (déduit des autres réponses)"
                click.echo(textwrap.fill(typographic(asked), 80, initial_indent=" " * 6, subsequent_indent=" " * 6))
                click.echo(textwrap.fill(_answers(question), 80, initial_indent=" " * 6, subsequent_indent=" " * 9))


def _answers(question: Question) -> str:
    if question.type == "integer":
        return f"→ un nombre entier ({question.unit})" if question.unit else "→ un nombre entier"
    several = "plusieurs de : " if question.type == "choices" else ""
    return typographic(f"→ {several}{', '.join(map(_choice, question.options))}")


def _choice(choice: Choice) -> str:
    return choice.id if choice.label == choice.id else f"{choice.id} ({choice.label})"
