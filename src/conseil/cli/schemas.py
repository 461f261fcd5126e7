"""`conseil schemas`: what an editor needs to help whoever writes rules and profiles."""

from __future__ import annotations

import os
from pathlib import Path

import click

from conseil.authoring.schemas import PLACES, modeline, schemas_of, to_text
from conseil.cli.french import FrenchCommand, Name
from conseil.cli.options import rules_option
from conseil.cli.output import make_folder, write_whole
from conseil.rulebook import load_rulebook
from conseil.shipped import rules_folder

__all__ = ["schemas"]


@click.command(cls=FrenchCommand)
@click.option(
    "-o",
    "--output",
    type=Name(),
    metavar="DOSSIER",
    help="Où les écrire ; sinon, dans `.schemas`, à côté des règles.",
)
@rules_option
def schemas(output: str | None, rules: tuple[str, ...]) -> None:
    """Écrit les schémas JSON qui guident un éditeur dans chaque fichier YAML."""
    made = schemas_of(load_rulebook(*rules))
    beside = Path(rules[-1] if rules else rules_folder())
    folder = Path(output) if output else beside / ".schemas"
    make_folder(folder)
    for name, schema in made.items():
        write_whole(folder / f"{name}.schema.json", to_text(schema))
    click.echo(f"{len(made)} schémas écrits dans {folder}")
    click.echo("Un éditeur trouve le schéma d’un fichier par la première ligne de celui-ci :")
    for name, place in PLACES.items():
        whole = folder.resolve()
        seen = whole if place == "profils" else os.path.relpath(whole, beside.resolve())
        click.echo(f"   {place:<18} {modeline(name, Path(seen).as_posix())}")
