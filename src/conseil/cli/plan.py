"""`conseil plan`: from a territory to its plan."""

from __future__ import annotations

import os
from pathlib import Path

import click

from conseil.advice import advise
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, PositiveInteger
from conseil.cli.options import rules_option
from conseil.cli.output import columns, show, write_whole
from conseil.errors import InvalidInput, Problem, nearest
from conseil.export import export
from conseil.inference import ENGINES
from conseil.plan import Plan
from conseil.profile import load_profile, shipped_profiles
from conseil.rendering import outline, render_markdown, render_text
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["plan"]


@click.command(cls=FrenchCommand)
@click.argument("profile", type=Name(), metavar="PROFIL")
@click.option(
    "--format", "form", type=Choice(["text", "json", "md"]), default="text", help="Forme du plan : text, json ou md."
)
@click.option("-o", "--output", type=Name(), metavar="FICHIER", help="Écrit dans ce fichier, en entier ou pas du tout.")
@click.option("--engine", type=Choice(list(ENGINES)), help="Moteur d’inférence ; le plan est le même.")
@rules_option
@click.option("--step", type=Name(), metavar="ÉTAPE", help="Ne montre que cette étape du guide (text et md).")
@click.option("--top", type=PositiveInteger(), metavar="N", help="Ne montre que les N premières actions (text et md).")
def plan(
    profile: str,
    form: str,
    output: str | None,
    engine: str | None,
    rules: str | None,
    step: str | None,
    top: int | None,
) -> None:
    """Donne le plan d’action d’un territoire.

    PROFIL est un fichier YAML, ou le nom d’un des territoires fournis (par exemple creuse-grand-sud).
    """
    if form == "json" and (step or top):
        raise Misuse("`--step` et `--top` ne vont pas avec `--format json`", "en JSON, le plan est entier")
    rulebook = load_rulebook(rules)
    _known_step(step, rulebook)
    source = profile_path(profile)
    made = advise(load_profile(source, rulebook), rulebook, engine)
    if output is None and form == "text":
        show(render_text(outline(made, step, top), columns()))
    elif output is None:
        click.echo(_written(made, form, step, top), nl=False)
    else:
        write_whole(Path(output), _written(made, form, step, top), Path(source))


def profile_path(name: str) -> str:
    """Return the file of a profile: the one that is named, or the territory of that name that conseil carries.

    Raises:
        InvalidInput: there is neither.
    """
    if os.path.lexists(name):
        return name
    carried = shipped_profiles()
    if name not in carried:
        hint = nearest(name, carried, "donnez un fichier YAML, ou le nom d’un des territoires fournis")
        raise InvalidInput([Problem(name, None, None, "fichier introuvable", hint)])
    return str(carried[name])


def _written(made: Plan, form: str, step: str | None, top: int | None) -> str:
    if form == "json":
        return export(made).model_dump_json(indent=2) + "\n"
    written = outline(made, step, top)
    return render_markdown(written) if form == "md" else render_text(written).plain


def _known_step(step: str | None, rulebook: Rulebook) -> None:
    steps = [known.id for known in rulebook.guide.steps]
    if step is not None and step not in steps:
        raise Misuse(f"option `--step` : étape `{step}` inconnue", nearest(step, steps))
