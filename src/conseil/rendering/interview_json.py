"""An interview as JSON: a contract with other applications, whose schemas are `docs/interview*.schema.json`.

A page that asks keeps nothing: it shows what `export_interview` returns, sends back the profile that stands in it with
what was said (an `InterviewRequest`), and `interview_from` makes the next interview of that. All keys of an interview
are always present.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import methodcaller
from typing import Annotated, Any, Literal

from pydantic import Field

from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue
from conseil.contract import Contract
from conseil.errors import Faults, InvalidProfile, Problem
from conseil.exported import ExportedFact, ExportedRulebook, export_rulebook, written_value
from conseil.fields import field
from conseil.interview import Checklist, Effect, Interview, NextQuestion
from conseil.profile import OTHERS, Given, Profile, RulebookReference, known
from conseil.records import Record, validated
from conseil.rendering.asked import offered
from conseil.rulebook import Rulebook, load_rulebook
from conseil.vocabulary import Question, read_answer

__all__ = ["ExportedInterview", "InterviewRequest", "export_interview", "interview_from"]


State = Literal["answered", "unknown", "not_applicable", "skipped"]
"""What was said to a question: "je ne sais pas", "sans objet" and "passer" are three different things."""

_STATES: Mapping[FactValue | None, State] = {None: "unknown", NOT_APPLICABLE: "not_applicable"}


class ExportedChoice(Contract):
    """An answer that is offered."""

    id: str
    label: str


class ExportedTitle(Contract):
    """An action by its id, and by its title in French."""

    id: str
    title: str


class ExportedEffect(Contract):
    """What one answer would do: the actions that would enter the first ten, and those that would leave."""

    value: ExportedFact
    label: str
    enters: tuple[ExportedTitle, ...]
    leaves: tuple[ExportedTitle, ...]


class ExportedQuestion(Contract):
    """A question to ask now, why, and what each answer would do; `answer` is what was said before, if anything was."""

    kind: Literal["question"]
    id: str
    theme: ExportedChoice
    label: str
    ask: str
    help: str | None
    ask_whom: str | None
    type: Literal["choice", "choices", "boolean", "integer"]
    choices: tuple[ExportedChoice, ...]
    unit: str | None
    min: int | None
    max: int | None
    not_applicable: bool = Field(description="whether `not_applicable` is accepted")
    settles: tuple[ExportedTitle, ...] = Field(description="why it is asked: the actions that wait for it")
    effects: tuple[ExportedEffect, ...]
    skipped: bool = Field(description="whether it was passed over, and comes back")


class ExportedChecklistAction(Contract):
    """An action of a checklist, and what was said of its progress."""

    id: str
    title: str
    progress: Literal["todo", "doing", "done", "unknown"] | None


class ExportedChecklist(Contract):
    """The actions of a step whose progress to ask now; `id` is what `skip` and `forget` name."""

    kind: Literal["checklist"]
    id: str
    step: ExportedChoice
    actions: tuple[ExportedChecklistAction, ...]
    skipped: bool


class ExportedRemaining(Contract):
    """How many questions will still be asked: at least before one may stop, and at most."""

    low: int
    high: int


class ExportedAnswer(Contract):
    """What was said to a question, or of a checklist that was passed; `value` is `null` unless it was answered."""

    question: str
    label: str
    state: State
    value: ExportedFact


class ExportedToCheck(Contract):
    """A question that is still open, and who would know."""

    question: str
    ask: str
    ask_whom: str | None


class ExportedInterview(Contract):
    """An interview as it stands: what to ask now, whether one may stop, and all that was said."""

    rulebook: ExportedRulebook
    profile: Profile = Field(description="to be sent back, as it is, with what is said next")
    full: bool
    next: Annotated[ExportedQuestion | ExportedChecklist, Field(discriminator="kind")] | None
    remaining: ExportedRemaining
    can_stop: bool = Field(description="whether no missing answer can change which actions are the first ten")
    asked_enough: bool = Field(description="the same of what was not asked yet; what nobody knew may still change them")
    answers: tuple[ExportedAnswer, ...]
    not_applicable: tuple[ExportedChoice, ...] = Field(description="the questions that the answers make irrelevant")
    to_check: tuple[ExportedToCheck, ...]


class InterviewRequest(Record):
    """What a page sends: the profile as it was, and what was said since."""

    profile: Profile
    answers: dict[str, Given] = field(default={}, description="by question; `unknown`: je ne sais pas")
    progress: dict[str, str] = field(default={}, description="by action: todo, doing, done or unknown")
    skip: tuple[str, ...] = field(default=(), description="questions or `progress.<step>`, to come back at the end")
    forget: tuple[str, ...] = field(default=(), description="questions or `progress.<step>`, as if never answered")
    full: bool = False


def export_interview(interview: Interview) -> ExportedInterview:
    """Return an interview in the form that crosses the border; `.model_dump_json()` makes it text.

    >>> from conseil import Profile, load_rulebook
    >>> interview = Interview(load_rulebook(), Profile(name="Ici", kind="real")).answer("recherche", "oui")
    >>> [(answer.question, answer.state, answer.value) for answer in export_interview(interview).answers]
    [('recherche', 'answered', True)]
    """
    rulebook = interview.rulebook
    return ExportedInterview(
        rulebook=export_rulebook(rulebook),
        profile=_with_reference(interview),
        full=interview.full,
        next=None if interview.next is None else _asked(interview, interview.next),
        remaining=ExportedRemaining(low=interview.remaining.low, high=interview.remaining.high),
        can_stop=interview.can_stop,
        asked_enough=interview.asked_enough,
        answers=tuple(_answers(interview)),
        not_applicable=tuple(
            ExportedChoice(id=name, label=rulebook.vocabulary[name].label) for name in interview.not_applicable
        ),
        to_check=tuple(
            ExportedToCheck(question=question.id, ask=question.ask or question.label, ask_whom=question.ask_whom)
            for question in interview.to_check
        ),
    )


def interview_from(request: InterviewRequest | dict[str, Any], rulebook: Rulebook | None = None) -> Interview:
    """Return the interview that follows from a request; nothing is kept from one request to the next.

    Args:
        request: what a page sent; as JSON, it is what `json.loads` returns.
        rulebook: the one that conseil carries, unless another is given.

    Raises:
        InvalidProfile: the request does not have its form, or does not fit the rulebook; every fault that was found.

    >>> profile = {"name": "Ici", "kind": "real"}
    >>> interview_from({"profile": profile, "answers": {"scenario": "soutien"}}).profile.answers["scenario"].value
    'soutien'
    """
    if not isinstance(request, InterviewRequest):
        try:
            request = validated(InterviewRequest, request)
        except Faults as error:
            raise InvalidProfile(
                Problem(
                    ", ".join(filter(None, ["demande", ".".join(map(str, fault.location))])),
                    None,
                    None,
                    fault.message,
                    fault.hint,
                )
                for fault in error.faults
            ) from error
    rulebook = rulebook or load_rulebook()
    interview = Interview(rulebook, request.profile, request.full)
    problems: dict[Problem, None] = {}  # what is wrong in the profile itself is found again at every step
    for say in _said(request):
        try:
            interview = say(interview)
        except InvalidProfile as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise InvalidProfile(problems)
    return interview


def _said(request: InterviewRequest) -> Iterator[Callable[[Interview], Interview]]:
    """Yield what a request says, one thing after the other; first of all its profile, which is checked as it came."""
    yield _checked
    for name in request.forget:
        yield methodcaller("forget", name)
    for question, value in request.answers.items():
        yield methodcaller("answer", question, value)
    if request.progress:
        yield methodcaller("report", request.progress)
    for name in request.skip:
        yield methodcaller("skip", name)


def _checked(interview: Interview) -> Interview:
    known(interview.profile, interview.rulebook)
    return interview


def _asked(interview: Interview, asked: NextQuestion | Checklist) -> ExportedQuestion | ExportedChecklist:
    if isinstance(asked, Checklist):
        return _checklist(interview, asked)
    question = asked.question
    return ExportedQuestion(
        kind="question",
        id=question.id,
        theme=ExportedChoice(id=asked.theme.id, label=asked.theme.title),
        label=question.label,
        ask=question.ask or question.label,
        help=question.help,
        ask_whom=question.ask_whom,
        type=question.type,
        choices=tuple(ExportedChoice(id=choice.id, label=choice.label) for choice in offered(asked)),
        unit=question.unit,
        min=question.min,
        max=question.max,
        not_applicable=question.not_applicable,
        settles=_titles(interview, asked.settles),
        effects=tuple(_effect(interview, question, effect) for effect in asked.effects),
        skipped=asked.skipped,
    )


def _effect(interview: Interview, question: Question, effect: Effect) -> ExportedEffect:
    return ExportedEffect(
        value=written_value(interview.rulebook, question.id, effect.value),
        label=question.shown(effect.value),
        enters=_titles(interview, effect.enters),
        leaves=_titles(interview, effect.leaves),
    )


def _titles(interview: Interview, actions: Iterable[str]) -> tuple[ExportedTitle, ...]:
    return tuple(ExportedTitle(id=action, title=interview.rulebook.by_id[action].title) for action in actions)


def _checklist(interview: Interview, asked: Checklist) -> ExportedChecklist:
    told = interview.profile.progress
    actions = (
        {"id": action.id, "title": action.title, "progress": told.get(action.id, told.get(OTHERS))}
        for action in asked.actions
    )
    return ExportedChecklist(
        kind="checklist",
        id=PROGRESS + asked.step.id,
        step=ExportedChoice(id=asked.step.id, label=asked.step.title),
        actions=tuple(ExportedChecklistAction.model_validate(action) for action in actions),
        skipped=asked.skipped,
    )


def _answers(interview: Interview) -> Iterator[ExportedAnswer]:
    rulebook, profile = interview.rulebook, interview.profile
    for name, answer in profile.answers.items():
        value = read_answer(rulebook.vocabulary[name], answer.value)
        written = None if value == NOT_APPLICABLE else written_value(rulebook, name, value)
        label = rulebook.vocabulary[name].label
        yield ExportedAnswer(question=name, label=label, state=_STATES.get(value, "answered"), value=written)
    for name in profile.skipped:
        if name not in profile.answers:
            yield ExportedAnswer(question=name, label=_label(interview, name), state="skipped", value=None)


def _label(interview: Interview, name: str) -> str:
    """Return what a question, or a checklist, is called."""
    asked = interview.about(name)
    return asked.step.title if isinstance(asked, Checklist) else asked.question.label


def _with_reference(interview: Interview) -> Profile:
    """Return the profile, which says from now on for which rules it was written."""
    rulebook = interview.rulebook
    reference = RulebookReference(id=rulebook.guide.id, version=rulebook.version)
    return interview.profile.model_copy(update={"rulebook": interview.profile.rulebook or reference})
