"""Which answers move which actions: the matrix that shows whether a rulebook listens to what it asks.

For each action and each factor (the questions that a guide names in `factors`), can that one answer, alone, change
the status of the action, or its priority? It is computed from complete profiles: in each, one factor takes each of
its other values (each choice in turn is made or unmade, where there may be several) and everything else stays. A
status that becomes "to confirm" is no proof, and neither is a priority that is not certain.

Run `python -m conseil.authoring.influence -o docs/influence.md` to write the matrix again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from conseil.advice import advise
from conseil.conditions import NOT_APPLICABLE
from conseil.plan import LIVE, Item, Plan
from conseil.profile import Answer, Profile, load_profile, shipped_profiles
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["Cell", "Influence", "Witness", "complete_profiles", "influence", "main", "to_markdown"]


@dataclass(frozen=True, slots=True)
class Witness:
    """A change that anybody can make again: in this profile, this answer, and what the action then becomes."""

    profile: str
    value: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one factor does to one action: the first change of its status, and of its priority, if there is any."""

    status: Witness | None = None
    priority: Witness | None = None

    def __str__(self) -> str:
        """Show the cell: S for status, P for priority."""
        return ("S" if self.status else "") + ("P" if self.priority else "") or "·"

    @property
    def moves(self) -> bool:
        """Whether the factor can change the action at all."""
        return bool(self.status or self.priority)


@dataclass(frozen=True, slots=True)
class Influence:
    """The matrix: the profiles that it rests on, and a cell for each action and factor."""

    rulebook: Rulebook
    profiles: tuple[str, ...]
    factors: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]

    def factors_of(self, action: str) -> list[str]:
        """Return the factors that can change an action."""
        return [factor for factor in self.factors if self.cells[action, factor].moves]

    def actions_of(self, factor: str) -> list[str]:
        """Return the actions that a factor can change."""
        return [action.id for action in self.rulebook.actions if self.cells[action.id, factor].moves]


def complete_profiles(rulebook: Rulebook) -> dict[str, Profile]:
    """Return the shipped profiles that leave nothing open: every question that applies has its answer."""
    found: dict[str, Profile] = {}
    for name, path in shipped_profiles().items():
        profile = load_profile(path, rulebook)
        plan = advise(profile, rulebook)
        if not plan.unknown and len(plan.known.progress) == len(rulebook.actions):
            found[name] = profile
    return found


def influence(rulebook: Rulebook, profiles: Mapping[str, Profile], engine: str | None = None) -> Influence:
    """Compute the matrix of a rulebook's factors on these profiles."""
    factors = rulebook.guide.factors
    cells = {(action.id, factor): Cell() for action in rulebook.actions for factor in factors}
    for name, profile in profiles.items():
        plan = advise(profile, rulebook, engine)
        base = _settled(profile, plan, factors)
        for factor in factors:
            for value, answer in _others(plan, factor):
                varied = base.model_copy(update={"answers": base.answers | {factor: Answer(value=answer)}})
                changed = advise(varied, rulebook, engine)
                for item in plan.items:
                    key = (item.id, factor)
                    cells[key] = _seen(cells[key], name, value, item, changed.item(item.id))
    return Influence(rulebook, tuple(profiles), factors, cells)


def _settled(profile: Profile, plan: Plan, factors: Iterable[str]) -> Profile:
    """Answer the factors that were deduced, so that they do not follow the one that changes."""
    deduced = {fact: plan.facts[fact] for fact in factors if fact in plan.inference.deduced}
    answers = profile.answers | {fact: Answer(value=value) for fact, value in deduced.items()}
    return Profile(name=profile.name, kind=profile.kind, answers=answers, progress=profile.progress)


def _others(plan: Plan, factor: str) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Walk the other values of a factor, each with how it is said; none where the question does not apply."""
    question, value = plan.rulebook.vocabulary[factor], plan.facts.get(factor)
    if value == NOT_APPLICABLE:
        return
    for choice in question.values:
        if question.type == "choices":
            made = value if isinstance(value, tuple) else ()
            sign = "-" if choice in made else "+"
            yield f"{sign}{choice}", tuple(sorted({*made} ^ {choice}))
        elif choice != value:
            yield choice, choice


def _seen(cell: Cell, profile: str, value: str, before: Item, after: Item) -> Cell:
    status, priority = cell.status, cell.priority
    if status is None and before.status != after.status and "to_confirm" not in {before.status, after.status}:
        status = Witness(profile, value, before.status, after.status)
    both = before.certain and after.certain and before.status in LIVE and after.status in LIVE
    if priority is None and both and before.priority != after.priority:
        priority = Witness(profile, value, before.priority, after.priority)
    return Cell(status, priority)


def to_markdown(found: Influence) -> str:
    """Show the matrix, its totals, and for each cell the change that proves it."""
    actions = [action.id for action in found.rulebook.actions]
    lines = [
        "# What moves what",
        "",
        "Written by `python -m conseil.authoring.influence -o docs/influence.md`; do not edit.",
        "",
        "Can this one answer, alone, change the **s**tatus (S) of this action, or its **p**riority (P)? Each cell was",
        "found by changing that answer, and no other, in a complete profile; the changes are listed below the table.",
        f"Profiles: {', '.join(f'`{name}`' for name in found.profiles)}.",
        "",
        f"| action | {' | '.join(f'`{factor}`' for factor in found.factors)} | factors |",
        f"|---|{':-:|' * len(found.factors)}--:|",
    ]
    for action in actions:
        row = " | ".join(str(found.cells[action, factor]) for factor in found.factors)
        lines.append(f"| `{action}` | {row} | {len(found.factors_of(action))} |")
    totals = " | ".join(str(len(found.actions_of(factor))) for factor in found.factors)
    cells = sum(len(found.factors_of(action)) for action in actions)
    lines += [f"| **actions moved** | {totals} | {cells} |", "", "## The changes", ""]
    lines += ["In this profile, give this factor this value (`+` makes a choice, `-` unmakes it)."]
    for action in actions:
        lines += ["", f"### `{action}`", ""]
        for factor in found.factors_of(action):
            cell = found.cells[action, factor]
            proofs = [_proof(factor, witness) for witness in (cell.status, cell.priority) if witness]
            lines.append(f"- {'; '.join(proofs)}")
    return "\n".join([*lines, ""])


def _proof(factor: str, witness: Witness) -> str:
    return f"`{factor}: {witness.value}` in `{witness.profile}`: {witness.before} → {witness.after}"


@click.command(help="Écrit la matrice : quelle réponse, à elle seule, change quelle action.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Fichier à écrire ; sinon, l’écran.")
@click.option("--rules", multiple=True, metavar="DOSSIER", help="Comme pour les commandes de conseil.")
def main(output: Path | None, rules: tuple[str, ...]) -> None:
    """Write the matrix of a rulebook on the shipped profiles."""
    rulebook = load_rulebook(*rules)
    text = to_markdown(influence(rulebook, complete_profiles(rulebook)))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
