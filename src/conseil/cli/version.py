"""`conseil --version`: which conseil, which rules, which engine and why."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from conseil.inference import engine_status
from conseil.rulebook import load_rulebook

__all__ = ["show_version"]


def show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """Print the versions and stop."""
    if asked and not ctx.resilient_parsing:
        guide = load_rulebook().guide
        click.echo(f"conseil {_installed()}")
        click.echo(f"règles {guide.id} {guide.version}")
        click.echo(f"moteur {engine_status()}")
        ctx.exit()


def _installed() -> str:
    try:
        return version("conseil")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(non installé)"
