"""`conseil compare`: plans side by side, what would change, what would hold, and what has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import click
from pydantic import BaseModel

from conseil.advice import advise
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, ParameterType
from conseil.cli.options import rules_option
from conseil.cli.output import columns, show, write_whole
from conseil.cli.plan import profile_path
from conseil.comparison import Comparison, Variant, compare as comparison_of, scenario_variants, what_if
from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES
from conseil.errors import Faults, InvalidInput, Problem, nearest
from conseil.evolution import evolution, load_plan
from conseil.inference import ENGINES
from conseil.profile import OTHERS, Profile, load_profile
from conseil.rendering import Outline, render_markdown, render_text
from conseil.rendering.compared import comparison_outline, evolution_outline, robustness_outline
from conseil.rendering.compared_json import export_comparison, export_evolution, export_robustness
from conseil.robustness import reweighted, robustness, weighed
from conseil.rulebook import Rulebook, load_rulebook
from conseil.vocabulary import UNKNOWN, Question, read_answer

__all__ = ["compare"]

_WHOLE = 100
_WAYS = "donnez un autre profil, ou `--set`, `--scenarios`, `--robust`, `--weights` ou `--since`"


class Assignment(ParameterType):
    """`question=value`."""

    name = "question=valeur"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:  # noqa: ANN401, ARG002 - click's
        """Split it; what it names is checked with the rules."""
        fact, equals, answer = str(value).partition("=")
        if not equals or not fact.strip():
            raise Misuse(f"option `--set` : `question=valeur` attendu, et non `{value}`", "par exemple `foncier=bati`")
        return fact.strip(), answer.strip()


class WeightShares(ParameterType):
    """`impact/feasibility`, in percent."""

    name = "impact/faisabilité"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401, ARG002 - click's
        """Return the weight of impact."""
        parts = str(value).split("/")
        if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):  # noqa: PLR2004
            raise Misuse(f"option `--weights` : deux poids attendus, et non `{value}`", "par exemple `--weights 50/50`")
        if sum(map(int, parts)) != _WHOLE:
            message = f"option `--weights` : {parts[0]} et {parts[1]} font {sum(map(int, parts))}, et non {_WHOLE}"
            raise Misuse(message, "par exemple `--weights 50/50`")
        return int(parts[0])


@dataclass
class Group:
    """A set of answers to try together, as the command line gives them."""

    name: str | None = None
    changes: list[tuple[str, str]] = field(default_factory=list)


def _collect(begin: Callable[[list[Group], Any], None]) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Make a callback that hears of each use of an option in the order of the command line."""
    raise NotImplementedError
