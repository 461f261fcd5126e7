"""A rulebook as clauses: what an engine that only knows "if all of these, then that" needs to judge it.

Such an engine (`durable`) has no unknown and no negation. So nothing is ever concluded from an absence here: what is
not known is not said at all, and every condition is compiled twice, once for *true* and once for *false*. A rule of
which neither is concluded is unknown. That is strong Kleene logic, because:

- **Symbols** are all that there is. `foncier=aucun` is one: it is concluded when the fact is known to have that value.
  Values that no test tells apart share one symbol: `foncier=*` stands for every value that the rulebook never names
  ("sans objet" among them, on which every test fails). The numbers between two bounds that are tested share one too.
  Of a question with several choices, each choice has two, `besoins+foncier` (made) and `besoins-foncier` (not made).
  An unknown fact has none.
- **Blocks** keep the number of clauses in proportion to the rules. A thousand bounds on one number make a thousand
  classes, and a test on each would name half of them. So, where there are many, four that follow each other have a
  symbol too, as have four such blocks, and so on: a test names a few blocks, and a value a few more symbols.
- **A test** is then "one of these symbols", and its negation is "one of the others": also positive, so that both need
  a known answer.
- **Negation** is pushed inward until only tests are negated: `all` false is `any` of its parts false, and so on.
- **A clause** says that a symbol (its head) follows from several others (its body). A disjunction is several clauses
  with one head. One that stands inside a conjunction first gets a symbol of its own (`#0`), as does a part of a
  conjunction that is too long; equal ones share it.
- **Deductions and `asked_when`** are clauses as well. Where nothing was answered to a question that is deduced, the
  symbol `open` is given, and outcomes are tried in their order: the second is reached when the first is false (and not
  when it is unknown).

>>> from conseil.conditions import parse
>>> condition = parse({"scenario": "soutien", "not": {"foncier": ["aucun", "partiel"]}})
>>> compiler = Compiler([condition])
>>> compiler.alternatives(condition, wanted=True)
[('foncier=*', 'scenario=soutien')]
>>> compiler.alternatives(condition, wanted=False)
[('foncier=aucun',), ('foncier=partiel',), ('scenario=*',)]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from conseil.conditions import (
    NOT_APPLICABLE,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    OneOf,
    Several,
    Verdict,
    leaves,
)
from conseil.inference.model import Inference
from conseil.inference.reference import fact_order
from conseil.profile import Known, progress_facts
from conseil.rulebook import Deduction, Rulebook

__all__ = ["LONGEST_BODY", "Body", "Clause", "Compiler", "Program", "Symbol", "compile_clauses"]

Symbol = str
"""Something that can be concluded, and never is concluded from an absence."""

Body = tuple[Symbol, ...]
"""Symbols that must all be concluded, sorted; the empty body always holds."""

LONGEST_BODY = 8
"""How many symbols a body has at most; longer ones are cut by symbols in between."""

_REST = "*"
"""Stands for every value of a fact that no test names."""

_FEW = 16
"""The values of a fact, as tests tell them apart, that need no blocks."""

_BLOCK = 4
"""How many values, or blocks, make a block: few enough to say all of them, enough for large ones to come soon."""

_Run = tuple[int, int]
"""Places that follow each other: the first, and the one after the last."""


class Clause(NamedTuple):
    """The head follows from the body, which is never empty.

    Attributes:
        head: what is concluded.
        body: from what.
        origin: the rule, criterion or fact for which the clause was made, for messages.
    """

    head: Symbol
    body: Body
    origin: str


class _Settling(NamedTuple):
    """How a question is settled: the symbols that say what became of it."""

    fact: str
    applies: Symbol | None
    excluded: Symbol | None
    open: Symbol | None
    outcomes: tuple[tuple[Symbol, str], ...]


class _Outcomes(NamedTuple):
    """The two symbols of a condition; neither is concluded while it is unknown."""

    true: Symbol
    false: Symbol

    def verdict(self, concluded: AbstractSet[Symbol]) -> Verdict:
        return True if self.true in concluded else False if self.false in concluded else None


class _Scale:
    """The values of a fact that tests tell apart, in a fixed order, and the symbols that say which of them it has."""

    def __init__(self, fact: str, names: list[str]) -> None:
        self.size = len(names)
        self._fact = fact
        self._names = names
        self._widths = [1]
        if self.size > _FEW:
            while self._widths[-1] * _BLOCK < self.size:
                self._widths.append(self._widths[-1] * _BLOCK)

    def at(self, place: int) -> list[Symbol]:
        """Return the symbols of the value at a place: its own, and those of the blocks in which it is."""
        return [self._symbol(place - place % width, width) for width in self._widths]

    def all(self) -> list[Symbol]:
        return [self._symbol(start, width) for width in self._widths for start in range(0, self.size, width)]

    def within(self, runs: Iterable[_Run]) -> list[Body]:
        """Return few symbols any of which says that the value is in one of these runs."""
        found: list[Body] = []
        for start, end in runs:
            place = start
            while place < end:
                width = max(width for width in self._widths if place % width == 0 and place + width <= end)
                found.append((self._symbol(place, width),))
                place += width
        return found

    def outside(self, runs: Iterable[_Run]) -> list[_Run]:
        """Return the runs between these, which are sorted."""
        edges = [0, *chain.from_iterable(runs), self.size]
        return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]

    def _symbol(self, start: int, width: int) -> Symbol:
        last = min(start + width, self.size) - 1
        return f"{self._fact}={self._names[start]}" + (f"~{self._names[last]}" if width > 1 else "")


class _Values:
    """The symbols of the values of every fact that is tested."""

    def __init__(self, tests: Iterable[Leaf]) -> None:
        words: dict[str, dict[str, None]] = {}
        cuts: dict[str, set[int]] = {}
        self._choices: dict[str, dict[str, None]] = {}
        for test in tests:
            match test:
                case OneOf(fact, values):
                    words.setdefault(fact, {}).update(dict.fromkeys(values))
                case Between(fact, low, high):
                    # a class of numbers begins at each cut: at a lower bound, and just above an upper one
                    found = cuts.setdefault(fact, set())
                    found |= {bound for bound in (low, None if high is None else high + 1) if bound is not None}
                case Several(fact, _, values):
                    self._choices.setdefault(fact, {}).update(dict.fromkeys(values))
        self._words = {fact: {word: place for place, word in enumerate(found)} for fact, found in words.items()}
        self._cuts = {fact: sorted(found) for fact, found in cuts.items()}
        self._of_words = {fact: _Scale(fact, [*found, _REST]) for fact, found in self._words.items()}
        self._of_numbers = {fact: _Scale(fact, [*_classes(found), _REST]) for fact, found in self._cuts.items()}
        self._passing: dict[tuple[Leaf, bool], list[Body]] = {}

    def of(self, fact: str, value: FactValue) -> list[Symbol]:
        """Return the symbols of a known value: those for each way in which the fact is tested."""
        found: list[Symbol] = []
        if fact in self._words:
            scale, places = self._of_words[fact], self._words[fact]
            found += scale.at(places.get(value, scale.size - 1) if isinstance(value, str) else scale.size - 1)
        if fact in self._cuts:
            scale = self._of_numbers[fact]
            found += scale.at(bisect_right(self._cuts[fact], value) if isinstance(value, int) else scale.size - 1)
        made = value if isinstance(value, tuple) else ()  # not applicable: no choice was made
        found += [_made(fact, choice, yes=choice in made) for choice in self._choices.get(fact, ())]
        return found

    def all_of(self, fact: str) -> list[Symbol]:
        """Return every symbol that a value of the fact can have."""
        found = [
            symbol for scales in (self._of_words, self._of_numbers) if fact in scales for symbol in scales[fact].all()
        ]
        return found + [_made(fact, choice, yes=yes) for choice in self._choices.get(fact, ()) for yes in (True, False)]

    def passing(self, test: Leaf, *, wanted: bool) -> list[Body]:
        """Return the bodies any of which gives a test the verdict that is wanted; rules often share their tests."""
        found = self._passing.get((test, wanted))
        if found is None:
            found = self._passing[test, wanted] = self._bodies(test, wanted=wanted)
        return found

    def _bodies(self, test: Leaf, *, wanted: bool) -> list[Body]:
        match test:
            case OneOf(fact, values):
                scale = self._of_words[fact]
                runs = _runs(self._words[fact][word] for word in values)
                return scale.within(runs if wanted else scale.outside(runs))
            case Between(fact, low, high):
                scale, cuts = self._of_numbers[fact], self._cuts[fact]
                first = 0 if low is None else bisect_right(cuts, low)
                last = len(cuts) if high is None else bisect_right(cuts, high)
                runs = [(first, last + 1)]
                return scale.within(runs if wanted else scale.outside(runs))
            case Several(fact, quantifier, values):
                yes = wanted if quantifier in {"any", "all"} else not wanted
                symbols = [_made(fact, choice, yes=yes) for choice in values]
                # "any" true and "all" false need one of them; "any" false and "all" true need them together
                return [(symbol,) for symbol in symbols] if yes is (quantifier != "all") else [tuple(sorted(symbols))]


def _classes(cuts: Sequence[int]) -> list[str]:
    """Name the classes of numbers that cuts make.

    >>> _classes([10, 20])
    ['..9', '10..19', '20..']
    """
    lows, highs = ("", *map(str, cuts)), (*(str(cut - 1) for cut in cuts), "")
    return [f"{low}..{high}" for low, high in zip(lows, highs, strict=True)]


def _runs(places: Iterable[int]) -> list[_Run]:
    """Return the runs that places make.

    >>> _runs([4, 0, 1])
    [(0, 2), (4, 5)]
    """
    runs: list[_Run] = []
    for place in sorted(set(places)):
        start = runs.pop()[0] if runs and runs[-1][1] == place else place
        runs.append((start, place + 1))
    return runs


def _made(fact: str, choice: str, *, yes: bool) -> Symbol:
    return f"{fact}{'+' if yes else '-'}{choice}"


class Compiler:
    """Turn conditions into clauses; `clauses` grows as symbols in between are needed."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        """Read which values the conditions tell apart: all that will be compiled must be there."""
        self.values = _Values(test for condition in conditions for _, test in leaves(condition))
        self.clauses: list[Clause] = []
        self.always: list[Symbol] = []
        self.origin = ""
        self._between: dict[frozenset[Body], Symbol] = {}

    def alternatives(self, condition: Condition, *, wanted: bool) -> list[Body]:
        """Return the bodies any of which gives a condition the verdict that is wanted; none where nothing can."""
        match condition:
            case Not(part):
                return self.alternatives(part, wanted=not wanted)
            case Everything(parts) | AllOf(parts) | AnyOf(parts):
                if len(parts) == 1:
                    return self.alternatives(parts[0], wanted=wanted)
                each = [self.alternatives(part, wanted=wanted) for part in parts]
                together = wanted is not isinstance(condition, AnyOf)
                return self._together(each) if together else _simplest(chain.from_iterable(each))
            case _:
                return [self.joined(body) for body in self.values.passing(condition, wanted=wanted)]

    def _together(self, each: list[list[Body]]) -> list[Body]:
        """Return the one body that holds an alternative of each part, if they all have one."""
        if not all(each):
            return []
        return [self.joined(*(part[0] if len(part) == 1 else (self._symbol(part),) for part in each))]

    def joined(self, *bodies: Body) -> Body:
        """Put bodies together, and cut what is too long by symbols in between."""
        body = tuple(sorted({symbol for body in bodies for symbol in body}))
        while len(body) > LONGEST_BODY:
            pieces = [body[start : start + LONGEST_BODY] for start in range(0, len(body), LONGEST_BODY)]
            body = tuple(sorted(piece[0] if len(piece) == 1 else self._symbol([piece]) for piece in pieces))
        return body

    def _symbol(self, alternatives: list[Body]) -> Symbol:
        """Return a symbol that follows from any of these bodies."""
        key = frozenset(alternatives)
        if key not in self._between:
            self._between[key] = f"#{len(self._between)}"
            self.conclude(self._between[key], alternatives)
        return self._between[key]

    def conclude(self, head: Symbol, alternatives: Iterable[Body]) -> None:
        """Add a clause for each of the bodies from which a symbol follows."""
        for body in alternatives:
            if body:
                self.clauses.append(Clause(head, body, self.origin))
            else:
                self.always.append(head)

    def judge(self, name: str, condition: Condition) -> _Outcomes:
        """Compile a condition for both of its verdicts."""
        self.origin = name
        outcomes = _Outcomes(f"{name} true", f"{name} false")
        self.conclude(outcomes.true, self.alternatives(condition, wanted=True))
        self.conclude(outcomes.false, self.alternatives(condition, wanted=False))
        return outcomes

    def settle(self, fact: str, asked_when: Condition | None, deduction: Deduction | None) -> _Settling:
        """Compile what gives a question its value: its answer where it applies, else its deduction."""
        applies = excluded = None
        if asked_when is not None:
            asked = self.judge(f"{fact} asked", asked_when)
            applies, excluded = asked.true, asked.false
            for symbol in self.values.of(fact, NOT_APPLICABLE):
                self.conclude(symbol, [(excluded,)])
            for symbol in self.values.all_of(fact):
                self.conclude(symbol, [self.joined((_answered(symbol), applies))])
        self.origin = fact
        unanswered = f"{fact} open" if deduction is not None else None
        outcomes = self._outcomes(deduction, [symbol for symbol in (unanswered, applies) if symbol is not None])
        return _Settling(fact, applies, excluded, unanswered, tuple(outcomes))

    def _outcomes(self, deduction: Deduction | None, start: list[Symbol]) -> Iterator[tuple[Symbol, str]]:
        if deduction is None:
            return
        reached = tuple(start)
        for index, outcome in enumerate([*deduction.values, deduction.otherwise]):
            given, following = f"{deduction.fact} outcome {index}", f"{deduction.fact} reaches {index + 1}"
            if outcome is deduction.otherwise:
                self.conclude(given, [self.joined(reached)])
            elif outcome.when is not None:
                whens = self.alternatives(outcome.when, wanted=True), self.alternatives(outcome.when, wanted=False)
                for head, alternatives in zip((given, following), whens, strict=True):
                    self.conclude(head, [self.joined(reached, body) for body in alternatives])
            for symbol in self.values.of(deduction.fact, outcome.value):
                self.conclude(symbol, [(given,)])
            reached = (following,)
            yield given, outcome.value


def _simplest(alternatives: Iterable[Body]) -> list[Body]:
    """Keep each body once, and only the empty one where there is one: it always holds."""
    found = dict.fromkeys(alternatives)
    return [()] if () in found else list(found)


def _answered(symbol: Symbol) -> Symbol:
    """Return the symbol of an answer to a question that may not apply: it does not count by itself."""
    return f"answered {symbol}"


@dataclass(frozen=True)
class Program:
    """A compiled rulebook: clauses, what to say to an engine that runs them, and how to read what it concludes.

    Attributes:
        clauses: in an order in which a symbol's own clauses come before those that read it.
    """

    clauses: tuple[Clause, ...]
    _always: tuple[Symbol, ...]
    _values: _Values
    _settlings: tuple[_Settling, ...]
    _rules: dict[str, _Outcomes]
    _criteria: dict[tuple[str, str, int], _Outcomes]

    def premises(self, known: Known) -> set[Symbol]:
        """Return the symbols that hold before anything is concluded."""
        found = set(self._always)
        for fact, state in progress_facts(known).items():
            found.update(self._values.of(fact, state))
        for settling in self._settlings:
            answer = known.answers.get(settling.fact)
            if answer is not None:
                symbols = self._values.of(settling.fact, answer)
                found.update(symbols if settling.applies is None else map(_answered, symbols))
            elif settling.open is not None:
                found.add(settling.open)
        return found

    def inference(self, known: Known, concluded: AbstractSet[Symbol]) -> Inference:
        """Read all that was concluded, premises included."""
        facts: dict[str, FactValue] = progress_facts(known)
        deduced: dict[str, int] = {}
        ignored: list[str] = []
        waiting: list[str] = []
        for settling in self._settlings:
            fact, answer = settling.fact, known.answers.get(settling.fact)
            if settling.excluded in concluded:
                facts[fact] = NOT_APPLICABLE
                ignored += [fact] * (answer is not None)
            elif settling.applies is not None and settling.applies not in concluded:
                waiting += [fact] * (answer is not None)
            elif answer is not None:
                facts[fact] = answer
            else:
                for index, (symbol, value) in enumerate(settling.outcomes):
                    if symbol in concluded:
                        deduced[fact] = index
                        facts[fact] = value
        return Inference(
            facts=facts,
            deduced=deduced,
            ignored=tuple(sorted(ignored)),
            waiting=tuple(sorted(waiting)),
            rules={rule: outcomes.verdict(concluded) for rule, outcomes in self._rules.items()},
            criteria={place: outcomes.verdict(concluded) for place, outcomes in self._criteria.items()},
        )


def compile_clauses(rulebook: Rulebook) -> Program:
    """Compile a rulebook: first what settles its facts, in an order that suits them, then rules and criteria."""
    rules = rulebook.rules
    criteria = {place: criterion.when for place, criterion in rulebook.criteria.items()}
    compiler = Compiler(rulebook.conditions)
    settlings = tuple(
        compiler.settle(fact, rulebook.vocabulary[fact].asked_when, rulebook.deduction_of.get(fact))
        for fact in fact_order(rulebook)
    )
    judged_rules = {rule: compiler.judge(f"rule {rule}", rules[rule].when) for rule in rules}
    judged_criteria = {
        place: compiler.judge(f"criterion {'/'.join(map(str, place))}", condition)
        for place, condition in criteria.items()
    }
    clauses = tuple(dict.fromkeys(compiler.clauses))
    return Program(clauses, tuple(compiler.always), compiler.values, settlings, judged_rules, judged_criteria)
