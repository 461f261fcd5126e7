"""`conseil diff`: what changed between two states of the rules, and what that changes."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.authoring.difference.model import Difference, compare
from conseil.authoring.difference.revisions import opened
from conseil.authoring.difference.shown import difference_outline, same_answers
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, PositiveInteger
from conseil.cli.options import has_z3, output_option
from conseil.cli.output import deliver
from conseil.plan import Plan

__all__ = ["diff"]


@click.command(cls=FrenchCommand)
@click.argument("before", type=Name(), metavar="AVANT")
@click.argument("after", type=Name(), metavar="APRÈS")
@click.option(
    "--timeout", "seconds", type=PositiveInteger(), default=60, metavar="SECONDES",
    help="Temps donné aux preuves ; ce qui reste alors est dit « non décidé ». Sinon, 60.",
)  # fmt: skip
@click.option("--save", type=Name(), metavar="DOSSIER", help="Y écrit le profil de chaque territoire témoin.")
@click.option("--format", "form", type=Choice(["text", "json", "md"]), default="text", help="Forme : text, json ou md.")
@output_option
def diff(before: str, after: str, seconds: int, save: str | None, form: str, output: str | None) -> None:
    """Dit ce qui change d’un état des règles à l’autre, et ce que cela change.

    AVANT et APRÈS sont des dossiers de règles, ou des révisions du dépôt git où l’on est : HEAD~3, une étiquette, ou
    HEAD~3:dossier. Montre les entrées qui changent, les plans des territoires fournis, les cas, puis, pour chaque
    action, un territoire dont le statut change, ou la preuve qu’il n’y en a pas.
    """
    proved = has_z3()
    if save is not None and not proved:
        raise Misuse("`--save` écrit ce que z3 trouve, et z3 n’est pas installé", "`pip install 'conseil[verify]'`")
    with opened(before) as old, opened(after) as new:
        found = compare(old, new, seconds, proved=proved)
    saved = _save(found, Path(save)) if save is not None else {}
    if form == "json":
        from conseil.authoring.difference.shown_json import export_difference  # noqa: PLC0415 - when it is asked for

        deliver(export_difference(found), form, output)
    else:
        deliver(difference_outline(found, saved), form, output)


def _save(found: Difference, folder: Path) -> dict[str, list[Path]]:
    from conseil.authoring.verification.witnesses import save  # noqa: PLC0415 - when it is asked for

    return {
        proof.action: save(_named(proof.action, *proof.plans), folder) for proof in found.proofs or () if proof.plans
    }


def _named(action: str, before: Plan, after: Plan) -> list[tuple[str, Plan]]:
    """Name the files of a witness: one, unless the two states do not ask the same."""
    if same_answers(before, after):
        return [(action, after)]
    return [(f"{action}-avant", before), (f"{action}-apres", after)]
