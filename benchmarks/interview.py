"""How many questions an interview takes, in our order and in others: `make interview` writes docs/interview.md again.

Territories are drawn from the complete shipped profiles. A quarter of the themes are taken whole from another of them,
then three answers in twenty are drawn anew, so that answers go together as they do in life, with noise. All progress is
`todo`. Answers are then revealed one by one, in each of the orders. The engine knows none of these profiles.

>>> found = territories(3)
>>> found == territories(3), len(found)
(True, 3)
"""

from __future__ import annotations

import argparse
import platform
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from statistics import mean, median, quantiles
from time import process_time

from conseil import Profile, load_profile, load_rulebook
from conseil.conditions import AllOf, AnyOf, Condition, Everything, Facts, FactValue, Not, evaluate
from conseil.interview import Interview, NextQuestion
from conseil.interview.settling import is_settled
from conseil.interview.territory import Territories
from conseil.profile import Progress, known, shipped_profiles
from conseil.rulebook import Action, Rulebook

__all__ = [
    "Best",
    "Orders",
    "Paired",
    "Publicodes",
    "best_orders",
    "course",
    "fewest",
    "main",
    "milliseconds",
    "territories",
    "unsure",
]

_SEED = 20_261_123
_TERRITORIES = 500
_AFTER = (5, 10, 15)
_RESAMPLES = 2_000
_WHOLE_THEME, _ANEW, _CHOSEN = 0.25, 0.15, 0.4
_UNSURE = 0.4
_UNSURE_TERRITORIES = 50
_COMPLETE = 0.9
_SECOND_GUIDE = Path(__file__).parents[1] / "tests" / "second_guide" / "rules"

Territory = Mapping[str, FactValue]
"""All the answers of a territory."""

Order = Callable[[Territory], list[str]]
"""The questions that are put to a territory, in the order in which they are."""


# The territories


def territories(count: int, rulebook: Rulebook | None = None) -> list[Territory]:
    """Return territories drawn from the complete shipped profiles, always the same."""
    rulebook = rulebook or load_rulebook()
    read = [known(load_profile(path, rulebook), rulebook) for path in shipped_profiles().values()]
    asked = _judge_of(rulebook).questions.asked
    complete = [one.given for one in read if sum(name in one.given for name in asked) >= _COMPLETE * len(asked)]
    draw = random.Random(_SEED)
    return [_drawn(complete, rulebook, draw) for _ in range(count)]


def _drawn(complete: Sequence[Territory], rulebook: Rulebook, draw: random.Random) -> Territory:
    asked, roles = _judge_of(rulebook).questions.asked, rulebook.guide.roles
    found = {name: value for name, value in draw.choice(complete).items() if name in asked}
    for theme in rulebook.guide.themes:
        other = draw.choice(complete) if draw.random() < _WHOLE_THEME else found
        for name in (name for name in asked if rulebook.themes[name] == theme.id):
            value = other.get(name, found.get(name))
            found[name] = _anew(name, rulebook, draw) if value is None or draw.random() < _ANEW else value
    stages = [described.stage for described in rulebook.stance_of[str(found[roles.scenario])].stages]
    if found[roles.stage] not in stages:
        found[roles.stage] = draw.choice(stages)
    return {name: found[name] for name in asked if name not in _judge_of(rulebook).judge(found).inference.ignored}


def _anew(name: str, rulebook: Rulebook, draw: random.Random) -> FactValue:
    question = rulebook.vocabulary[name]
    if question.type == "choices":
        return tuple(choice for choice in question.values if draw.random() < _CHOSEN)
    return draw.choice(rulebook.distinct_answers(name))


def _judge_of(rulebook: Rulebook) -> Territories:
    progress: dict[str, Progress] = dict.fromkeys(rulebook.by_id, "todo")
    return Territories(rulebook, progress)


# The orders


