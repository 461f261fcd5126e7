"""The rulebook as Rete networks of durable-rules: the default engine.

durable-rules 2.0.28 crashes, hangs and answers wrongly in ways that its documentation does not tell; its C source
does (`src/rules` of its archive). This module keeps far away from all of them, and holds every workaround needed:

- It runs `clauses`, which are positive and about known things only. So a network needs no `$nex`, `any`, `none`,
  expression or number: it joins messages, of which each is one symbol.
- It calls the compiled engine itself, and not `durable.lang` or `durable.engine`. Those start endless threads, swallow
  what an action raises, and drop every later conclusion when an action seems to last ten seconds (by the wall clock: a
  laptop that wakes up, a change of the hour). Nor do they free a network, of which a process can make 131,072.
- Several networks run in turn. What the limits below allow for each is far below where durable-rules breaks, and short
  networks are faster too: it tries the conditions of a network one after another.
- Every session begins with a message that one rule awaits. To delete a session in which no rule ever ran frees a
  pointer that was never set.
"""

from __future__ import annotations

import importlib
import json
import sys
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from threading import Lock
from typing import NamedTuple, Protocol, cast

from conseil.errors import EngineError, EngineUnavailable, RulebookTooLarge
from conseil.inference.clauses import LONGEST_BODY, Body, Clause, Symbol, compile_clauses
from conseil.inference.model import Inference
from conseil.profile import Known
from conseil.rulebook import Rulebook, problem_of_rule

__all__ = ["DurableEngine", "load_rete", "version"]

MOST_SYMBOLS = 384
"""The symbols that one network reads. durable-rules lays 512 conditions out under one node; the next one hangs it."""

MOST_READERS = 128
"""The rules of a network that read one symbol. The 256th makes durable-rules write past the end of a list."""

MOST_RULES = 512
"""The rules of a network. durable-rules takes 4,096, and looks through them all before each conclusion."""

MOST_NETWORKS = 512
"""The networks of a rulebook: hundreds of times what a guide needs. Each takes up to 3 MB, and a tenth of a second."""

_PAGE = 24
"""The symbols under one first-level condition: two levels of about twenty are tried faster than one of 384."""

_SESSION = "s"
_OPENING = "open"


class Rete(Protocol):
    """What conseil uses of durable-rules' compiled engine; a message is the text of a flat JSON object."""

    error: type[Exception]

    def create_ruleset(self, name: str, rules: str, /) -> int:
        """Build a network, and return its handle."""
        ...

    def delete_ruleset(self, handle: int, /) -> None:
        """Free a network and its handle."""
        ...

    def assert_fact(self, handle: int, message: str, /) -> tuple[int, int]:
        """Return 0 where a rule can use the message (1: none can, 2: it looks like an earlier one), and its session."""
        ...

    def start_action_for_state(self, handle: int, session: int, /) -> tuple[str, str] | None:
        """Return the session, and the first rule that holds with its messages; nothing where none does."""
        ...

    def complete_and_start_action(self, handle: int, session: int, /) -> str | None:
        """End with the rule that was returned last, and return the next one that holds."""
        ...

    def delete_state(self, handle: int, session: str, /) -> None:
        """Forget a session."""
        ...


def load_rete() -> Rete:
    """Import the compiled engine.

    Raises:
        EngineUnavailable: it cannot be imported; the message is the reason, in French.
    """
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        return cast("Rete", importlib.import_module("durable_rules_engine"))
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f"durable-rules n’est pas installé ({python})") from error
    except ImportError as error:
        # on 3.13 and later, the module is there and asks for a function that Python no longer has
        detail = str(error).partition(": ")[2] or str(error)
        raise EngineUnavailable(f"durable-rules ne se charge pas ({python} : {detail})") from error


def version() -> str:
    """Return the version of durable-rules that is installed."""
    import importlib.metadata  # noqa: PLC0415 - much to load, for this alone

    try:
        return importlib.metadata.version("durable_rules")
    except importlib.metadata.PackageNotFoundError:  # built by hand
        return "?"


class NetworkRule(NamedTuple):
    """A rule of a network: all that follows from one body."""

    body: Body
    heads: list[Symbol]
    origin: str


