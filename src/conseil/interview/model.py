"""An interview as a value: what was answered so far, the next question, and whether one may stop.

The next question is the one whose answer is expected to settle most of the doubt about the first ten actions, inside
the theme of the last answer as long as that theme has something worth asking. Between the first theme and the second,
the progress of actions is asked, as one checklist a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue
from conseil.interview.settling import is_settled
from conseil.interview.territory import Judgement, Territories
from conseil.interview.worth import Completions, complete
from conseil.profile import OTHERS, Answer, Known, Profile, known
from conseil.rulebook import Action, Rulebook, Step, Theme
from conseil.vocabulary import UNKNOWN, Question

__all__ = ["Checklist", "Effect", "Interview", "NextQuestion", "Remaining", "next_question"]

_WORTH_ASKING = 0.05
"""The share of the doubt that a question must be worth for its theme to go on: the next theme waits for the others."""

_FEW_COMPLETIONS = 16
"""How many are looked at where two that differ are enough."""


class Effect(NamedTuple):
    """What one answer would do.

    Attributes:
        value: the answer; of several choices, one alone; of a number, the lowest that counts like it.
        enters: the actions that would enter the first ten, in rank order.
        leaves: those that would leave, in today's order.
    """

    value: FactValue
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


class NextQuestion(NamedTuple):
    """The question to ask now.

    Attributes:
        question: what to ask.
        theme: the block to which it belongs.
        settles: why it is asked: the actions whose status or score waits for it, those in most doubt first.
        effects: what each answer would do.
        skipped: whether it comes back after it was passed over.
    """

    question: Question
    theme: Theme
    settles: tuple[str, ...]
    effects: tuple[Effect, ...]
    skipped: bool


class Checklist(NamedTuple):
    """The actions of a step whose progress to ask now."""

    step: Step
    actions: tuple[Action, ...]
    skipped: bool


class Remaining(NamedTuple):
    """How many questions will still be asked before one may stop: at least, and at most. Checklists count as one."""

    low: int
    high: int


@dataclass(frozen=True)
class Interview:
    """What was answered so far, as a profile; every method returns another interview.

    Three things are kept apart, in the profile as here: "je ne sais pas" (`unknown`: stays open, to be checked with
    somebody), "sans objet" (`not_applicable`: an answer), and "passer" (`skipped`: comes back at the end).

    Attributes:
        full: whether questions that can change nothing are asked too.

    >>> from conseil import Profile, load_rulebook
    >>> interview = Interview(load_rulebook(), Profile(name="Ici", kind="real"))
    >>> interview = interview.answer("scenario", "soutien").answer("etape_posture", "unknown").skip("maturite")
    >>> [question.id for question in interview.to_check], interview.profile.skipped
    (['etape_posture'], ('maturite',))
    """

    rulebook: Rulebook
    profile: Profile
    full: bool = False

    # What somebody says

    def answer(self, question: str, value: FactValue | bool) -> Interview:  # noqa: FBT001 - yes and no are answers
        """Answer a question, whichever it is; `unknown` for "je ne sais pas", `not_applicable` for "sans objet".

        Raises:
            InvalidProfile: there is no such question, or it does not accept that answer.
        """
        answers = {name: given for name, given in self.profile.answers.items() if name != question}
        return self._with(answers={**answers, question: Answer(value=value)}, skipped=self._not_skipped(question))

    def report(self, progress: Mapping[str, str]) -> Interview:
        """Say what has come of actions: `todo`, `doing`, `done`, or `unknown`.

        Raises:
            InvalidProfile: there is no such action, or no such state.
        """
        told = {**self.profile.progress, **progress}
        steps = {PROGRESS + self.rulebook.by_id[action].step for action in told if action in self.rulebook.by_id}
        return self._with(progress=told, skipped=self._not_skipped(*steps))

    def skip(self, name: str) -> Interview:
        """Pass a question over, or a checklist (`progress.<step>`): it comes back at the end."""
        return self._with(skipped=(*self._not_skipped(name), name))

    def forget(self, name: str) -> Interview:
        """Take back the answer to a question, or what was said of a checklist (`progress.<step>`)."""
        step = name.removeprefix(PROGRESS)
        kept = {
            action: state
            for action, state in self.profile.progress.items()
            if not (name.startswith(PROGRESS) and action in self.rulebook.by_id and self._step_of(action) == step)
        }
        answers = {other: given for other, given in self.profile.answers.items() if other != name}
        return self._with(answers=answers, progress=kept, skipped=self._not_skipped(name))

    def _with(self, **changed: object) -> Interview:
        profile = self.profile.model_copy(update=changed)
        known(profile, self.rulebook)
        return replace(self, profile=profile)

    def _not_skipped(self, *names: str) -> tuple[str, ...]:
        return tuple(name for name in self.profile.skipped if name not in names)

    # What follows

    @cached_property
    def next(self) -> NextQuestion | Checklist | None:
        """What to ask now; nothing where everything that is worth asking has been asked."""
        waiting = [name for name in self._unasked if name not in self.profile.skipped]
        here = self._of_theme(waiting)
        worth_asking = [name for name in waiting if self._worth_asking(name)]
        worth_asking_here = [name for name in worth_asking if name in here]
        # progress is asked after the first theme, and without a break once it was begun
        if self.profile.progress or (self._theme_of_last is not None and not worth_asking_here):
            for step in self._checklists:
                if PROGRESS + step.id not in self.profile.skipped:
                    return self._checklist(step, skipped=False)
        # a theme is left for another that has something worth asking, or once it is empty
        for questions in (worth_asking_here, self._in_new_themes(worth_asking), worth_asking, here, waiting):
            if questions:
                return self._question(self._best(questions, waiting), skipped=False)
        return self._next_skipped

    @property
    def _next_skipped(self) -> NextQuestion | Checklist | None:
        for name in self.profile.skipped:
            if name in self._unasked:
                return self._question(name, skipped=True)
            for step in self._checklists:
                if name == PROGRESS + step.id:
                    return self._checklist(step, skipped=True)
        return None

    def about(self, name: str) -> NextQuestion | Checklist:
        """Return a question, or a checklist (`progress.<step>`), to ask it again: what was answered does not count."""
        skipped = name in self.profile.skipped
        for step in self.rulebook.guide.steps:
            if name == PROGRESS + step.id:
                return self._checklist(step, skipped=skipped)
        return self.forget(name)._question(name, skipped=skipped)  # noqa: SLF001 - another one of us

    @cached_property
    def can_stop(self) -> bool:
        """Whether no answer that is missing can change which actions are the first ten, progress as it is given.

        It is always true when it says so. Where it cannot be found out within its budget, it says no.
        """
        return self.asked_enough and (not self._said_unknown or is_settled(self._territories, self._answers))

    @cached_property
    def asked_enough(self) -> bool:
        """Whether no question that is still to be asked can change which actions are the first ten.

        What somebody did not know stays unknown here, and may still change them: see `can_stop`, which is never true
        where this is false.
        """
        return self._completions.doubt == 0 and is_settled(self._territories, self._answers, self._said_unknown)

    @cached_property
    def remaining(self) -> Remaining:
        """How many questions will still be asked before `asked_enough`, or before there are no more."""
        low, high = (len(names) + len(self._checklists) for names in (self._unasked, self._still_to_come))
        return Remaining(0 if self.asked_enough else min(self._needed, low), high)

    @property
    def _needed(self) -> int:
        """How many questions are needed at least: two, where no answer to the next one can be enough."""
        if not isinstance(self.next, NextQuestion):
            return 1
        first, completions = self.next.question.id, self._completions
        may_be_enough = completions.may_settle(first) or not self._differs_without(first)
        return 1 if may_be_enough else 2

    def _differs_without(self, question: str) -> bool:
        """Say whether it is seen that the first ones can still change once nobody knows the answer to a question."""
        drawn = {name: values for name, values in self._completions.drawn.items() if name != question}
        few = ({name: values[place] for name, values in drawn.items()} for place in range(_FEW_COMPLETIONS))
        return len({frozenset(self._territories.judge({**self._answers, **more}).first) for more in few}) > 1

    @cached_property
    def to_check(self) -> tuple[Question, ...]:
        """What was answered by "je ne sais pas" and still matters: to be checked with `ask_whom`."""
        return tuple(self.rulebook.vocabulary[name] for name in self._open if name in self._said_unknown)

    @cached_property
    def not_applicable(self) -> tuple[str, ...]:
        """The questions that what was answered makes irrelevant: they are not asked."""
        facts, asked = self._judgement.inference.facts, self._territories.questions.asked
        return tuple(name for name in asked if facts.get(name) == NOT_APPLICABLE and name not in self._answers)

    # How it is found

    @cached_property
    def _territories(self) -> Territories:
        return Territories(self.rulebook, self._known.progress)

    @cached_property
    def _known(self) -> Known:
        return known(self.profile, self.rulebook)

    @cached_property
    def _answers(self) -> Mapping[str, FactValue]:
        return self._known.given

    @cached_property
    def _judgement(self) -> Judgement:
        return self._territories.judge(self._answers)

    @cached_property
    def _open(self) -> list[str]:
        """The questions without an answer that can still move an action."""
        return self._territories.open(self._answers, self._judgement)

    @cached_property
    def _unasked(self) -> list[str]:
        """The questions to ask: open ones to which nobody has said "je ne sais pas", or all in a full interview."""
        facts = self._judgement.inference.facts
        return [name for name in self._still_to_come if facts.get(name) != NOT_APPLICABLE]

    @cached_property
    def _still_to_come(self) -> list[str]:
        """The questions to ask, and those that another answer may add to them."""
        if self.full:
            names = [name for name in self._territories.questions.asked if name not in self._answers]
        else:
            names = self._territories.may_open(self._answers)
        return [name for name in names if name not in self._said_unknown]

    @cached_property
    def _said_unknown(self) -> frozenset[str]:
        return frozenset(name for name, answer in self.profile.answers.items() if answer.value == UNKNOWN)

    @cached_property
    def _askable(self) -> list[str]:
        """The open questions to which nobody has said "je ne sais pas": what can still be learned here and now."""
        return [name for name in self._open if name not in self._said_unknown]

    @cached_property
    def _completions(self) -> Completions:
        return complete(self._territories, self._answers, self._askable)

    @cached_property
    def _worth(self) -> Mapping[str, float]:
        return {name: self._completions.worth(name) for name in self._askable}

    def _worth_asking(self, question: str) -> bool:
        return self.full or self._worth.get(question, 0) > _WORTH_ASKING * self._completions.doubt

    def _of_theme(self, questions: list[str]) -> list[str]:
        """Return those of the theme of the last answer."""
        return [name for name in questions if self.rulebook.themes[name] == self._theme_of_last]

    def _in_new_themes(self, questions: list[str]) -> list[str]:
        """Return those of themes of which nothing was answered."""
        begun = {self.rulebook.themes[name] for name in self.profile.answers}
        return [name for name in questions if self.rulebook.themes[name] not in begun]

    def _best(self, questions: list[str], waiting: list[str]) -> str:
        """Return the question of most worth, or one that is still to be asked and on which that one depends."""
        best = max(questions, key=self._worth_with_shown)
        depends = self._territories.questions.depends
        while before := [name for name in depends[best] if name in waiting]:
            best = max(before, key=self._worth_with_shown)
        return best

    def _worth_with_shown(self, question: str) -> float:
        """Return what a question is worth, and the actions that its answer shows at once."""
        if question not in self._worth:
            return 0
        shown = self._completions.shown(
            question,
            self._judgement.first,
            lambda value: self._territories.judge({**self._answers, question: value}).first,
        )
        return self._worth[question] + shown

    @property
    def _theme_of_last(self) -> str | None:
        """The theme of the last answer: answers are kept in the order in which they were given."""
        return next((self.rulebook.themes[name] for name in reversed(self.profile.answers)), None)

    @cached_property
    def _checklists(self) -> list[Step]:
        """The steps of which nothing was said of some action."""
        told = self.profile.progress
        missing = {action.step for action in self.rulebook.actions if action.id not in told and OTHERS not in told}
        return [step for step in self.rulebook.guide.steps if step.id in missing]

    def _step_of(self, action: str) -> str:
        return self.rulebook.by_id[action].step

    def _checklist(self, step: Step, *, skipped: bool) -> Checklist:
        actions = tuple(action for action in self.rulebook.actions if action.step == step.id)
        return Checklist(step, actions, skipped)

    def _question(self, name: str, *, skipped: bool) -> NextQuestion:
        themes = {theme.id: theme for theme in self.rulebook.guide.themes}
        return NextQuestion(
            question=self.rulebook.vocabulary[name],
            theme=themes[self.rulebook.themes[name]],
            settles=tuple(self._settled_by(name)),
            effects=tuple(self._effects(name)),
            skipped=skipped,
        )

    def _settled_by(self, question: str) -> list[str]:
        """Return the actions that wait for a question, those in most doubt first."""
        waiting = self._territories.waiting_for(question, self._answers)
        return sorted(waiting, key=lambda name: -self._completions.doubt_about(name))

    def _effects(self, question: str) -> Iterator[Effect]:
        before = self._judgement.first
        for value in self._answers_alone(question):
            after = self._territories.judge({**self._answers, question: value}).first
            yield Effect(
                value,
                tuple(name for name in after if name not in before),
                tuple(name for name in before if name not in after),
            )

    def _answers_alone(self, question: str) -> list[FactValue]:
        """Return the answers to show: of several choices, each alone."""
        asked = self.rulebook.vocabulary[question]
        if asked.type != "choices":
            return list(self._territories.answers_to(question, self._answers))
        return [*((choice,) for choice in asked.values), *([NOT_APPLICABLE] if asked.not_applicable else [])]


def next_question(rulebook: Rulebook, profile: Profile) -> NextQuestion | Checklist | None:
    """Return what to ask now about a territory; nothing where everything that is worth asking has been asked.

    Raises:
        InvalidProfile: the profile does not fit the rulebook.

    >>> from conseil import load_rulebook
    >>> found = next_question(load_rulebook(), Profile(name="Ici", kind="real"))
    >>> found.theme.id, len(found.effects) > 1
    ('posture', True)
    """
    return Interview(rulebook, profile).next
