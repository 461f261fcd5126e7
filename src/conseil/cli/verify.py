"""`conseil verify`: what holds of every possible territory, and what does not."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.cli.french import Choice, FrenchCommand, Name, PositiveInteger
from conseil.cli.options import output_option, rules_option, z3_or_say_how
from conseil.cli.output import deliver
from conseil.rulebook import load_rulebook

__all__ = ["verify"]


@click.command(cls=FrenchCommand)
@click.option(
    "--timeout", "seconds", type=PositiveInteger(), default=60, metavar="SECONDES",
    help="Temps donné à la recherche ; ce qui reste alors est dit « non décidé ». Sinon, 60.",
)  # fmt: skip
@click.option("--save", type=Name(), metavar="DOSSIER", help="Y écrit un profil pour chaque constat qui a un témoin.")
@click.option("--format", "form", type=Choice(["text", "json", "md"]), default="text", help="Forme : text, json ou md.")
@output_option
@rules_option
@click.pass_context
def verify(
    ctx: click.Context, seconds: int, save: str | None, form: str, output: str | None, rules: tuple[str, ...]
) -> None:
    """Prouve des règles ce qui vaut pour tout territoire, ou en donne un qui le contredit.

    Cherche les règles jamais ou toujours vraies, les actions jamais recommandées, les plans vides… Rend 0 si tout est
    décidé et que rien ne reste à corriger, sinon 1.
    """
    rulebook = load_rulebook(*rules)
    z3_or_say_how("verify")
    from conseil.authoring.verification import proving, shown, shown_json, witnesses  # noqa: PLC0415 - they need z3

    found = proving.verify(rulebook, seconds)
    saved: dict[tuple[str, str], Path] = {}
    if save is not None:
        shown_by = {key: answer.witness.plans[0] for key, answer in found.findings.items() if answer.witness}
        paths = witnesses.save([(f"{code} {about}", plan) for (code, about), plan in shown_by.items()], Path(save))
        saved = dict(zip(shown_by, paths, strict=True))
    answer = shown_json.export_verification(found) if form == "json" else shown.verification_outline(found, saved)
    deliver(answer, form, output)
    ctx.exit(0 if found.holds else 1)
