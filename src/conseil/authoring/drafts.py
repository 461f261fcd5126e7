"""Cases that the tool writes for somebody to review: what a plan says today, or what no case shows yet.

A draft is valid and holds, since it expects what the plan says. Whether the plan should say it, only a person knows:
its name is to be given, and its comments say what each line stands for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conseil.advice import advise
from conseil.authoring.cases import PREREQUISITE, Case, territory_of
from conseil.authoring.coverage import Coverage, Lack, LackKind, Neighbour
from conseil.authoring.deciding import answers_sentence
from conseil.conditions import PROGRESS, FactValue, leaves
from conseil.documents import Value
from conseil.plan import LIVE, Item, Plan, Status
from conseil.profile import Profile
from conseil.rendering.typography import typographic
from conseil.rewriting import begun
from conseil.rulebook import Effect, Rulebook
from conseil.sentences import fact_label

__all__ = ["TO_NAME", "draft_for", "record"]

TO_NAME = "À nommer"
"""What the name of a draft begins with."""

_COLUMNS = 100
_STATUSES: dict[str, Status] = {
    "recommended": "recommended",
    "excluded": "excluded",
    "to_confirm": "to_confirm",
    "not_retained": "not_retained",
}
_ABOUT: dict[LackKind, str] = {"never_true": "vraie", "never_false": "fausse", "never_decides": "décisive"}
_EFFECTS: dict[str, Effect] = {"warns": "caution", "adapted": "adapt"}


def record(plan: Plan, shipped: str | None = None) -> str:
    """Return a file with one case, which expects all that the plan of a profile says today.

    Args:
        plan: the plan.
        shipped: the name of its profile, where it is one that conseil carries; else its answers are written out.

    >>> from conseil import advise, load_profile
    >>> text = record(advise(load_profile("profiles/cc-des-hautes-combes.yaml")), "cc-des-hautes-combes")
    >>> "        - acces-foncier   # Faciliter l’accès au foncier" in text.splitlines()
    True
    """
    return "".join(f"{line}\n" for line in _recorded(plan, shipped))


def _recorded(plan: Plan, shipped: str | None) -> Iterator[str]:
    guide = plan.rulebook.guide
    head = f"Cas proposé d’après le plan de « {plan.profile.name} », règles {guide.id} {guide.version}."
    yield from _comment(head)
    yield from _comment("À relire : gardez ce qui doit rester vrai, retirez le reste, et nommez ce que le cas vérifie.")
    yield "cases:"
    yield from _entry({"name": f"{TO_NAME} : {plan.profile.name}"}, "  - ")
    if shipped is not None:
        yield from _entry({"profile": shipped})
    else:
        yield from _situation(plan)
    yield "    expect:"
    yield from _expected(plan)


def _situation(plan: Plan) -> Iterator[str]:
    profile, rulebook = plan.profile, plan.rulebook
    if profile.answers:
        yield "    answers:"
    for fact, answer in profile.answers.items():
        yield from _entry({fact: _written(answer.value)}, "      ", fact_label(rulebook, fact))
    if profile.progress:
        yield "    progress:"
    for action, state in profile.progress.items():
        about = rulebook.by_id[action].title if action in rulebook.by_id else "toutes les autres actions"
        yield from _entry({action: state}, "      ", about)


def _expected(plan: Plan) -> Iterator[str]:
    for key, status in _STATUSES.items():
        yield from _actions(key, plan.with_status(status))
        if key == "recommended":
            yield from _deferred(plan)
    yield from _actions("not_recommended", [*plan.with_status("in_progress"), *plan.with_status("done")])
    yield from _actions("decisions", plan.decisions)
    yield from _actions("now", plan.now)
    for key, effect in _EFFECTS.items():
        yield from _rules(plan, key, effect)
    for key, stage in (("stage", plan.situation.stage), ("next_stage", plan.situation.next_stage)):
        if stage is not None:
            yield from _entry({key: stage.stage}, "      ", stage.title)


def _actions(key: str, items: Sequence[Item]) -> Iterator[str]:
    if items:
        yield f"      {key}:"
    yield from (f"        - {item.id}   # {_one_line(item.action.title)}" for item in items)


def _deferred(plan: Plan) -> Iterator[str]:
    items = plan.with_status("deferred")
    if items:
        yield "      deferred:"
    for item in items:
        yield f"        {item.id}: {_obstacle(plan, item)}   # {_one_line(item.action.title)}"


def _obstacle(plan: Plan, item: Item) -> str:
    true = plan.true_reasons(item, "defer")
    return true[0].rule.id if true else PREREQUISITE


def _rules(plan: Plan, key: str, effect: Effect) -> Iterator[str]:
    """Walk the rules that are shown beside the actions that are recommended or under way."""
    found = [(item, plan.true_reasons(item, effect)) for item in plan.items if item.status in LIVE]
    if any(reasons for _, reasons in found):
        yield f"      {key}:"
    for item, reasons in found:
        if reasons:
            yield f"        {item.id}:"
        yield from (f"          - {reason.rule.id}   # {_one_line(reason.rule.because)}" for reason in reasons)


# What no case shows


def draft_for(lack: Lack, coverage: Coverage) -> str | None:
    """Return a case that shows what is missing, to put under `cases:`; nothing where no territory was found."""
    if lack.nearest is None:
        return None
    case = coverage.results[lack.nearest.case].case
    plan = advise(_moved(case, lack.nearest, coverage.rulebook), coverage.rulebook)
    return "".join(f"{line}\n" for line in _drafted(lack, lack.nearest, case, plan))


def _moved(case: Case, nearest: Neighbour, rulebook: Rulebook) -> Profile:
    start = territory_of(case, rulebook)
    answers, progress = _parted(nearest.answers)
    return Profile.model_validate(
        {
            "name": start.name,
            "kind": "invented",
            "answers": {**start.answers, **answers},
            "progress": {**start.progress, **progress},
        }
    )


def _parted(facts: Mapping[str, FactValue]) -> tuple[dict[str, Any], dict[str, Any]]:
    answers = {fact: value for fact, value in facts.items() if not fact.startswith(PROGRESS)}
    progress = {fact.removeprefix(PROGRESS): value for fact, value in facts.items() if fact.startswith(PROGRESS)}
    return answers, progress


def _drafted(lack: Lack, nearest: Neighbour, case: Case, plan: Plan) -> Iterator[str]:
    changed = answers_sentence(plan, nearest.answers)
    yield from _comment(f"D’après « {case.name} », avec : {changed}.", "  ")
    yield from _entry({"name": f"{TO_NAME} : {_about(lack)}"}, "  - ")
    if case.profile is not None:
        yield from _entry({"profile": case.profile})
    answers, progress = _parted(nearest.answers)
    raw = {fact: _written(value) for fact, value in case.answers.items()}
    yield from _block("answers", raw | {fact: _written(value) for fact, value in answers.items()})
    yield from _block("progress", {**case.progress, **progress})
    yield "    expect:"
    yield from _expected_of(lack, plan)


def _about(lack: Lack) -> str:
    """Name what a case shows, as no other one does."""
    where = [lack.subject.entry.id, *lack.subject.way[:-1], *lack.way]
    return ", ".join([".".join(map(str, where)), *([_ABOUT[lack.kind]] if lack.kind in _ABOUT else [])])


def _block(key: str, entries: Mapping[str, Value]) -> Iterator[str]:
    """Write entries on one line, where they fit."""
    if not entries:
        return
    line = f"    {begun({key: dict(entries)})}".rstrip()
    if len(line) <= _COLUMNS:
        yield line
        return
    yield f"    {key}:"
    for name, value in entries.items():
        yield from _entry({name: value}, "      ")


def _expected_of(lack: Lack, plan: Plan) -> Iterator[str]:
    """Expect what the plan says of the action that the condition bears on, and of the rule itself."""
    rulebook, name = plan.rulebook, lack.subject.entry.id
    if lack.subject.entry.kind != "rule":
        reading = _reading(rulebook, name) if lack.subject.entry.kind != "guide" else None
        stage = plan.situation.stage
        if reading is None and stage is not None:
            yield from _entry({"stage": stage.stage}, "      ", stage.title)
            return
        item = plan.item(reading or rulebook.actions[0].id)
    else:
        item = plan.item(name.partition(".")[0])
    if item.status == "deferred":
        yield from _entry({"deferred": {item.id: _obstacle(plan, item)}}, "      ", item.action.title)
    else:
        wanted = item.status if item.status in _STATUSES else "not_recommended"
        yield from _entry({wanted: [item.id]}, "      ", item.action.title)
    for key, effect in _EFFECTS.items():
        true = [reason.rule.id for reason in plan.true_reasons(item, effect)]
        if name in true:
            yield from _entry({key: {item.id: [name]}}, "      ")


def _reading(rulebook: Rulebook, fact: str) -> str | None:
    """Return the first action of which a rule reads a fact."""
    for action in rulebook.actions:
        if any(leaf.fact == fact for rule in action.rules for _, leaf in leaves(rule.when)):
            return action.id
    return None


# YAML


def _written(value: object) -> Value:
    """Return an answer as a document writes it."""
    match value:
        case bool():
            return "oui" if value else "non"
        case list() | tuple():
            return [str(choice) for choice in value]
        case dict():
            return {key: _written(inner) for key, inner in value.items()}
    return str(value)


def _entry(entry: Mapping[str, Value], indent: str = "    ", about: str = "") -> Iterator[str]:
    comment = f"   # {_one_line(about)}" if about else ""
    yield f"{indent}{begun(entry).rstrip()}{comment}"


def _one_line(text: str) -> str:
    return typographic(" ".join(text.split()))


def _comment(text: str, indent: str = "") -> Iterator[str]:
    start = f"{indent}# "
    yield from textwrap.wrap(
        _one_line(text),
        _COLUMNS,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )
