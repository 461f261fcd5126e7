"""`conseil docs`: the rulebook as a site, for readers who will never open its files."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.cli.french import FrenchCommand, Name
from conseil.cli.options import rules_option
from conseil.errors import ConseilError
from conseil.rulebook import load_rulebook

__all__ = ["docs"]


@click.command(cls=FrenchCommand)
@click.option(
    "-o", "--output", type=Name(), required=True, metavar="DOSSIER", help="Où écrire le site : un dossier à lui."
)
@rules_option
def docs(output: str, rules: tuple[str, ...]) -> None:
    """Écrit les règles sous forme de site, à lire sans ouvrir un seul fichier YAML."""
    try:
        from conseil.authoring.site import publish, site_pages  # noqa: PLC0415 - the rest does without Jinja
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        message = "le site demande Jinja, qui n’est pas installé"
        raise ConseilError(f"{message}\n  aide : installez `conseil[docs]`") from error
    pages = site_pages(load_rulebook(*rules))
    publish(pages, Path(output))
    click.echo(f"{len(pages)} fichiers écrits ; ouvrez {Path(output) / 'index.html'} dans un navigateur")
