"""The next question, what it does, and when to stop: against every way to answer, and over whole conversations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import conseil
from builders import EDITORIAL, action, choice, rule, rulebook
from conseil import Profile, Rulebook
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue
from conseil.errors import InvalidProfile
from conseil.inference import compile_rulebook
from conseil.interview import Checklist, Interview, NextQuestion, Remaining
from conseil.interview.settling import is_settled
from conseil.interview.territory import Territories
from conseil.profile import Answer, known, known_from
from conseil.robustness import FIRST
from small_interviews import (
    PROFILE,
    asked_rulebooks,
    begun_profiles,
    every_answer_not_asked_yet,
    every_further_answer,
    first_of,
    values_of,
)

BOOK = conseil.load_rulebook()
STATES = ("todo", "doing", "done", "unknown")
Step = tuple[Interview, NextQuestion | Checklist]


def looking_at(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first ones be fewer than ten: small rulebooks have four actions."""
    for module in ("settling", "territory"):
        monkeypatch.setattr(f"conseil.interview.{module}.FIRST", size)


def conversation(interview: Interview, seed: object, unsure: float = 0.15, skips: float = 0.0) -> Iterator[Step]:
    """Answer what is asked at random, until nothing is; now and then "je ne sais pas", "sans objet", or passed over."""
    draw = random.Random(str(seed))  # noqa: S311 - the same conversation each time
    while (asked := interview.next) is not None:
        yield interview, asked
        name = asked.question.id if isinstance(asked, NextQuestion) else PROGRESS + asked.step.id
        if draw.random() < skips and not asked.skipped:
            interview = interview.skip(name)
        elif isinstance(asked, Checklist):
            interview = interview.report({one.id: draw.choice(STATES) for one in asked.actions})
        else:
            interview = interview.answer(name, "unknown" if draw.random() < unsure else answer(asked, draw))


def answer(asked: NextQuestion, draw: random.Random) -> FactValue:
    if asked.question.type == "choices":
        return tuple(choice for choice in asked.question.values if draw.random() < 0.4)
    return draw.choice(asked.effects).value


@lru_cache(maxsize=8)
def shipped(seed: int, skips: float = 0.0) -> tuple[Step, ...]:
    """Return a whole conversation about the shipped rulebook."""
    return tuple(conversation(Interview(BOOK, PROFILE), seed, skips=skips))


SEEDS = range(4)
few = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


# One may stop


