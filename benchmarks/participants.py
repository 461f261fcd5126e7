"""Who takes part: conseil's engines and their peers, each with its environment and how it was used."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conseil.inference import ENGINES

__all__ = ["PEERS", "Participant", "Peer", "engines", "peers"]

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".venvs"
SCRIPTS = ROOT / "benchmarks" / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another rule engine.

    Attributes:
        name: as its authors write it.
        requirement: what pip installs; nothing for a package of npm, which `peers/package.json` names.
        script: its module in `benchmarks.peers`, or its file for node.
        documentation: where its authors say how it is used.
        use: how it was used here.
        cannot: why it cannot say that a verdict is unknown; nothing where it can.
        documented: whether its documentation recommends this use.
        arguments: given to the script.
    """

    name: str
    requirement: str | None
    script: str
    documentation: str
    use: str
    cannot: str | None
    documented: bool = True
    arguments: tuple[str, ...] = ()

    @property
    def interpreter(self) -> Path:
        """The Python of its environment."""
        return ENVIRONMENTS / f"bench-{self.script.strip('_')}" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Participant:
    """A name, and the command of its process."""

    name: str
    command: Sequence[str]
    peer: Peer | None = None


PEERS = (
    Peer(
        "durable-rules",
        "durable-rules==2.0.28",
        "durable_rules",
        "https://github.com/jruizgit/rules/blob/master/docs/py/reference.md",
        "`durable.lang`, one fact a profile, one `when_all` a rule; several choices are a field each. A hundred rules "
        "a ruleset: more of them, on these facts, are an error (303). `not` is pushed down to `!=`, which is right on "
        "complete facts only",
        "a test on a field that is not there is false",
    ),
    Peer(
        "clipspy",
        "clipspy==1.0.6",
        "clips",
        "https://clipspy.readthedocs.io",
        "One template with a slot for each question, one `defrule` a rule, which adds its name to a global that is "
        "read as one text: every value that crosses from CLIPS to Python costs more than a rule",
        "a slot always has a value",
    ),
    Peer(
        "zen-engine",
        "zen-engine==2.1.3",
        "zen_",
        "https://docs.gorules.io/developers/sdks/python",
        "One decision table, a row a rule, of which all that hold are collected; what relates several questions stands "
        "in a column of expressions. `evaluate_batch`, which uses *all cores*, where conseil uses one",
        "a comparison with null is false",
    ),
    Peer(
        "zen-engine, one expression",
        "zen-engine==2.1.3",
        "zen_",
        "https://docs.gorules.io/learn/zen-language/syntax",
        "All conditions as the items of one compiled expression. Its authors do not recommend it, and rules have no "
        "names in it; but it is the fastest trick that was found, so it is shown. The figures to reach do not count it",
        "a comparison with null is false",
        documented=False,
        arguments=("expression",),
    ),
    Peer(
        "cedarpy",
        "cedarpy==4.12.2",
        "cedar",
        "https://github.com/k9securityio/cedar-py",
        "One `permit` policy a rule, parsed once; `is_authorized_batch`; the ids are the reasons of the decision",
        "its partial evaluation is experimental, and leaves `unknown && false` open",
    ),
    Peer(
        "rule-engine",
        "rule-engine==5.1.0",
        "rule_engine_",
        "https://zerosteiner.github.io/rule-engine/",
        "One parsed expression a rule, with declared types; there is no set of rules, so each is asked in turn",
        "a symbol that is not there is an error",
    ),
    Peer(
        "json-logic",
        "json-logic-qubit==0.9.1",
        "json_logic_",
        "https://jsonlogic.com",
        "One piece of JsonLogic a rule, walked each time. The package json-logic (0.6.3) itself fails on Python 3; "
        "json-logic-qubit is the branch of it that works",
        "a variable that is not there is null",
    ),
    Peer(
        "experta",
        "experta==1.9.4",
        "experta_",
        "https://experta.readthedocs.io",
        "One method a rule, one fact a profile. Not maintained: it imports on Python 3.10 and later once "
        "`collections.Mapping` is put back ([issue 34](https://github.com/nilp0inter/experta/issues/34))",
        "a pattern that does not match is false",
    ),
    Peer(
        "json-rules-engine",
        None,
        "json_rules_engine.mjs",
        "https://github.com/CacheControl/json-rules-engine/tree/master/docs",
        "One rule a rule, whose event is its id; two added operators for several choices",
        "a fact that is not there is an error, or undefined, on which tests are false",
    ),
    Peer(
        "publicodes",
        None,
        "publicodes.mjs",
        "https://publi.codes/docs",
        "One rule a rule, `setSituation` once a profile, then `evaluate` once a rule; several choices are a yes/no "
        "question each. It also knows units and explains itself, which is not measured",
        None,
    ),
)
"""The other engines."""


def engines(job: str, rulebook: str, names: Iterable[str] = ENGINES) -> list[Participant]:
    """Return engines of conseil, at a job (see `peers.conseil_`) on a rulebook; all of them unless some are named."""
    module = "benchmarks.peers.conseil_"
    return [Participant(f"conseil {name}", (sys.executable, "-m", module, name, job, rulebook)) for name in names]


def peers(chosen: Sequence[Peer] = PEERS) -> list[Participant]:
    """Return the peers, ready to be started."""
    return [Participant(peer.name, _command(peer), peer) for peer in chosen]


def _command(peer: Peer) -> tuple[str, ...]:
    if peer.requirement is None:
        return ("node", str(SCRIPTS / peer.script), *peer.arguments)
    return (str(peer.interpreter), "-m", f"benchmarks.peers.{peer.script}", *peer.arguments)
