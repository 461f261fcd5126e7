"""The whole way, in one call: a profile in, its plan out; or a table of profiles, and theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from conseil.errors import EngineUnavailable
from conseil.inference import compile_rulebook
from conseil.plan import Plan, build_plan
from conseil.profile import Profile, known
from conseil.rulebook import Rulebook, load_rulebook

if TYPE_CHECKING:  # numpy is only needed by those who ask for columns
    from conseil.inference.chunk import Chunk
    from conseil.plan.table import PlanTable

__all__ = ["advise", "advise_columns"]


def advise(profile: Profile, rulebook: Rulebook | None = None, engine: str | None = None) -> Plan:
    """Return the plan of a territory.

    Safe to call from several threads. A compiled rulebook is kept, so the first call is the slow one.

    Args:
        profile: what is known of the territory.
        rulebook: the one that conseil carries, unless another is given.
        engine: `durable`, `compiled` or `reference`; the best that runs here, unless named. The plan is the same.

    Raises:
        InvalidProfile: the profile does not fit the rulebook.
        EngineError: the engine that was named cannot run here, or cannot take this rulebook.

    >>> from conseil import Profile
    >>> plan = advise(Profile(name="Ici", kind="invented", answers={"scenario": "initiatrice"}), engine="reference")
    >>> len(plan.items)
    41
    """
    rulebook = rulebook or load_rulebook()
    read = known(profile, rulebook)
    return build_plan(rulebook, profile, read, compile_rulebook(rulebook, engine).infer(read))


def advise_columns(
    chunks: Iterable[Chunk], rulebook: Rulebook | None = None, *, verdicts: bool = False
) -> Iterator[PlanTable]:
    """Return the plans of a table of territories, one chunk after the other.

    A chunk is read when its plans are asked for, and forgotten when the next are: memory is bounded by the largest. Of
    the rulebook that conseil carries, 16,384 rows a chunk are a good size. It needs numpy (`conseil[columns]`).

    Args:
        chunks: columns of equal length by name, the id of a question or `progress.<action>`: a mapping, a Table or a
            RecordBatch of Arrow, or a DataFrame of pandas. What has no column is unknown, but for the progress of
            actions where there is a column `progress.others`. `docs/columns.md` says how a column answers.
        rulebook: the one that conseil carries, unless another is given.
        verdicts: whether the verdicts of rules and criteria are wanted too.

    Returns:
        For each chunk, arrays with a row a territory, and a column an action: see `conseil.plan.table.PlanTable`.

    Raises:
        EngineUnavailable: numpy is not installed.
        RulebookTooLarge: the points of an action could be too many to count; the message names a rule, with its file
            and line where the rulebook was loaded from a folder.
        InvalidProfile: when the chunk is read, a problem for each column that cannot be used, with the place of the
            chunk and of the first row at fault, from 0, and its value.

    >>> import numpy as np
    >>> [table] = advise_columns([{"scenario": np.array([0, 1, -1]), "population": [8_000, 90_000, None]}])
    >>> table.status.shape
    (3, 41)
    >>> table.row(0)[0].status
    'to_confirm'
    """
    try:
        from conseil.plan.table import PlanTableBuilder  # noqa: PLC0415 - the rest of conseil does without numpy
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        message = "les tableaux de territoires demandent numpy, qui n’est pas installé"
        raise EngineUnavailable(f"{message}\n  aide : installez `conseil[columns]`") from error
    builder = PlanTableBuilder(rulebook or load_rulebook())
    return (builder.build(chunk, place, verdicts=verdicts) for place, chunk in enumerate(chunks))
