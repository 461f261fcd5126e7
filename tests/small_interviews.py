"""Random small rulebooks to ask about, of two themes: every type of question, some asked on a condition, one deduced.

Few questions are left open, so that every way to answer them can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from builders import EDITORIAL, action, choice, rule, rulebook
from conseil.conditions import NOT_APPLICABLE, PROGRESS_VALUES, FactValue
from conseil.inference import compile_rulebook
from conseil.plan import judge
from conseil.plan.building import in_rank_order
from conseil.profile import Known, Profile, known, known_from
from conseil.rulebook import Rulebook
from conseil.vocabulary import UNKNOWN

__all__ = [
    "PROFILE",
    "asked_rulebooks",
    "begun_profiles",
    "every_answer_not_asked_yet",
    "every_further_answer",
    "first_of",
    "values_of",
]

_ACTIONS = ("act-1", "act-2", "act-3", "act-4")
_POINTS = ("+", "++", "+++", "-", "--", "---")
_KNOWN_FACTS: dict[str, list[Any]] = {
    "scenario": ["one", "two"],
    "stage": ["first", "second", "other"],
    "maturity": ["young", "old"],
    "a": ["yes", "no"],
    "b": ["yes", "no"],
    "c": ["yes", "no"],
    "d": ["yes", "no"],
    "e": ["yes", "no"],
    "size": [{"min": 10}, {"max": 20}, {"min": 5, "max": 12}],
    "needs": [{"any": ["x"]}, {"all": ["x", "y"]}, {"none": ["y"]}],
    "progress.act-1": list(PROGRESS_VALUES),
}
PROFILE = Profile(name="Ici", kind="invented")


def _tests(*facts: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(facts or tuple(_KNOWN_FACTS)).flatmap(
        lambda fact: st.sampled_from(_KNOWN_FACTS[fact]).map(lambda wanted: {fact: wanted})
    )


def _conditions() -> st.SearchStrategy[Any]:
    parts = st.lists(_tests(), min_size=1, max_size=2)
    return st.one_of(
        _tests(),
        parts.map(lambda tests: {"all": tests}),
        parts.map(lambda tests: {"any": tests}),
        _tests().map(lambda test: {"not": test}),
        st.just("always"),
    )


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(["recommend", "reinforce", "defer", "exclude"]))
    more: dict[str, Any] = {}
    if effect in {"recommend", "reinforce"}:
        more["points"] = {"impact": draw(st.sampled_from(_POINTS))}
    if effect == "defer":
        more["unlocked_by"] = {"answers": {"a": ["yes"]}}
    return rule(effect, draw(_conditions()), **more)


@st.composite
def asked_rulebooks(draw: st.DrawFn) -> Rulebook:
    """Draw a rulebook of four actions; some require an earlier one, or are its twin; maturity may be deduced."""
    actions = []
    for place, name in enumerate(_ACTIONS):
        needed = [other for other in _ACTIONS[:place] if draw(st.integers(0, 3)) == 0]
        more: dict[str, Any] = {}
        if place == len(_ACTIONS) - 1 and draw(st.booleans()):
            more["twin_of"] = _ACTIONS[0]
            needed = [other for other in needed if other != _ACTIONS[0]]
        first = rule("recommend", draw(_conditions()), points={"impact": draw(st.sampled_from(_POINTS))})
        actions.append(action(name, first, *draw(st.lists(_rules(), max_size=3)), requires=needed, **more))
    options = [{"id": one, "label": one} for one in ("x", "y")]
    plain = {"actionable": "no", **EDITORIAL}
    questions = [
        choice("d", "yes", "no", not_applicable=draw(st.booleans()), asked_when=draw(_tests("a", "needs", "size"))),
        choice("e", "yes", "no", not_applicable=True),
        {"id": "size", "label": "size", "ask": "size ?", "type": "integer", "min": 0, "max": 100, **plain},
        {"id": "needs", "label": "needs", "ask": "needs ?", "type": "choices", "choices": options, **plain},
    ]
    deduction = {
        "fact": "maturity",
        "values": [{"value": "old", "when": draw(_tests("a", "b", "size")), "because": "Dit."}],
        "otherwise": {"value": "young", "because": "Sinon."},
    }
    deductions = [deduction | EDITORIAL] if draw(st.booleans()) else []
    return _in_two_themes(rulebook(*actions, questions=questions, deductions=deductions))


def _in_two_themes(book: Rulebook) -> Rulebook:
    """Put every other question into a second theme."""
    first = book.guide.themes[0]
    themes = (first, first.model_copy(update={"id": "other", "title": "Le reste"}))
    theme_of = {name: themes[place % 2].id for place, name in enumerate(book.themes)}
    return book.model_copy(update={"guide": book.guide.model_copy(update={"themes": themes}), "themes": theme_of})


def values_of(book: Rulebook, question: str) -> list[FactValue]:
    """Return every answer to a question that could matter, and of a number those beside each bound too."""
    asked = book.vocabulary[question]
    beside: list[FactValue] = [NOT_APPLICABLE] if asked.not_applicable else []
    match asked.type:
        case "integer":
            return [0, 5, 10, 13, 21, 100, *beside]
        case "choices":
            return [made for size in range(len(asked.values) + 1) for made in combinations(asked.values, size)] + beside
        case _:
            return [*asked.values, *beside]


def begun_profiles(*, left: int) -> st.SearchStrategy[Profile]:
    """Draw a territory for such a rulebook, of which at most this many questions have no answer."""
    answers: dict[str, st.SearchStrategy[Any]] = {
        "scenario": st.sampled_from(["one", "two"]),
        "stage": st.sampled_from(["first", "second", "other"]),
        "maturity": st.sampled_from(["young", "old"]),
        **{name: st.sampled_from(["yes", "no"]) for name in ("a", "b", "c", "d", "e")},
        "size": st.sampled_from([0, 5, 11, 50]),
        "needs": st.sampled_from([["x"], ["x", "y"], []]),
        "staff": st.sampled_from(["few", "many"]),
    }
    progress = st.fixed_dictionaries({}, optional={name: st.sampled_from(PROGRESS_VALUES) for name in _ACTIONS})

    def without(missing: set[str]) -> st.SearchStrategy[Profile]:
        given = st.fixed_dictionaries({name: values for name, values in answers.items() if name not in missing})
        return st.builds(
            lambda told, states: Profile.model_validate(
                {"name": "Ici", "kind": "invented", "answers": told, "progress": states}
            ),
            given,
            progress,
        )

    return st.sets(st.sampled_from(sorted(answers)), max_size=left).flatmap(without)


def first_of(book: Rulebook, read: Known, size: int) -> frozenset[str]:
    """Return which actions are the first ones of a plan."""
    judged = judge(book, read, compile_rulebook(book, "compiled").infer(read))
    return frozenset(book.actions[place].id for place in in_rank_order(judged)[0][:size])


def every_further_answer(book: Rulebook, profile: Profile) -> Iterator[Known]:
    """Walk every way in which the questions without an answer can be answered, all or only some of them."""
    return _every_answer(book, profile, lambda name: name in profile.answers and profile.answers[name].value != UNKNOWN)


def every_answer_not_asked_yet(book: Rulebook, profile: Profile) -> Iterator[Known]:
    """Walk the same, where what somebody did not know stays unknown."""
    return _every_answer(book, profile, profile.answers.__contains__)


def _every_answer(book: Rulebook, profile: Profile, is_said: Callable[[str], bool]) -> Iterator[Known]:
    read = known(profile, book)
    missing = [question.id for question in book.questions if question.ask and not is_said(question.id)]
    for chosen in product(*([None, *values_of(book, name)] for name in missing)):
        more: Mapping[str, FactValue] = {
            name: value for name, value in zip(missing, chosen, strict=True) if value is not None
        }
        yield known_from({**read.given, **more}, read.progress, book)