class DurableEngine:
    """Rete networks that run in turn, each on what the premises and the earlier ones gave."""

    name = "durable"

    def __init__(self, rulebook: Rulebook) -> None:
        """Build the networks.

        Raises:
            EngineUnavailable: durable-rules does not import here.
            RulebookTooLarge: durable-rules cannot take the rulebook; the message names the rule that is too much, with
                its file and line where the rulebook was loaded from a folder.
            EngineError: durable-rules failed.
        """
        rete = load_rete()
        self._program = compile_clauses(rulebook)
        try:
            shares = packed(self._program.clauses)  # all of them, before the first network is built
        except _Unfit as error:
            raise RulebookTooLarge(_refusal(rulebook, error)) from error
        self._networks = [Network(rete, rules) for rules in shares]
        self._lock = Lock()  # a network has one session at a time

    def infer(self, known: Known) -> Inference:
        """Return what follows from a profile.

        Raises:
            EngineError: durable-rules failed; nothing was concluded.
        """
        concluded = self._program.premises(known)
        with self._lock:
            for network in self._networks:
                network.run(concluded)
        return self._program.inference(known, concluded)


class _Unfit(Exception):
    """A clause is too much, and why; `origin` is what it was made for."""

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"`{origin}` : {reason}")
        self.origin = origin
        self.reason = reason


def _refusal(rulebook: Rulebook, unfit: _Unfit) -> str:
    """Say in French what is too much, and where it stands."""
    hint = "le moteur `compiled` prend toutes les règles"
    rule = unfit.origin.removeprefix("rule ")
    if rule in rulebook.rules:
        return str(problem_of_rule(rulebook, rule, f"règle `{rule}` : {unfit.reason}", hint))
    criterion = unfit.origin.removeprefix("criterion ")
    name = unfit.origin.removesuffix(" asked")
    what = f"question `{name}`" if name in rulebook.vocabulary else f"critère `{criterion}`"
    return f"{what} : {unfit.reason}\n  aide : {hint}"


def packed(clauses: Iterable[Clause]) -> list[list[NetworkRule]]:
    """Share clauses out among networks, so that each reads only what it, an earlier one or the premises conclude.

    Clauses with one body become one rule: one answer often makes many rules of a guide false.

    Raises:
        _Unfit: a clause is more than durable-rules can take.
    """
    depths: dict[Symbol, int] = {}  # the most clauses that lead to a symbol
    rules: dict[Body, NetworkRule] = {}
    for clause in clauses:
        depth = _depth(clause.body, depths)
        depths[clause.head] = max(depths.get(clause.head, 0), depth + 1)
        rules.setdefault(clause.body, NetworkRule(clause.body, [], clause.origin)).heads.append(clause.head)
    networks: list[list[NetworkRule]] = []
    readers: dict[Symbol, int] = {}
    for rule in sorted(rules.values(), key=lambda rule: _depth(rule.body, depths)):
        if len(rule.body) > LONGEST_BODY:
            raise _Unfit(rule.origin, f"{len(rule.body)} conditions à la fois, {LONGEST_BODY} au plus")
        fits = (
            networks
            and len(networks[-1]) < MOST_RULES
            and len(readers) + sum(symbol not in readers for symbol in rule.body) <= MOST_SYMBOLS
            and all(readers.get(symbol, 0) < MOST_READERS for symbol in rule.body)
        )
        if not fits:
            if len(networks) == MOST_NETWORKS:
                raise _Unfit(
                    rule.origin, f"durable-rules a déjà {MOST_NETWORKS} réseaux de règles, et n’en prend pas plus"
                )
            networks.append([])
            readers.clear()
        networks[-1].append(rule)
        readers.update({symbol: readers.get(symbol, 0) + 1 for symbol in rule.body})
    return networks


def _depth(body: Body, depths: dict[Symbol, int]) -> int:
    return max(depths.get(symbol, 0) for symbol in body)


