"""Options that several commands share."""

from __future__ import annotations

import click

from conseil.cli.french import Name

__all__ = ["rules_option"]

rules_option = click.option(
    "--rules", type=Name(), metavar="DOSSIER", help="Dossier des règles ; sinon, celles que conseil contient."
)
