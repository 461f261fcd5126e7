"""`conseil explain`: why an action has its status, and what would change it."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.advice import advise
from conseil.cli.french import Choice, FrenchCommand, Name
from conseil.cli.options import engine_option, output_option, profile_argument, profile_path, rules_option
from conseil.cli.output import deliver
from conseil.cli.reading import read_profile
from conseil.explanation import explain as explain_item
from conseil.rendering import explanation_outline, export_explanation
from conseil.rendering.pictures import waterfall
from conseil.rulebook import load_rulebook

__all__ = ["explain"]


@click.command(cls=FrenchCommand)
@profile_argument
@click.argument("action", type=Name(), metavar="ACTION")
@click.option(
    "--format",
    "form",
    type=Choice(["text", "json", "md", "svg"]),
    default="text",
    help="Forme de l’explication : text, json, md, ou svg (image : le score).",
)
@output_option
@engine_option
@rules_option
def explain(
    profile: str, action: str, form: str, output: str | None, engine: str | None, rules: tuple[str, ...]
) -> None:
    """Explique le statut d’une action, et ce qui le changerait.

    PROFIL est un fichier YAML, ou le nom d’un des territoires fournis (par exemple creuse-grand-sud). ACTION est
    l’identifiant d’une action du guide, que `conseil actions` liste.
    """
    rulebook = load_rulebook(*rules)
    source = profile_path(profile)
    rulebook.action(action)  # an unknown action is said before the work begins
    explanation = explain_item(advise(read_profile(source, rulebook), rulebook, engine), action)
    match form:
        case "json":
            deliver(export_explanation(explanation), form, output, Path(source))
        case "svg":
            deliver(waterfall(explanation), form, output, Path(source))
        case _:
            deliver(explanation_outline(explanation), form, output, Path(source))
