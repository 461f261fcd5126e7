"""`conseil check`: whether rules and profiles hold together."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.authoring.cases import Case, load_cases
from conseil.cli.french import FrenchCommand, Name
from conseil.cli.options import profile_path, rules_option
from conseil.errors import InvalidInput, Problem
from conseil.profile import load_profile
from conseil.rulebook import Overlay, Rulebook, load_rulebook

__all__ = ["check"]


@click.command(cls=FrenchCommand)
@click.argument("profiles", nargs=-1, type=Name(), metavar="[PROFIL]…")
@rules_option
def check(profiles: tuple[str, ...], rules: tuple[str, ...]) -> None:
    """Vérifie les règles, et les profils que l’on nomme."""
    rulebook = load_rulebook(*rules)
    problems: list[Problem] = []
    cases: tuple[Case, ...] = ()
    try:
        # the cases of a guide speak of the guide alone: of what overlays make of it, their own do
        cases = load_cases([Path(rulebook.folders[-1], "tests")], rulebook)
    except InvalidInput as error:
        problems += error.problems
    for profile in profiles:
        try:
            load_profile(profile_path(profile), rulebook)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    guide = rulebook.guide
    click.echo(
        f"règles {guide.id} {guide.version} : {len(rulebook.questions)} questions, {len(rulebook.actions)} actions, "
        f"{len(rulebook.rules)} règles, {len(cases)} cas, aucun problème"
    )
    for overlay in rulebook.overlays:
        click.echo(_said_of(overlay, rulebook))
    for profile in profiles:
        click.echo(f"profil {profile} : aucun problème")


def _said_of(overlay: Overlay, rulebook: Rulebook) -> str:
    """Say what an overlay writes, and what it takes out."""
    written = sum(origin == overlay.id for origins in rulebook.origins.values() for origin in origins.values())
    entries = "entrées écrites" if written > 1 else "entrée écrite"
    taken = "retirées" if len(overlay.withdraw) > 1 else "retirée"
    return (
        f"adaptation {overlay.id} {overlay.version} ({overlay.title}) : "
        f"{written} {entries}, {len(overlay.withdraw)} {taken}"
    )
