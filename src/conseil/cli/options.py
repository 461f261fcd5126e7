"""Options that several commands share."""

from __future__ import annotations

import click

__all__ = ["rules_option"]

rules_option = click.option(
    "--rules", metavar="DOSSIER", help="Dossier des règles ; sinon, celles que conseil contient."
)
