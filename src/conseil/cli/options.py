"""What several commands take: their options, and the profile of a territory."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click

from conseil.cli.french import Choice, Name
from conseil.errors import EngineUnavailable, InvalidInput, Problem, nearest
from conseil.inference import ENGINES
from conseil.profile import shipped_profiles

__all__ = [
    "engine_option",
    "has_z3",
    "output_option",
    "profile_argument",
    "profile_path",
    "rules_option",
    "z3_or_say_how",
]

profile_argument = click.argument("profile", type=Name(), metavar="PROFIL")
output_option = click.option(
    "-o", "--output", type=Name(), metavar="FICHIER", help="Écrit dans ce fichier, en entier ou pas du tout."
)
engine_option = click.option("--engine", type=Choice(list(ENGINES)), help="Moteur d’inférence ; le plan est le même.")
rules_option = click.option(
    "--rules",
    type=Name(),
    multiple=True,
    metavar="DOSSIER",
    help="Dossier des règles, sinon celles que conseil contient ; encore une fois, pour une adaptation.",
)


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


def has_z3() -> bool:
    """Say whether z3 is installed; nothing of it is loaded."""
    return find_spec("z3") is not None


def z3_or_say_how(command: str) -> None:
    """See that z3 is installed.

    Raises:
        EngineUnavailable: it is not; the message says how to install it.
    """
    if not has_z3():
        message = f"`conseil {command}` demande z3, qui n’est pas installé"
        raise EngineUnavailable(f"{message}\n  aide : installez-le par `pip install 'conseil[verify]'`")