class Network:
    """One ruleset of durable-rules, and its only session, which lasts as long as a run."""

    def __init__(self, rete: Rete, rules: Sequence[NetworkRule]) -> None:
        """Build the ruleset: a rule that opens sessions, then those that are given."""
        self._rete = rete
        self._heads = {f"r{index}": rule.heads for index, rule in enumerate(rules)}
        symbols = list(dict.fromkeys(symbol for rule in rules for symbol in rule.body))
        ids = dict(zip(symbols, distinct_ids(_candidates()), strict=False))
        fields = {symbol: {"k": f"{place // _PAGE}", "v": f"{place % _PAGE}"} for place, symbol in enumerate(symbols)}
        self._messages = {
            symbol: json.dumps({"id": ids[symbol], **fields[symbol], "sid": _SESSION}) for symbol in symbols
        }
        self._opening = json.dumps({"id": _OPENING, "k": _OPENING, "sid": _SESSION})
        definition = {_OPENING: _pattern([{"k": _OPENING}])} | {
            f"r{index}": _pattern(
                [{"$and": [{name: value} for name, value in fields[symbol].items()]} for symbol in rule.body]
            )
            for index, rule in enumerate(rules)
        }
        try:
            self._handle = rete.create_ruleset("conseil", json.dumps(definition))
        except (rete.error, MemoryError) as error:
            raise EngineError(f"durable-rules n’a pas construit son réseau : {error}") from error
        weakref.finalize(self, rete.delete_ruleset, self._handle)

    def run(self, concluded: set[Symbol]) -> None:
        """Add what follows from what is concluded.

        Raises:
            EngineError: durable-rules failed.
        """
        holding = [symbol for symbol in self._messages if symbol in concluded]
        if not holding:
            return
        try:
            self._run(holding, concluded)
        except (self._rete.error, MemoryError) as error:
            raise EngineError(f"durable-rules a échoué : {error}") from error

    def _run(self, holding: list[Symbol], concluded: set[Symbol]) -> None:
        session = self._open()
        try:
            for symbol in holding:
                self._say(self._messages[symbol])
            started = self._rete.start_action_for_state(self._handle, session)
            action = started[1] if started else None
            while action is not None:
                rule = action.split('"', 2)[1]  # the text begins with the rule's name: {"r12":{"m0":…
                for head in self._heads[rule]:
                    # a symbol is said once: durable-rules refuses a message that it has seen, and no chain is endless
                    if head not in concluded:
                        concluded.add(head)
                        if head in self._messages:
                            self._say(self._messages[head])
                action = self._rete.complete_and_start_action(self._handle, session)
        finally:
            self._rete.delete_state(self._handle, _SESSION)

    def _open(self) -> int:
        """Begin the session, and let a rule run in it, after which it can be deleted whatever happens."""
        session = self._say(self._opening)
        opened = self._rete.start_action_for_state(self._handle, session)
        if opened is None:
            raise EngineError("durable-rules n’a pas ouvert de session")
        self._rete.complete_and_start_action(self._handle, session)
        return session

    def _say(self, message: str) -> int:
        result, session = self._rete.assert_fact(self._handle, message)
        if result:
            raise EngineError(f"durable-rules a refusé un fait (code {result})")
        return session


def _pattern(conditions: list[dict[str, object]]) -> dict[str, object]:
    return {"all": [{f"m{place}": condition} for place, condition in enumerate(conditions)]}


def _candidates() -> Iterator[str]:
    return (f"m{number}" for number in count())


def distinct_ids(candidates: Iterable[str]) -> Iterator[str]:
    """Yield the ids that durable-rules can tell apart: it knows a message only by a 32-bit hash of its `id`.

    >>> list(distinct_ids(["costarring", "liquid", "m1"]))
    ['costarring', 'm1']
    """
    # the opening message, and the one that durable-rules itself keeps in each session
    taken = {fnv(_OPENING), fnv(f"sid-{_SESSION}")}
    for candidate in candidates:
        if fnv(candidate) not in taken:
            taken.add(fnv(candidate))
            yield candidate


def fnv(text: str) -> int:
    """Return the hash by which durable-rules knows fields, messages and sessions (32-bit FNV-1a).

    >>> fnv("id"), fnv("sid")
    (926444256, 3593476751)
    """
    value = 0x811C9DC5
    for byte in text.encode("ascii"):
        value = (value ^ byte) * 0x01000193 % 2**32
    return value
