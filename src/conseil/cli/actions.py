"""`conseil actions`: the actions of the guide, step by step."""

from __future__ import annotations

import textwrap

import click

from conseil.cli.french import FrenchCommand
from conseil.cli.options import rules_option
from conseil.rendering.typography import typographic
from conseil.rulebook import load_rulebook

__all__ = ["actions"]


@click.command(cls=FrenchCommand)
@rules_option
def actions(rules: tuple[str, ...]) -> None:
    """Liste les actions du guide, étape par étape."""
    rulebook = load_rulebook(*rules)
    for number, step in enumerate(rulebook.guide.steps, start=1):
        click.echo(f"{number}. {step.title}")
        for action in rulebook.actions:
            if action.step == step.id:
                essential = "primordiale" if action.id in rulebook.essential_of else ""
                twin = f"va de pair avec {action.twin_of}" if action.twin_of else ""
                marks = ", ".join(
                    mark for mark in (essential, twin, rulebook.origin_title("action", action.id)) if mark
                )
                click.echo(f"   {action.id}" + (f" ({marks})" if marks else ""))
                click.echo(
                    textwrap.fill(typographic(action.title), 80, initial_indent=" " * 6, subsequent_indent=" " * 6)
                )
