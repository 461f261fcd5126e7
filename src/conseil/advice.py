"""The whole way, in one call: a profile in, its plan out."""

from __future__ import annotations

from conseil.inference import compile_rulebook
from conseil.plan import Plan, build_plan
from conseil.profile import Profile, known
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["advise"]


def advise(profile: Profile, rulebook: Rulebook | None = None, engine: str | None = None) -> Plan:
    """Return the plan of a territory.

    Safe to call from several threads. A compiled rulebook is kept, so the first call is the slow one.

    Args:
        profile: what is known of the territory.
        rulebook: the one that conseil carries, unless another is given.
        engine: `durable` or `reference`; the best that runs here, unless one is named. The plan is the same.

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
