"""`conseil migrate`: a profile of older rules, in the words of today's."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.cli.french import Choice, FrenchCommand, Misuse, Name
from conseil.cli.options import profile_path
from conseil.migration import Keep
from conseil.profile_file import ProfileFile
from conseil.rulebook import load_rulebook

__all__ = ["migrate"]


@click.command(cls=FrenchCommand)
@click.argument("profile", type=Name(), metavar="PROFIL")
@click.option(
    "--to",
    "rules",
    type=Name(),
    multiple=True,
    metavar="DOSSIER",
    help="Dossier des nouvelles règles, sinon celles que conseil contient ; encore une fois, pour une adaptation.",
)
@click.option(
    "-o", "--output", type=Name(), metavar="FICHIER", help="Écrit un nouveau fichier, et laisse l’ancien comme il est."
)
@click.option(
    "--keep",
    type=Choice(["old", "new"]),
    help="Si l’ancien nom et le nouveau ont deux réponses : laquelle garder.",
)
def migrate(profile: str, rules: tuple[str, ...], output: str | None, keep: Keep | None) -> None:
    """Met un profil aux noms d’une autre version des règles.

    Les réponses suivent les questions, les choix et les actions qui ont changé de nom. Ce qui ne veut plus rien dire
    est nommé, et reste dans le fichier, sous `set_aside`. Sans `-o`, le fichier est récrit ; ses commentaires restent.
    """
    rulebook = load_rulebook(*rules)
    source = profile_path(profile)
    if output is None and source != profile:
        hint = f"ajoutez `-o {profile}.yaml` pour en écrire une copie"
        raise Misuse(f"`{profile}` est un territoire fourni, qui ne change pas", hint)
    file = ProfileFile.resume(Path(source), rulebook, keep, old=True)
    stale, renamed, leaving, departed = file.stale, file.renamed, file.leaving, file.departed
    if output is None:
        file.save(file.profile)
    else:
        file = ProfileFile.copy_in_todays_words(file, Path(output))
    version = f"règles {rulebook.guide.id} {rulebook.version}"
    if not stale:
        click.echo(f"{file.path} : rien à changer, ce profil suit déjà les {version}")
        return
    click.echo(f"{file.path} : ce profil suit maintenant les {version}")
    for old, new in renamed.items():
        click.echo(f"  `{old}` s’appelle maintenant `{new}`")
    for problem in departed:
        click.echo(str(problem))
    if leaving:
        said = "une réponse ne veut plus" if len(leaving) == 1 else f"{len(leaving)} réponses ne veulent plus"
        kept = "elle reste" if len(leaving) == 1 else "elles restent"
        click.echo(f"{said} rien dire dans ces règles : {kept} dans le fichier, sous `set_aside`")
