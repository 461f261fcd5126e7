"""`conseil plan`: from a territory to its plan."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.advice import advise
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, PositiveInteger
from conseil.cli.options import engine_option, output_option, profile_argument, profile_path, rules_option
from conseil.cli.output import deliver
from conseil.cli.reading import read_profile
from conseil.errors import nearest
from conseil.rendering import outline
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["plan"]


@click.command(cls=FrenchCommand)
@profile_argument
@click.option(
    "--format",
    "form",
    type=Choice(["text", "json", "md", "svg"]),
    default="text",
    help="Forme du plan : text, json, md, ou svg (image : impact et faisabilité).",
)
@output_option
@engine_option
@rules_option
@click.option("--step", type=Name(), metavar="ÉTAPE", help="Ne montre que cette étape du guide (text et md).")
@click.option("--top", type=PositiveInteger(), metavar="N", help="Ne montre que les N premières actions (text et md).")
def plan(
    profile: str,
    form: str,
    output: str | None,
    engine: str | None,
    rules: tuple[str, ...],
    step: str | None,
    top: int | None,
) -> None:
    """Donne le plan d’action d’un territoire.

    PROFIL est un fichier YAML, ou le nom d’un des territoires fournis (par exemple creuse-grand-sud).
    """
    if form in {"json", "svg"} and (step or top):
        raise Misuse(f"`--step` et `--top` ne vont pas avec `--format {form}`", "sous cette forme, le plan est entier")
    rulebook = load_rulebook(*rules)
    _known_step(step, rulebook)
    source = profile_path(profile)
    made = advise(read_profile(source, rulebook), rulebook, engine)
    match form:
        case "json":
            from conseil.exported import export  # noqa: PLC0415 - a form is loaded when it is asked for

            deliver(export(made), form, output, Path(source))
        case "svg":
            from conseil.rendering.pictures import matrix  # noqa: PLC0415 - the same

            deliver(matrix(made), form, output, Path(source))
        case _:
            deliver(outline(made, step, top), form, output, Path(source))


def _known_step(step: str | None, rulebook: Rulebook) -> None:
    steps = [known.id for known in rulebook.guide.steps]
    if step is not None and step not in steps:
        raise Misuse(f"option `--step` : étape `{step}` inconnue", nearest(step, steps))
