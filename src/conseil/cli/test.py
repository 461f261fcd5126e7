"""`conseil test`: whether the cases of the rules hold, what they leave unseen, and cases to review."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from conseil.advice import advise
from conseil.authoring.cases import load_cases, run_case
from conseil.authoring.coverage import measure
from conseil.authoring.drafts import record as recorded
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, NaturalInteger
from conseil.cli.options import output_option, profile_path, rules_option
from conseil.cli.output import deliver, write_whole
from conseil.cli.reading import read_profile
from conseil.errors import InvalidInput, Problem
from conseil.profile import shipped_profiles
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["test"]


@click.command(cls=FrenchCommand)
@click.argument("paths", nargs=-1, type=Name(), metavar="[CHEMIN]…")
@rules_option
@click.option("--coverage", is_flag=True, help="Dit aussi ce qu’aucun cas ne montre, et propose des cas.")
@click.option(
    "--fail-under",
    type=NaturalInteger(),
    metavar="N",
    help="Avec --coverage : échoue (code 1) s’il manque plus de N choses.",
)
@click.option("--format", "form", type=Choice(["text", "json"]), default="text", help="Forme du compte rendu.")
@click.option("--record", type=Name(), metavar="PROFIL", help="Propose un cas à relire, d’après le plan de ce profil.")
@output_option
def test(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    coverage: bool,
    fail_under: int | None,
    form: str,
    record: str | None,
    output: str | None,
) -> int:
    """Rejoue les cas des règles, et dit lesquels ne tiennent pas, et à cause de quelle règle.

    CHEMIN est un fichier de cas, ou un dossier ; sans chemin, ce sont tous les cas des règles.
    """
    if record is not None and (paths or coverage or fail_under is not None or form != "text"):
        raise Misuse("`--record` ne va qu’avec `--rules` et `--output`", "il propose un cas, et n’en rejoue aucun")
    if output is not None and record is None:
        raise Misuse("`--output` ne va qu’avec `--record`", "pour garder le compte rendu : `conseil test > fichier`")
    if fail_under is not None and not coverage:
        raise Misuse("`--fail-under` ne va qu’avec `--coverage`", "ajoutez `--coverage`")
    rulebook = load_rulebook(*rules)
    if record is not None:
        _propose(record, rulebook, output)
        return 0
    results = [run_case(case, rulebook) for case in load_cases(_found(paths, rulebook), rulebook)]
    measured = measure(rulebook, results) if coverage else None
    if form == "json":
        from conseil.authoring.cases_json import export_cases  # noqa: PLC0415 - a form is loaded when it is asked for

        deliver(export_cases(rulebook, results, measured), form, None)
    else:
        from conseil.authoring.outlined import cases_outline  # noqa: PLC0415 - the same

        deliver(cases_outline(rulebook, results, measured), form, None)
    too_many = measured is not None and fail_under is not None and len(measured.lacks) > fail_under
    return int(too_many or any(not result.holds for result in results))


def _found(paths: Sequence[str], rulebook: Rulebook) -> list[Path]:
    """Return the files and folders that were named, or the cases of the rules: of an overlay, its own alone.

    Raises:
        InvalidInput: some of them do not exist, or hold no file of cases: a wrong path must not pass for a good sign.
    """
    hint = "nommez un fichier de cas, ou un dossier qui en contient"
    absent = [path for path in paths if not os.path.lexists(path)]
    missing = [Problem(path, None, None, "fichier ou dossier introuvable", hint) for path in absent]
    folders = [path for path in paths if Path(path).is_dir() and not any(Path(path).glob("*.yaml"))]
    missing += [Problem(path, None, None, "aucun fichier de cas dans ce dossier", hint) for path in folders]
    if missing:
        raise InvalidInput(missing)
    return [Path(path) for path in paths] or [Path(rulebook.folders[-1], "tests")]


def _propose(name: str, rulebook: Rulebook, output: str | None) -> None:
    """Show or write a case that expects what the plan of a profile says today.

    Raises:
        InvalidInput: there is no such profile, or there is a file of that name already: it may hold cases.
    """
    source = profile_path(name)
    shipped = name if str(shipped_profiles().get(name)) == source else None
    text = recorded(advise(read_profile(source, rulebook), rulebook), shipped)
    if output is None:
        click.echo(text, nl=False)
        return
    if os.path.lexists(output):
        hint = "donnez un autre nom ; vous pourrez y copier le cas"
        raise InvalidInput([Problem(output, None, None, "ce fichier existe déjà", hint)])
    write_whole(Path(output), text)