class Orders:
    """Puts questions to a territory, one after the other."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Start the draw of random orders."""
        self._rulebook = rulebook
        self._judge = _judge_of(rulebook)
        self._draw = random.Random(_SEED)
        self._ours, self._freely = _Asking(rulebook), _Asking(_of_one_theme(rulebook))

    def ours(self, territory: Territory) -> list[str]:
        """As the interview really asks; it asks no checklist where all progress is given."""
        return self._ours.order(territory)

    def ours_freely(self, territory: Territory) -> list[str]:
        """As the interview would ask, did it not keep to its themes."""
        return self._freely.order(territory)

    def rulebook(self, territory: Territory) -> list[str]:
        """As they stand in the rulebook."""
        return self._revealed(territory, lambda _, open_: open_[0])

    def random(self, territory: Territory) -> list[str]:
        """At random."""
        return self._revealed(territory, lambda _, open_: self._draw.choice(open_))

    def publicodes(self, territory: Territory) -> list[str]:
        """The most often missing first: see `Publicodes`."""
        return self._revealed(territory, lambda facts, open_: Publicodes(self._rulebook, facts, open_).sorted[0])

    def publicodes_pages(self, territory: Territory) -> list[str]:
        """The same by pages, as @publicodes/forms groups them: here a theme is a page, which is asked whole."""
        page: list[str] = []

        def following(facts: Facts, open_: list[str]) -> str:
            left = [name for name in page if name in open_]
            if not left:
                ordered = Publicodes(self._rulebook, facts, open_).sorted
                theme = self._rulebook.themes[ordered[0]]
                page[:] = left = [name for name in ordered if self._rulebook.themes[name] == theme]
            return left[0]

        return self._revealed(territory, following)

    def _revealed(self, territory: Territory, choose: Callable[[Facts, list[str]], str]) -> list[str]:
        """Ask the chosen one of the questions that can still change something, until there is none."""
        told: dict[str, FactValue] = {}
        while True:
            judgement = self._judge.judge(told)
            open_ = [name for name in self._judge.open(told, judgement) if name in territory]
            if not open_:
                return list(told)
            following = choose(judgement.inference.facts, open_)
            told[following] = territory[following]