@pytest.mark.parametrize("size", [1, 2, FIRST])
def test_one_may_stop_only_where_no_way_to_answer_changes_the_first_ones(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_at(size, monkeypatch)
    seen: Counter[bool] = Counter()

    @few
    @given(asked_rulebooks(), begun_profiles(left=3))
    def hold(book: Rulebook, profile: Profile) -> None:
        interview = Interview(book, profile)
        today = first_of(book, known(profile, book), size)
        firsts = (first_of(book, read, size) for read in every_further_answer(book, profile))
        if interview.can_stop:
            assert all(first == today for first in firsts)
            seen[bool(interview.next)] += 1
        else:
            # that there is something left is not always found out, but something must be left
            assert interview._open

    hold()
    assert seen[True], "no interview could stop before its end"


@pytest.mark.parametrize("size", [1, 2, FIRST])
def test_enough_was_asked_only_where_no_answer_to_what_was_not_asked_changes_the_first_ones(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody did not know stays so; with few questions open, all that there is to find out is found out."""
    looking_at(size, monkeypatch)
    seen: Counter[tuple[bool, bool]] = Counter()

    @settings(few, max_examples=150)
    @given(asked_rulebooks(), begun_profiles(left=4), st.data())
    def hold(book: Rulebook, profile: Profile, data: st.DataObject) -> None:
        missing = sorted(question.id for question in book.questions if question.id not in profile.answers)
        unsure = data.draw(st.sets(st.sampled_from(missing))) if missing else set()
        asked = {**profile.answers, **{name: Answer(value="unknown") for name in unsure}}
        profile = profile.model_copy(update={"answers": asked})
        interview = Interview(book, profile)
        today = first_of(book, known(profile, book), size)
        settled = all(first_of(book, read, size) == today for read in every_answer_not_asked_yet(book, profile))
        assert interview.asked_enough is settled
        assert interview.asked_enough or not interview.can_stop
        seen[interview.asked_enough, interview.can_stop] += 1

    hold()
    assert seen[True, False], "nothing that was not known could change anything"


@pytest.mark.parametrize("budget", [1, 200])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_proof_is_right_without_the_help_of_completions(
    size: int, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What completions would have caught must not be taken for proved, however small the budget."""
    looking_at(size, monkeypatch)
    monkeypatch.setattr("conseil.interview.settling._BUDGET", budget)

    @settings(few, max_examples=200)
    @given(asked_rulebooks(), begun_profiles(left=3))
    def hold(book: Rulebook, profile: Profile) -> None:
        read = known(profile, book)
        if is_settled(Territories(book, read.progress), read.given):
            today = first_of(book, read, size)
            assert all(first_of(book, after, size) == today for after in every_further_answer(book, profile))

    hold()


@pytest.mark.parametrize("size", [1, 2])
def test_what_can_be_found_out_is_found_out(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few questions open, the budget is never too small."""
    looking_at(size, monkeypatch)

    @few
    @given(asked_rulebooks(), begun_profiles(left=2))
    def hold(book: Rulebook, profile: Profile) -> None:
        today = first_of(book, known(profile, book), size)
        settled = all(first_of(book, read, size) == today for read in every_further_answer(book, profile))
        assert Interview(book, profile).can_stop is settled

    hold()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_may_stop_under_ten_thousand_completions_of_the_shipped_rulebook(seed: int) -> None:
    """At the first time that a conversation may stop, and once more at a profile with other answers left out."""
    interview = next((one for one, _ in shipped_sure(seed) if one.can_stop), None)
    assert interview is not None
    assert isinstance(interview.next, NextQuestion)
    read, draw = known(interview.profile, BOOK), random.Random(seed)  # noqa: S311 - the same completions each time
    today = first_of(BOOK, read, FIRST)
    missing = [one.id for one in BOOK.questions if one.ask and one.id not in read.given]
    values = {name: shipped_values(name) for name in missing}
    for _ in range(10_000):
        # some of them stay without an answer
        more = {name: draw.choice(values[name]) for name in missing if draw.random() < 0.9}
        assert first_of(BOOK, known_from({**read.given, **more}, read.progress, BOOK), FIRST) == today, more


def shipped_sure(seed: int) -> Iterator[Step]:
    """Talk with somebody who knows everything: who does not may never come to where one may stop."""
    return conversation(Interview(BOOK, PROFILE), f"sure {seed}", unsure=0)


@lru_cache(maxsize=64)
def shipped_values(question: str) -> tuple[FactValue, ...]:
    asked = BOOK.vocabulary[question]
    return (*BOOK.distinct_answers(question), *([NOT_APPLICABLE] if asked.not_applicable else []))


MATURITY: dict[str, Any] = {
    "fact": "maturity",
    "values": [{"value": "old", "when": {"a": "yes"}, "because": "Dit."}],
    "otherwise": {"value": "young", "because": "Sinon."},
} | EDITORIAL


def scored(points: str, when: object = "always") -> dict[str, Any]:
    return rule("recommend", when, points={"impact": points})


@pytest.mark.parametrize(
    ("actions", "answers", "change"),
    [
        pytest.param(
            [action("lead", scored("---", {"a": "yes"})), action("twin", scored("+++"), twin_of="lead")],
            {},
            {"a": "yes"},
            id="a lead that comes takes its twin under",
        ),
        pytest.param(
            [action("before", scored("---", {"a": "yes"})), action("after", scored("+++"), requires=["before"])],
            {},
            {"a": "yes"},
            id="a prerequisite that comes makes what needs it wait",
        ),
        pytest.param(
            [
                action("before", scored("---", {"a": "yes"})),
                action("after", scored("+++"), requires=["before"]),
                action("other", scored("+")),
            ],
            {},
            {"a": "no"},
            id="a prerequisite that falls away lets what needs it go before",
        ),
        pytest.param(
            [action("new", scored("+", {"maturity": "young"})), action("grown", scored("+", {"maturity": "old"}))],
            {"a": "no"},
            {"maturity": "old"},
            id="what was deduced is overruled",
        ),
    ],
)
def test_what_could_be_overlooked_is_not(
    actions: list[dict[str, Any]], answers: dict[str, str], change: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_at(1, monkeypatch)
    book = rulebook(*actions, deductions=[MATURITY])
    territories = Territories(book, {})
    assert territories.judge(answers).first != territories.judge({**answers, **change}).first
    assert not is_settled(territories, answers)


def test_with_all_answers_one_may_stop() -> None:
    profile = conseil.load_profile("profiles/cc-des-hautes-combes.yaml")
    interview = Interview(BOOK, profile)
    assert (interview.can_stop, interview.next, interview.remaining) == (True, None, Remaining(0, 0))


def test_a_number_without_a_lowest_value_is_not_tried() -> None:
    """Every class of its values but the lowest could be tried, which would prove nothing."""
    size: dict[str, Any] = choice("size") | {"type": "integer"}
    del size["choices"]
    small = {"size": {"max": -5}}
    book = rulebook(
        action("low", rule("recommend", small, points={"impact": "+"})),
        action("other", rule("recommend")),
        questions=[size],
    )
    assert not Interview(book, PROFILE).can_stop
    assert Interview(book, PROFILE).answer("size", 3).can_stop


@pytest.mark.parametrize("seed", SEEDS)
def test_who_knows_little_is_told_in_time_that_one_may_stop(seed: int) -> None:
    """Of what is open for good, nobody can be freed; of the questions that can change nothing any more, one is."""
    steps = list(conversation(Interview(BOOK, PROFILE).report({"others": "todo"}), seed, unsure=0.4))
    enough = next(place for place, (interview, _) in enumerate(steps) if interview.asked_enough)

    assert enough < 3 / 4 * len(steps)
    assert not any(interview.can_stop for interview, _ in steps)


# How many are left


def lies(steps: list[Step]) -> list[tuple[int, Remaining]]:
    """Return where what was announced is not what came: the questions until one may stop, or until the end."""
    announced = [(place, interview.remaining) for place, (interview, _) in enumerate(steps)]
    stops = [place for place, (interview, _) in enumerate(steps) if interview.asked_enough]
    found = []
    for place, said in announced:
        stop = next((stop for stop in stops if stop >= place), len(steps))  # what was done may start it again
        if not said.low <= stop - place <= said.high:
            found.append((place, said))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_remaining_does_not_lie_about_the_shipped_rulebook(seed: int) -> None:
    steps = list(shipped(seed))
    assert not lies(steps)
    sure = list(shipped_sure(seed))
    assert not lies(sure)
    assert {interview.remaining.low for interview, _ in sure} == {0, 1, 2}


@pytest.mark.parametrize("size", [1, 2])
def test_remaining_does_not_lie_about_random_rulebooks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looking_at(size, monkeypatch)

    @settings(few, max_examples=40)
    @given(asked_rulebooks(), begun_profiles(left=11), st.integers())
    def hold(book: Rulebook, profile: Profile, seed: int) -> None:
        steps = list(conversation(Interview(book, profile), seed))
        assert not lies(steps)

    hold()


def test_what_comes_back_when_a_deduction_is_overruled_is_counted() -> None:
    """Maturity is deduced, and `d` does not apply; who answers otherwise is asked `d` too."""
    book = rulebook(
        action("only", rule("recommend", {"d": "yes"})),
        questions=[choice("d", "yes", "no", asked_when={"maturity": "old"})],
        deductions=[MATURITY],
    )
    interview = Interview(book, PROFILE).report({"only": "todo"}).answer("a", "no")
    assert interview.not_applicable == ("d",)
    assert interview.remaining == Remaining(1, 2)
    assert not interview.can_stop
    assert interview.answer("maturity", "old").remaining == Remaining(1, 1)
    assert interview.answer("maturity", "young").can_stop


# What is asked


@settings(few, max_examples=40)
@given(asked_rulebooks(), begun_profiles(left=11), st.integers(), st.booleans())
def test_only_what_applies_is_asked_each_once_and_after_what_it_depends_on(
    book: Rulebook, profile: Profile, seed: int, full: bool
) -> None:
    steps = list(conversation(Interview(book, profile, full), seed))
    names = [asked.question.id for _, asked in steps if isinstance(asked, NextQuestion)]
    assert len(names) == len(set(names))
    for interview, asked in steps:
        facts = facts_of(interview)
        assert all(facts[name] == NOT_APPLICABLE for name in interview.not_applicable)
        if isinstance(asked, NextQuestion):
            assert facts.get(asked.question.id) != NOT_APPLICABLE
            assert asked.question.id not in interview.profile.answers
            assert not set(interview._territories.questions.depends[asked.question.id]) & set(interview._unasked)


def facts_of(interview: Interview) -> Mapping[str, FactValue]:
    read = known(interview.profile, interview.rulebook)
    return compile_rulebook(interview.rulebook, "reference").infer(read).facts


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shipped_conversation_asks_the_scenario_before_what_depends_on_it(seed: int) -> None:
    names = [asked.question.id for _, asked in shipped(seed) if isinstance(asked, NextQuestion)]
    depending = [names.index(name) for name in ("etape_posture", "demandes_acteurs", "repreneur") if name in names]
    assert all(names.index("scenario") < place for place in depending)


def test_an_answer_removes_what_it_makes_irrelevant_and_says_so() -> None:
    start = Interview(BOOK, PROFILE)
    assert start.not_applicable == ()
    assert start.answer("scenario", "soutien").not_applicable == ("repreneur",)
    assert start.answer("scenario", "initiatrice").not_applicable == ("demandes_acteurs",)
    asked = {
        one.question.id
        for _, one in conversation(start.answer("scenario", "soutien"), 1)
        if isinstance(one, NextQuestion)
    }
    assert "repreneur" not in asked
    assert "demandes_acteurs" in asked


def test_what_does_not_apply_is_not_counted() -> None:
    either = {"any": [{"d": "yes"}, {"c": "yes"}]}
    book = rulebook(
        action("only", rule("recommend", either)), questions=[choice("d", "yes", "no", asked_when={"a": "yes"})]
    )
    interview = Interview(book, PROFILE).report({"only": "todo"})
    assert interview.remaining.high == len("acd")
    assert interview.answer("a", "no").remaining == Remaining(1, len("c"))


def test_full_asks_what_changes_nothing_too() -> None:
    idle = choice("idle", "yes", "no")
    book = rulebook(action("only", rule("recommend", {"a": "yes"})), questions=[idle])
    short = [step for _, step in conversation(Interview(book, PROFILE), 1, unsure=0)]
    long = [step for _, step in conversation(Interview(book, PROFILE, full=True), 1, unsure=0)]
    assert [one.question.id for one in short if isinstance(one, NextQuestion)] == ["a"]
    assert {one.question.id for one in long if isinstance(one, NextQuestion)} == {
        *("scenario", "stage", "maturity", "staff", "a", "b", "c", "idle")
    }


def test_what_settles_more_is_asked_first_and_says_what_it_settles() -> None:
    both, one = {"a": "yes"}, {"b": "yes"}
    book = rulebook(
        action("act-1", rule("recommend", one)),
        action("act-2", rule("recommend", both)),
        action("act-3", rule("recommend", both)),
        action("act-4", rule("recommend", {"all": [{"a": "yes"}, {"b": "yes"}, {"c": "yes"}]})),
    )
    asked = Interview(book, PROFILE).next
    assert isinstance(asked, NextQuestion)
    assert asked.question.id == "a"
    assert set(asked.settles[:2]) == {"act-2", "act-3"}, "those in most doubt first"
    assert asked.settles[2:] == ("act-4",)
    assert [(effect.value, effect.enters, effect.leaves) for effect in asked.effects] == [
        ("yes", ("act-2", "act-3"), ()),
        ("no", (), ()),
    ]


def test_a_stage_is_one_of_its_scenario() -> None:
    asked = Interview(BOOK, PROFILE).answer("scenario", "soutien").about("etape_posture")
    assert isinstance(asked, NextQuestion)
    described = BOOK.stance_of["soutien"].stages
    assert [effect.value for effect in asked.effects] == [stage.stage for stage in described]


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_and_reasons_are_those_of_whole_plans(seed: int) -> None:
    """Each effect is replayed by another engine; what a question does not settle, its answers do not move."""
    for interview, asked in shipped(seed)[::3]:
        if not isinstance(asked, NextQuestion):
            continue
        before = plan_of(interview)
        unmoved = {item.id for item in before.items} - {*asked.settles}
        for effect in asked.effects:
            after = plan_of(interview.answer(asked.question.id, effect.value))
            was, now = [item.id for item in before.ranked[:FIRST]], [item.id for item in after.ranked[:FIRST]]
            assert list(effect.enters) == [name for name in now if name not in was]
            assert list(effect.leaves) == [name for name in was if name not in now]
            for name in unmoved:
                assert deciding(after, name) == deciding(before, name)
        assert asked.settles, "it would be asked for nothing"


def plan_of(interview: Interview) -> conseil.Plan:
    return conseil.advise(interview.profile, interview.rulebook, "reference")


def deciding(plan: conseil.Plan, name: str) -> list[object]:
    """Return the verdicts on which the status and score of an action rest, its prerequisites apart."""
    effects = {"recommend", "defer", "exclude"}
    return [
        (reason.rule.id, reason.verdict)
        for reason in plan.item(name).reasons
        if reason.rule.effect in effects or reason.rule.has_points
    ]


@settings(few, max_examples=40)
@given(asked_rulebooks(), begun_profiles(left=5), st.data())
def test_what_a_question_does_not_settle_none_of_its_answers_moves(
    book: Rulebook, profile: Profile, data: st.DataObject
) -> None:
    interview = Interview(book, profile)
    for name in interview._open:
        asked = interview.about(name)
        assert isinstance(asked, NextQuestion)
        reads = list(every_further_answer(book, profile)) if len(interview._open) < 3 else [known(profile, book)]
        read = data.draw(st.sampled_from(reads))
        plans = [
            conseil.advise(filled(profile, {**read.given, name: value}), book, "compiled")
            for value in values_of(book, name)
        ]
        for one in {item.id for item in plans[0].items} - set(asked.settles):
            assert len({str(deciding(plan, one)) for plan in plans}) == 1


def filled(profile: Profile, answers: Mapping[str, FactValue]) -> Profile:
    whole = {name: {"value": list(value) if isinstance(value, tuple) else value} for name, value in answers.items()}
    return Profile.model_validate({**profile.model_dump(), "answers": whole})


# Three things apart


def test_what_nobody_knows_stays_open_and_is_to_be_checked() -> None:
    start = Interview(BOOK, PROFILE)
    asked = start.next
    assert isinstance(asked, NextQuestion)
    name = asked.question.id
    after = start.answer(name, "unknown")
    assert [one.id for one in after.to_check] == [name]
    assert after.profile.answers[name].value == "unknown"
    assert name not in {step.question.id for _, step in conversation(after, 3) if isinstance(step, NextQuestion)}
    assert after.remaining.high == start.remaining.high - 1
    assert after.answer(name, asked.effects[0].value).to_check == ()


def test_to_check_names_only_what_still_matters() -> None:
    interview = Interview(BOOK, PROFILE).answer("repreneur", "unknown")
    assert [one.id for one in interview.to_check] == ["repreneur"]
    assert interview.answer("scenario", "soutien").to_check == ()  # nobody takes over what others carry


@settings(few, max_examples=30)
@given(asked_rulebooks(), begun_profiles(left=11), st.integers())
def test_what_was_passed_comes_back_once_all_else_is_asked(book: Rulebook, profile: Profile, seed: int) -> None:
    steps = list(conversation(Interview(book, profile), seed, skips=0.4))
    back = [place for place, (_, asked) in enumerate(steps) if asked.skipped]
    assert back == list(range(len(steps) - len(back), len(steps)))
    for interview, asked in steps[len(steps) - len(back) :]:
        assert name_of(asked) in interview.profile.skipped
        assert {*interview._unasked} <= {*interview.profile.skipped}
    passed = [name_of(asked) for interview, asked in steps if not asked.skipped and was_passed(steps, asked)]
    came_back = [name_of(asked) for _, asked in steps if asked.skipped]
    assert [name for name in passed if name in came_back] == came_back


def name_of(asked: NextQuestion | Checklist) -> str:
    return asked.question.id if isinstance(asked, NextQuestion) else PROGRESS + asked.step.id


def was_passed(steps: list[Step], asked: NextQuestion | Checklist) -> bool:
    return any(name_of(asked) in interview.profile.skipped for interview, _ in steps)


def test_an_answer_takes_a_question_out_of_what_was_passed_and_can_be_taken_back() -> None:
    passed = Interview(BOOK, PROFILE).skip("foncier").skip("scic").skip("foncier")
    assert passed.profile.skipped == ("scic", "foncier")
    answered = passed.answer("foncier", "aucun")
    assert answered.profile.skipped == ("scic",)
    assert answered.forget("foncier").profile == passed.answer("foncier", "aucun").forget("foncier").profile
    assert "foncier" not in answered.forget("foncier").profile.answers
    assert passed.forget("scic").profile.skipped == ("foncier",)


def test_a_checklist_is_passed_reported_and_taken_back_as_one() -> None:
    step = BOOK.guide.steps[0].id
    actions = [one.id for one in BOOK.actions if one.step == step]
    told = Interview(BOOK, PROFILE).skip(PROGRESS + step).report(dict.fromkeys(actions, "done"))
    assert told.profile.skipped == ()
    assert set(told.profile.progress) == set(actions)
    other = next(one.id for one in BOOK.actions if one.step != step)
    assert told.report({other: "todo"}).forget(PROGRESS + step).profile.progress == {other: "todo"}


def test_what_does_not_fit_is_refused() -> None:
    start = Interview(BOOK, PROFILE)
    refused: list[Callable[[], object]] = [
        lambda: start.answer("foncier", "lune"),
        lambda: start.answer("lune", "oui"),
        lambda: start.report({"lune": "done"}),
        lambda: start.report({BOOK.actions[0].id: "lune"}),
    ]
    for what in refused:
        with pytest.raises(InvalidProfile):
            what()


# The order of a conversation


@pytest.mark.parametrize("seed", SEEDS)
def test_checklists_come_after_the_first_theme_one_a_step(seed: int) -> None:
    steps = [asked for _, asked in shipped(seed)]
    first = next(place for place, asked in enumerate(steps) if isinstance(asked, Checklist))
    before = {asked.theme.id for asked in steps[:first] if isinstance(asked, NextQuestion)}
    assert len(before) == 1
    lists = [asked for asked in steps if isinstance(asked, Checklist)]
    assert lists == steps[first : first + len(BOOK.guide.steps)]
    assert [one.step for one in lists] == list(BOOK.guide.steps)
    assert not any(asked.skipped for asked in lists)
    assert [one.id for asked in lists for one in asked.actions] == [
        one.id for step in BOOK.guide.steps for one in BOOK.actions if one.step == step.id
    ]


def test_no_checklist_where_others_are_told() -> None:
    interview = Interview(BOOK, Profile(name="Ici", kind="real", progress={"others": "todo"}))
    assert not any(isinstance(asked, Checklist) for _, asked in conversation(interview, 1))


def test_a_theme_is_left_only_for_one_with_something_worth_asking() -> None:
    """Left while it has questions, a theme has none worth asking, and the next one has.

    It comes back to a theme it left only where no theme that was not begun has anything worth asking.
    """
    left_with_questions = returned = 0
    for seed in SEEDS:
        steps = [(interview, asked) for interview, asked in shipped(seed) if isinstance(asked, NextQuestion)]
        for (_, before), (interview, asked) in pairwise(steps):
            worth_asking = {BOOK.themes[name] for name in interview._unasked if interview._worth_asking(name)}
            waiting = {BOOK.themes[name] for name in interview._unasked}
            begun = {BOOK.themes[name] for name in interview.profile.answers}
            if before.theme == asked.theme:
                assert asked.theme.id in worth_asking or not worth_asking
                continue
            assert before.theme.id not in worth_asking
            if before.theme.id in waiting:
                left_with_questions += 1
                assert asked.theme.id in worth_asking
            if asked.theme.id in begun:
                returned += 1
                assert not worth_asking - begun
    assert left_with_questions
    assert returned


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_nothing_is_kept_but_the_profile(seed: int) -> None:
    """An interview made anew from its profile goes on as the one that was answered."""
    for interview, asked in shipped(seed, skips=0.1)[::4]:
        again = Interview(BOOK, Profile.model_validate_json(interview.profile.model_dump_json()))
        assert again.next == asked
        assert (again.can_stop, again.remaining) == (interview.can_stop, interview.remaining)
        assert (again.to_check, again.not_applicable) == (interview.to_check, interview.not_applicable)


def test_the_same_profile_gives_the_same_question() -> None:
    """In another process too: draws do not rest on the hashes of this one."""
    names = [asked.question.id for _, asked in shipped_sure(0) if isinstance(asked, NextQuestion)]
    assert names[:2] == ["maturite", "scenario"]


def test_the_order_of_answers_matters_only_by_the_last() -> None:
    answers: list[tuple[str, str]] = [
        ("scenario", "soutien"),
        ("maturite", "emergence"),
        ("foncier", "aucun"),
        ("vision", "ecosysteme"),
    ]
    one = other = Interview(BOOK, PROFILE)
    for name, value in answers:
        one = one.answer(name, value)
    for name, value in [*answers[2::-1], answers[3]]:
        other = other.answer(name, value)
    assert one.next == other.next
