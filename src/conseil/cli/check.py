"""`conseil check`: whether rules and profiles hold together, and what reads badly in the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from conseil.authoring.checkup import Checkup, check_up
from conseil.authoring.codes import STALE
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name
from conseil.cli.options import profile_path, rules_option
from conseil.errors import InvalidInput, Problem
from conseil.rulebook import Overlay, Rulebook
from conseil.shipped import rules_folder

__all__ = ["check"]


@click.command(cls=FrenchCommand)
@click.argument("profiles", nargs=-1, type=Name(), metavar="[PROFIL]…")
@click.option("--strict", is_flag=True, help="Échoue aussi sur un avertissement.")
@click.option(
    "--format", "form", type=Choice(["text", "json"]), default="text", help="Forme : text, ou json (une application)."
)
@click.option("--watch", is_flag=True, help="Vérifie encore à chaque enregistrement, jusqu’à Ctrl-C.")
@rules_option
def check(profiles: tuple[str, ...], strict: bool, form: str, watch: bool, rules: tuple[str, ...]) -> int:
    """Vérifie les règles, et les profils que l’on nomme.

    Un problème rend les règles ou un profil inutilisables. Un avertissement dit ce qui se lit mal ou ne sert à rien :
    on le corrige, ou on l’accepte avec sa raison dans `accepted.yaml`, à côté de `guide.yaml`.
    """
    folders = rules or (rules_folder(),)  # named, so that it is read again
    if not watch:
        found = _checked(folders, profiles)
        _show(found, form, profiles)
        return 1 if found.problems or (strict and found.warnings) else 0
    if strict:
        raise Misuse("`--strict` et `--watch` ne vont pas ensemble", "`--watch` n’échoue pas : il attend la suite")
    from conseil.authoring.watching import saves  # noqa: PLC0415 - loaded when it is asked for

    for _ in saves([*folders, *map(_watched, profiles)]):
        if form == "text":
            click.echo(f"vérification de {datetime.now().astimezone():%H:%M:%S}")
        _show(_checked(folders, profiles), form, profiles, indent=None)
    return 0


def _checked(folders: Sequence[Path | str], profiles: Sequence[str]) -> Checkup:
    paths: list[str] = []
    problems: list[Problem] = []
    for profile in profiles:
        try:
            paths.append(profile_path(profile))
        except InvalidInput as error:
            problems += error.problems
    return check_up(folders, paths, problems)


def _watched(profile: str) -> str:
    """Return the file of a profile, which may not be there yet."""
    try:
        return profile_path(profile)
    except InvalidInput:
        return profile


def _show(found: Checkup, form: str, profiles: Sequence[str], *, indent: int | None = 2) -> None:
    """Show what was found: in text, problems on the error output, and warnings once there is no problem left."""
    if form == "json":
        from conseil.authoring.checkup_json import export_check  # noqa: PLC0415 - loaded when it is asked for

        click.echo(export_check(found).model_dump_json(indent=indent))
    elif found.problems:
        click.echo(InvalidInput(found.problems).report, err=True)
    elif found.rulebook is not None:
        _show_sound(found, found.rulebook, profiles)


def _show_sound(found: Checkup, rulebook: Rulebook, profiles: Sequence[str]) -> None:
    for finding in found.warnings:
        named = finding.code if finding.code == STALE else f"{{code: {finding.code}, about: {finding.about}}}"
        click.echo(f"{finding.problem}\n  constat : {named}")
    guide = rulebook.guide
    click.echo(
        f"règles {guide.id} {guide.version} : {len(rulebook.questions)} questions, {len(rulebook.actions)} actions, "
        f"{len(rulebook.rules)} règles, {found.cases} cas, aucun problème"
    )
    for overlay in rulebook.overlays:
        click.echo(_said_of(overlay, rulebook))
    for profile in profiles:
        click.echo(f"profil {profile} : aucun problème")
    click.echo(_summary(len(found.warnings), len(found.accepted)))


def _summary(warnings: int, accepted: int) -> str:
    """Count what was found and accepted, and say what can be done about the rest.

    >>> print(_summary(0, 1))
    aucun avertissement, 1 accepté avec sa raison
    """
    many = "s" if warnings > 1 else ""
    said = f"{warnings} avertissement{many}" if warnings else "aucun avertissement"
    if accepted:
        said += f", {accepted} acceptés avec leur raison" if accepted > 1 else ", 1 accepté avec sa raison"
    if warnings:
        said += "\n  aide : corrigez, ou recopiez le constat sous `accepted:` dans `accepted.yaml`, avec `because: …`"
    return said


def _said_of(overlay: Overlay, rulebook: Rulebook) -> str:
    """Say what an overlay writes, and what it takes out."""
    written = sum(origin == overlay.id for origins in rulebook.origins.values() for origin in origins.values())
    entries = "entrées écrites" if written > 1 else "entrée écrite"
    taken = "retirées" if len(overlay.withdraw) > 1 else "retirée"
    said = (
        f"adaptation {overlay.id} {overlay.version} ({overlay.title}) : "
        f"{written} {entries}, {len(overlay.withdraw)} {taken}"
    )
    anew = [f"{name} par {later}" for name, later in rulebook.overruled.get(overlay.id, {}).items()]
    return f"{said} ; récrit ensuite : {', '.join(anew)}" if anew else said