class _Asking:
    """Asks as the interview does; what follows the same answers is looked up."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._themes = rulebook.themes
        self._start = Interview(rulebook, Profile(name="Essai", kind="invented", progress={"others": "todo"}))
        self._followed: dict[tuple[frozenset[tuple[str, FactValue]], str | None], str | None] = {}

    def order(self, territory: Territory) -> list[str]:
        interview, asked = self._start, list[str]()
        while following := self._following(interview, {name: territory[name] for name in asked}, asked):
            asked.append(following)
            interview = interview.answer(following, territory[following])
        return asked

    def _following(self, interview: Interview, told: Territory, asked: list[str]) -> str | None:
        # the next question rests on the answers, and on the theme of the last
        key = frozenset(told.items()), self._themes[asked[-1]] if asked else None
        if key not in self._followed:
            self._followed[key] = interview.next.question.id if isinstance(interview.next, NextQuestion) else None
        return self._followed[key]


def _of_one_theme(rulebook: Rulebook) -> Rulebook:
    first = rulebook.guide.themes[0].id
    return rulebook.model_copy(update={"themes": dict.fromkeys(rulebook.themes, first)})


class Publicodes:
    """The order of publicodes, on a rulebook of ours.

    Its `evaluate` returns `missingVariables`, a score for each: one where it is read and unknown, added up over all
    that reads it, and one more in each condition that waits for it (`bonus`). A condition that is settled misses
    nothing, nor does what stands behind a condition that fails. @publicodes/forms (`computeNextFields`) asks for the
    sum of the targets, and sorts by score, largest first; equal ones stay as they were met.

    Here the targets are the scores of all actions: each action is applicable if one of its recommendations holds and
    no exclusion or obstacle does, each rule adds its points if its condition holds, a question is applicable if its
    `asked_when` holds, and a deduction is a default value: what has one is missing until it is answered, and so is
    all that the default waits for.
    """

    def __init__(self, rulebook: Rulebook, facts: Facts, open_: Sequence[str]) -> None:
        """Look at a territory; what was deduced and can still be asked is missing."""
        self._rulebook = rulebook
        self._open = open_
        self._facts = {name: value for name, value in facts.items() if name not in open_}
        self._of_facts: dict[str, dict[str, int]] = {}

    @property
    def sorted(self) -> list[str]:
        """The questions as publicodes would ask them, the most often missing first."""
        scores = self.missing
        met = {name: place for place, name in enumerate(scores)}
        return sorted(self._open, key=lambda name: (-scores.get(name, 0), met.get(name, len(met))))

    @property
    def missing(self) -> dict[str, int]:
        """How often each open question is missing, with its weight."""
        found: dict[str, int] = {}
        for action in self._rulebook.actions:
            self._add_action(action, found)
        return found

    def _add_action(self, action: Action, found: dict[str, int]) -> None:
        for effect, hindered_if in (("exclude", True), ("recommend", False), ("defer", True)):
            condition = AnyOf(tuple(rule.when for rule in action.rules if rule.effect == effect))
            _add(found, _bonus(self._missing_in(condition)))
            if evaluate(condition, self._facts) is hindered_if:
                return
        for rule in action.rules:
            if rule.has_points:
                _add(found, _bonus(self._missing_in(rule.when)))

    def _missing_in(self, condition: Condition | None) -> dict[str, int]:
        if condition is None or evaluate(condition, self._facts) is not None:
            return {}
        found: dict[str, int] = {}
        match condition:
            case Not(part):
                return self._missing_in(part)
            case Everything(parts) | AllOf(parts) | AnyOf(parts):
                for part in parts:
                    _add(found, self._missing_in(part))
            case _:
                _add(found, self._missing_for(condition.fact))
        return found

    def _missing_for(self, fact: str) -> dict[str, int]:
        if fact in self._rulebook.vocabulary and fact not in self._of_facts:
            self._of_facts[fact] = found = {fact: 1} if fact in self._open else {}
            deduction = self._rulebook.deduction_of.get(fact)
            _add(found, _bonus(self._missing_in(self._rulebook.vocabulary[fact].asked_when)))
            for outcome in deduction.values if deduction else ():
                _add(found, _bonus(self._missing_in(outcome.when)))
        return self._of_facts.get(fact, {})


def _add(found: dict[str, int], more: Mapping[str, int]) -> None:
    for name, score in more.items():
        found[name] = found.get(name, 0) + score


def _bonus(found: Mapping[str, int]) -> dict[str, int]:
    return {name: score + 1 for name, score in found.items()}


# What is measured


@dataclass(frozen=True, slots=True)
class Course:
    """What an order made of one territory.

    Attributes:
        settled: after how many questions no answer that was missing could change the first ten.
        there: after how many questions which share of the final first ten was already there.
        returns: how often the conversation came back to a theme until then.
    """

    settled: int
    there: Mapping[int, float]
    returns: int


def course(territory: Territory, order: Sequence[str], judge: Territories) -> Course:
    """Follow an order through a territory."""

    def told(count: int) -> Territory:
        return {name: territory[name] for name in order[:count]}

    low, high = 0, len(order)
    while low < high:  # what no answer can change, more answers do not change
        middle = (low + high) // 2
        low, high = (low, middle) if is_settled(judge, told(middle)) else (middle + 1, high)
    final = set(judge.judge(territory).first)
    shown = {count: set(judge.judge(told(count)).first) for count in _AFTER}
    themes = [judge.rulebook.themes[name] for name in order[:low]]
    return Course(
        settled=low,
        there={count: len(final & shown[count]) / max(1, len(final)) for count in _AFTER},
        returns=sum(theme != before for theme, before in zip(themes, [None, *themes], strict=False)) - len(set(themes)),
    )


def fewest(territory: Territory, judge: Territories) -> int:
    """Return a number of questions below which no order settles a territory, not even one that knows all its answers.

    A question of which another answer, alone, changes the first ten must be asked: as long as it is not, they can
    change. Of two others that change them together, one must be asked; of such pairs, those are counted that share no
    question.
    """
    final = frozenset(judge.judge(territory).first)
    others = {
        name: [value for value in judge.answers_to(name, territory) if value != territory[name]] for name in territory
    }

    def changed(*names: str) -> bool:
        return any(
            frozenset(judge.judge({**territory, **dict(zip(names, values, strict=True))}).first) != final
            for values in product(*(others[name] for name in names))
        )

    alone = {name for name in territory if changed(name)}
    paired: set[str] = set()
    for pair in combinations([name for name in territory if name not in alone], 2):
        if paired.isdisjoint(pair) and changed(*pair):
            paired.update(pair)
    return len(alone) + len(paired) // 2


def unsure(territory: Territory, rulebook: Rulebook, draw: random.Random) -> tuple[int, int]:
    """Return after how many questions enough was asked, and how many there were, where many answers are not known."""
    interview = Interview(rulebook, Profile(name="Essai", kind="invented", progress={"others": "todo"}))
    enough, count = None, 0
    while isinstance(interview.next, NextQuestion):
        if enough is None and interview.asked_enough:
            enough = count
        name = interview.next.question.id
        known_here = name in territory and draw.random() >= _UNSURE
        interview = interview.answer(name, territory[name] if known_here else "unknown")
        count += 1
    return count if enough is None else enough, count


class Paired:
    """The same territories in two orders: differences, and between what values 95 in 100 resamples of them lie."""

    def __init__(self, count: int) -> None:
        """Draw the resamples, which serve all differences."""
        draw = random.Random(_SEED)
        self._resamples = [draw.choices(range(count), k=count) for _ in range(_RESAMPLES)]

    def difference(self, ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
        """Return the mean of ours less theirs, and its interval."""
        return self._of(lambda places: mean([ours[place] - theirs[place] for place in places]), len(ours))

    def fewer(self, ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
        """Return by what share the mean of ours is smaller than that of theirs, and its interval."""
        return self._of(
            lambda places: 1 - sum(ours[place] for place in places) / sum(theirs[place] for place in places), len(ours)
        )

    def _of(self, figure: Callable[[Sequence[int]], float], count: int) -> tuple[float, float, float]:
        cuts = quantiles([figure(places) for places in self._resamples], n=40)
        return figure(range(count)), cuts[0], cuts[-1]


# The best order there is


class Best:
    """Every interview that a small rulebook allows: the fewest questions on average, all answers as likely as others.

    From complete territories backwards: what can be told of a partial one is settled where it has the same first ones
    as all its completions; else the best question is the one after which the fewest are needed on average.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook."""
        self.judge = _judge_of(rulebook)
        self._certain: dict[frozenset[tuple[str, FactValue]], frozenset[str] | None] = {}
        self._needed: dict[frozenset[tuple[str, FactValue]], float] = {}

    def children(self, told: Territory, question: str) -> list[Territory]:
        """Return the territory with each answer to a question."""
        return [{**told, question: value} for value in self.judge.answers_to(question, told)]

    def certain(self, told: Territory) -> frozenset[str] | None:
        """Return the first actions if no further answer changes them, by trying every one; nothing where one does."""
        key = frozenset(told.items())
        if key not in self._certain:
            judgement = self.judge.judge(told)
            sets = {frozenset(judgement.first)}
            for question in self.judge.open(told, judgement):
                sets |= {self.certain(child) or frozenset([""]) for child in self.children(told, question)}
            self._certain[key] = sets.pop() if len(sets) == 1 else None
        return self._certain[key]

    def fewest(self, told: Territory) -> float:
        """Return how many more questions the best order needs on average."""
        key = frozenset(told.items())
        if key not in self._needed:
            open_ = self.judge.open(told, self.judge.judge(told))
            self._needed[key] = (
                0
                if self.certain(told) is not None
                else 1 + min(mean(map(self.fewest, self.children(told, question))) for question in open_)
            )
        return self._needed[key]

    def needed(self, choose: Callable[[Territory, list[str]], str], told: Territory | None = None) -> float:
        """Return how many questions an order needs on average."""
        told = told or {}
        if self.certain(told) is not None:
            return 0
        following = choose(told, self.judge.open(told, self.judge.judge(told)))
        return 1 + mean(self.needed(choose, child) for child in self.children(told, following))


def best_orders(rulebook: Rulebook) -> dict[str, float]:
    """Return how many questions each order needs on average on a small rulebook, all answers as likely as others."""
    best, draw = Best(rulebook), random.Random(_SEED)
    start = Interview(rulebook, Profile(name="Essai", kind="invented", progress={"others": "todo"}))

    def ours(told: Territory, _: list[str]) -> str:
        interview = start
        for name, value in told.items():
            interview = interview.answer(name, value)
        assert isinstance(interview.next, NextQuestion)  # noqa: S101 - nothing is settled yet
        return interview.next.question.id

    def publicodes(told: Territory, open_: list[str]) -> str:
        return Publicodes(rulebook, best.judge.judge(told).inference.facts, open_).sorted[0]

    return {
        "best": best.fewest({}),
        "ours": best.needed(ours),
        "publicodes": best.needed(publicodes),
        "rulebook": best.needed(lambda _, open_: open_[0]),
        "random": mean(best.needed(lambda _, open_: draw.choice(open_)) for _ in range(20)),
    }


# How long it takes


def milliseconds(count: int = 20) -> tuple[float, float]:
    """Return the median and the 95th percentile of the time of the processor that a next question takes.

    What is measured is all that a program does which holds nothing but the profile: a new `Interview`, `next`,
    `can_stop` and `remaining`; checklists are asked too.
    """
    rulebook, times = load_rulebook(), list[float]()
    for territory in territories(count, rulebook):
        profile = Profile(name="Essai", kind="invented")
        while True:
            begun = process_time()
            interview = Interview(rulebook, profile)
            following, _ = interview.next, interview.remaining
            times.append(1_000 * (process_time() - begun))
            if following is None:
                break
            if isinstance(following, NextQuestion):
                name = following.question.id
                profile = interview.answer(name, territory.get(name, "unknown")).profile
            else:
                profile = interview.report({action.id: "todo" for action in following.actions}).profile
    return median(times), quantiles(times, n=20)[-1]


# What is written

_NAMES = {
    "ours": "ours",
    "ours_freely": "ours, without themes",
    "publicodes": "publicodes",
    "publicodes_pages": "publicodes, by pages",
    "rulebook": "the rulebook’s",
    "random": "random",
}


def report(count: int) -> str:
    """Measure everything, and return it as tables in Markdown."""
    rulebook = load_rulebook()
    orders, judge, drawn = Orders(rulebook), _judge_of(rulebook), territories(count, rulebook)
    asked = {name: [getattr(orders, name)(one) for one in drawn] for name in _NAMES}
    courses = {
        name: [course(one, order, judge) for one, order in zip(drawn, found, strict=True)]
        for name, found in asked.items()
    }
    at_least = mean(fewest(one, judge) for one in drawn)
    draw = random.Random(_SEED)
    enough, all_asked = map(
        mean, zip(*(unsure(one, rulebook, draw) for one in drawn[:_UNSURE_TERRITORIES]), strict=True)
    )
    middle, slow = milliseconds()
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    return "\n".join(
        [
            f"{count} territories; {machine}.",
            "",
            *_means(courses),
            "",
            *_differences(courses, Paired(count)),
            "",
            *_small(),
            "",
            f"No order settles them with fewer than {at_least:.1f} questions, not even one that knows all answers.",
            "",
            f"With {_UNSURE:.0%} of answers unknown, enough was asked after {enough:.1f} questions of {all_asked:.1f}.",
            "",
            f"A next question takes {middle:.0f} ms of the processor at the median, {slow:.0f} at the 95th percentile.",
        ]
    )


def _means(courses: Mapping[str, Sequence[Course]]) -> list[str]:
    rows = [
        "| order | questions until settled | "
        + " | ".join(f"there after {count}" for count in _AFTER)
        + " | returns |",
        "|---|---|" + "---|" * len(_AFTER) + "---|",
    ]
    for name, found in courses.items():
        settled = [one.settled for one in found]
        spread = quantiles(settled, n=10)
        there = " | ".join(f"{mean(one.there[count] for one in found):.0%}" for count in _AFTER)
        changes = mean(one.returns for one in found)
        rows.append(
            f"| {_NAMES[name]} | {mean(settled):.1f} ({spread[0]:.0f} to {spread[-1]:.0f}) | {there} | {changes:.1f} |"
        )
    return rows


def _differences(courses: Mapping[str, Sequence[Course]], paired: Paired) -> list[str]:
    rows = [
        "| ours, less | fewer questions | " + " | ".join(f"points after {count}" for count in _AFTER) + " |",
        "|---|---|" + "---|" * len(_AFTER),
    ]
    ours = courses["ours"]
    for name, found in courses.items():
        if name != "ours":
            share, low, high = paired.fewer([one.settled for one in ours], [one.settled for one in found])
            points = [
                paired.difference([one.there[count] for one in ours], [one.there[count] for one in found])
                for count in _AFTER
            ]
            shown = " | ".join(f"{100 * at:+.0f} ({100 * low:+.0f} to {100 * high:+.0f})" for at, low, high in points)
            rows.append(f"| {_NAMES[name]} | {share:.1%} ({low:.1%} to {high:.1%}) | {shown} |")
    return rows


def _small() -> list[str]:
    found = best_orders(load_rulebook(_SECOND_GUIDE))
    names = {"best": "the best there is", **_NAMES}
    return [
        "| order, on the small guide | questions until settled |",
        "|---|---|",
        *(f"| {names[name]} | {needed:.2f} |" for name, needed in found.items()),
    ]


_BEGIN, _END = "<!-- measured: `make interview` -->", "<!-- end of what is measured -->"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the tables or put them into a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interview", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="the page whose tables are renewed")
    parser.add_argument("--territories", type=int, default=_TERRITORIES)
    asked = parser.parse_args(arguments)
    tables = report(asked.territories)
    if asked.output is None:
        sys.stdout.write(tables + "\n")
        return
    page = asked.output.read_text(encoding="utf-8")
    before, after = page.split(_BEGIN)[0], page.split(_END)[1]
    asked.output.write_text(f"{before}{_BEGIN}\n{tables}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
