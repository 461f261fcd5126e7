"""`conseil compare`: plans side by side, what would change, what would hold, and what has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from conseil.advice import advise
from conseil.cli.french import Choice, FrenchCommand, Misuse, Name, ParameterType
from conseil.cli.options import engine_option, output_option, profile_path, rules_option
from conseil.cli.output import deliver
from conseil.cli.reading import read_profile
from conseil.comparison import Comparison, Variant, scenario_variants, what_if
from conseil.comparison import compare as compare_profiles
from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES
from conseil.errors import Fault, Faults, InvalidInput, Problem, nearest
from conseil.evolution import load_plan, what_moved
from conseil.profile import OTHERS, Profile
from conseil.rendering import (
    Outline,
    comparison_outline,
    comparison_picture,
    evolution_outline,
    export_comparison,
    export_evolution,
    export_robustness,
    robustness_outline,
    robustness_picture,
)
from conseil.rendering.pictures import VARIANTS_SHOWN
from conseil.robustness import Robustness, reweighted, weighed, what_holds
from conseil.rulebook import Rulebook, load_rulebook
from conseil.rulebook.model import Weights
from conseil.vocabulary import UNKNOWN, Question, read_answer

if TYPE_CHECKING:
    from conseil.contract import Contract

__all__ = ["compare"]

Answer: TypeAlias = "Outline | Contract | str"

_WHOLE = 100
_ORDER = "conseil.compare.order"


class _Assignment(ParameterType):
    """`question=value`; what it names is checked later, with the rules."""

    name = "question=valeur"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:  # noqa: ANN401, ARG002 - click's
        """Split it at the first sign; without a sign there is no answer yet."""
        fact, _, answer = str(value).partition("=")
        if not fact.strip():
            raise Misuse(f"option `--set` : `question=valeur` attendu, et non `{value}`", "par exemple `foncier=bati`")
        return fact.strip(), answer.strip()


class _Shares(ParameterType):
    """The weight of impact, then that of feasibility, in percent."""

    name = "impact/faisabilité"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401, ARG002 - click's
        """Return the weight of impact."""
        hint = "par exemple `--weights 50/50`"
        parts = str(value).split("/")
        digits = all(part.isascii() and part.isdigit() and len(part) <= len(str(_WHOLE)) for part in parts)
        if len(parts) != 2 or not digits:  # noqa: PLR2004 - an axis each
            raise Misuse(f"option `--weights` : deux poids attendus, et non `{value}`", hint)
        if sum(map(int, parts)) != _WHOLE:
            message = f"option `--weights` : la somme de {parts[0]} et {parts[1]} n’est pas {_WHOLE}"
            raise Misuse(message, hint)
        return int(parts[0])


class _Command(FrenchCommand):
    """A command that remembers the order of its options: `--variant` begins another group of `--set`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as any command does, then note the name of each option in the order of the command line."""
        rest = super().parse_args(ctx, list(args))
        ctx.meta[_ORDER] = [param.name for param in self.make_parser(ctx).parse_args(list(args))[2]]
        return rest


@dataclass
class _Group:
    """Answers to try together."""

    name: str | None = None
    changes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name that was given, or else the answers."""
        return self.name or ", ".join(f"{fact}={answer}" for fact, answer in self.changes)


@click.command(cls=_Command)
@click.argument("profiles", nargs=-1, required=True, type=Name(), metavar="PROFIL…")
@click.option(
    "--set", "changes", type=_Assignment(), multiple=True, metavar="QUESTION=VALEUR",
    help="Essaie une autre réponse ; répétable. Aussi `progress.ACTION=done`, `besoins=foncier,debouches`, `unknown`.",
)  # fmt: skip
@click.option(
    "--variant", "names", type=Name(), multiple=True, metavar="NOM",
    help="Commence une autre variante : les `--set` qui suivent sont les siens.",
)  # fmt: skip
@click.option("--scenarios", is_flag=True, help="Compare le territoire dans chaque scénario du guide.")
@click.option("--robust", is_flag=True, help="Dit ce qui tient, quels que soient les réponses manquantes et les poids.")
@click.option(
    "--since", type=Name(), metavar="PLAN.json", help="Compare à un plan d’alors, écrit par `plan --format json`."
)
@click.option(
    "--weights", "impact", type=_Shares(), metavar="IMPACT/FAISABILITÉ",
    help="Classe avec d’autres poids, par exemple 50/50. Seul : compare à l’ordre habituel.",
)  # fmt: skip
@click.option(
    "--format", "form", type=Choice(["text", "json", "md", "svg"]), default="text",
    help="Forme : text, json, md, ou svg (image : les rangs ; avec --robust, ce que changent les réponses).",
)  # fmt: skip
@output_option
@engine_option
@rules_option
@click.pass_context
def compare(
    ctx: click.Context,
    profiles: tuple[str, ...],
    changes: tuple[tuple[str, str], ...],
    names: tuple[str, ...],
    scenarios: bool,
    robust: bool,
    since: str | None,
    impact: int | None,
    form: str,
    output: str | None,
    engine: str | None,
    rules: tuple[str, ...],
) -> None:
    """Compare des plans, et dit la cause de chaque différence.

    Plusieurs PROFIL : leurs plans côte à côte, le premier servant de référence. Un seul : ce que d’autres réponses
    changeraient (--set, --scenarios), ce qui tient de toute façon (--robust), ou ce qui a changé (--since). PROFIL est
    un fichier YAML, ou le nom d’un des territoires fournis.
    """
    groups = list(_groups(ctx.meta[_ORDER], changes, names))
    _check_use(
        profiles, {"--set": bool(groups), "--scenarios": scenarios, "--robust": robust, "--since": since}, impact
    )
    if since is not None and form == "svg":
        hint = "choisissez `text`, `md` ou `json`"
        raise Misuse("`--since` et `--format svg` ne vont pas ensemble : il n’y a pas d’image de ce qui a changé", hint)
    rulebook = load_rulebook(*rules)
    own = rulebook.guide.score.weights
    used = rulebook if impact is None else weighed(rulebook, impact)
    paths, loaded = _loaded(profiles, rulebook)
    answer: Answer
    if since is not None:
        _keep(output, Path(since))
        moved = what_moved(load_plan(since), advise(loaded[0], rulebook, engine))
        answer = export_evolution(moved) if form == "json" else evolution_outline(moved)
    elif robust:
        answer = _robustness(what_holds(advise(loaded[0], used, engine), engine), own, form)
    else:
        if len(loaded) > 1:
            compared = compare_profiles(dict(zip(_distinct(loaded, paths), loaded, strict=True)), used, engine)
        elif scenarios:
            compared = compare_profiles(scenario_variants(loaded[0], rulebook), used, engine)
        elif groups:
            compared = compare_profiles(_variants(loaded[0], groups, rulebook), used, engine)
        else:
            compared = _reweighted(loaded[0], rulebook, impact or 0, engine)
        answer = _comparison(compared, own, form)
    deliver(answer, form, output, *paths)


def _robustness(held: Robustness, own: Weights, form: str) -> Answer:
    match form:
        case "json":
            return export_robustness(held, own)
        case "svg":
            return robustness_picture(held, own)
        case _:
            return robustness_outline(held, own)


def _comparison(compared: Comparison, own: Weights, form: str) -> Answer:
    match form:
        case "json":
            return export_comparison(compared, own)
        case "svg":
            count = len(compared.variants)
            if count not in VARIANTS_SHOWN:
                message = f"`--format svg` montre de {VARIANTS_SHOWN[0]} à {VARIANTS_SHOWN[-1]} plans, et non {count}"
                raise Misuse(message, "gardez-en moins, ou choisissez `text`, `md` ou `json`")
            return comparison_picture(compared, own)
        case _:
            return comparison_outline(compared, own)


# What was asked


def _groups(order: Sequence[str], changes: Sequence[tuple[str, str]], names: Sequence[str]) -> Iterator[_Group]:
    """Share the answers out among the variants, in the order of the command line."""
    set_, named = iter(changes), iter(names)
    groups = [_Group()]
    for option in order:
        if option == "names":
            groups.append(_Group(next(named)))
        elif option == "changes":
            groups[-1].changes.append(next(set_))
    for group in groups:
        if group.name is not None and not group.changes:
            raise Misuse(f"`--variant {group.name}` n’est suivi d’aucun `--set`", "ajoutez `--set question=valeur`")
        twice = [fact for fact, times in Counter(fact for fact, _ in group.changes).items() if times > 1]
        if twice:
            message = f"`--set {twice[0]}` est écrit deux fois dans une même variante"
            raise Misuse(message, "gardez-en un, ou commencez une autre variante par `--variant NOM`")
    kept = [group for group in groups if group.changes]
    same = [title for title, times in Counter(group.title for group in kept).items() if times > 1]
    if same:
        raise Misuse(f"deux variantes s’appellent `{same[0]}`", "donnez-leur deux noms par `--variant NOM`")
    yield from kept


def _check_use(profiles: Sequence[str], ways: Mapping[str, object], impact: int | None) -> None:
    """Refuse what cannot be asked together."""
    asked = [way for way, given in ways.items() if given]
    if len(asked) > 1:
        raise Misuse(f"`{asked[0]}` et `{asked[1]}` ne vont pas ensemble", "lancez la commande une fois pour chacune")
    if asked and len(profiles) > 1:
        raise Misuse(f"`{asked[0]}` ne prend qu’un profil, et non {len(profiles)}", "gardez-en un")
    if asked == ["--since"] and impact is not None:
        raise Misuse("`--weights` et `--since` ne vont pas ensemble", "les poids ne changent aucun statut")
    if not asked and len(profiles) == 1 and impact is None:
        hint = "donnez un autre profil, ou `--set`, `--scenarios`, `--robust`, `--since` ou `--weights`"
        raise Misuse("un seul profil : à quoi le comparer ?", hint)


def _keep(output: str | None, old: Path) -> None:
    """Refuse to write over the plan that is read."""
    if output is not None and old.exists() and Path(output).exists() and old.samefile(output):
        hint = "donnez un autre nom de fichier"
        raise InvalidInput([Problem(output, None, None, "c’est le fichier de l’ancien plan, qui serait perdu", hint)])


# What is compared


def _loaded(names: Sequence[str], rulebook: Rulebook) -> tuple[list[Path], list[Profile]]:
    """Read the profiles, or say all that is wrong with any of them."""
    paths: list[Path] = []
    loaded: list[Profile] = []
    problems: list[Problem] = []
    for name in names:
        try:
            path = Path(profile_path(name))
            loaded.append(read_profile(path, rulebook))
            paths.append(path)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return paths, loaded


def _distinct(profiles: Sequence[Profile], paths: Sequence[Path]) -> list[str]:
    """Name the profiles by their own name where no other has it, else by their file too, and the same one by number."""
    files = {(profile.name, path) for profile, path in zip(profiles, paths, strict=True)}
    titles = Counter(name for name, _ in files)
    stems = Counter(path.stem for _, path in files)
    names: list[str] = []
    for profile, path in zip(profiles, paths, strict=True):
        name = profile.name
        if titles[name] > 1:
            name = f"{name} ({path.stem if stems[path.stem] == 1 else path})"
        names.append(name if name not in names else f"{name}, n° {sum(n.startswith(name) for n in names) + 1}")
    return names


def _variants(profile: Profile, groups: Sequence[_Group], rulebook: Rulebook) -> dict[str, Profile]:
    problems: list[Problem] = []
    read: dict[str, dict[str, object]] = {}
    for group in groups:
        read[group.title] = {}
        for fact, answer in group.changes:
            try:
                read[group.title][fact] = _read(fact, answer, rulebook)
                if fact == rulebook.guide.roles.stage:
                    _check_stage(answer, _scenario(profile, group, rulebook), rulebook)
            except Faults as error:
                place = f"--set {fact}={answer}" if answer else f"--set {fact}"
                problems += [Problem(place, None, None, fault.message, fault.hint) for fault in error.faults]
    if problems:
        raise InvalidInput(problems)
    if profile.name in read:
        raise Misuse(f"la variante `{profile.name}` porte le nom du territoire", "donnez-lui un autre nom")
    return what_if(profile, read)


def _scenario(profile: Profile, group: _Group, rulebook: Rulebook) -> object:
    """Return the scenario of a variant, as it was answered."""
    role = rulebook.guide.roles.scenario
    given = profile.answers.get(role)
    return dict(group.changes).get(role, given.value if given else UNKNOWN)


def _check_stage(stage: str, scenario: object, rulebook: Rulebook) -> None:
    """Refuse a stage that the scenario does not have: it would be ignored."""
    stance = next((one for one in rulebook.guide.stances if one.scenario == scenario), None)
    if stance is None or stage in {UNKNOWN, *(described.stage for described in stance.stages)}:
        return
    roles = rulebook.guide.roles
    message = f"`{roles.stage}={stage}` n’existe pas quand `{roles.scenario}={scenario}`"
    words = ", ".join(f"`{word}`" for word in (*(described.stage for described in stance.stages), UNKNOWN))
    raise Faults([Fault((), message, f"possibilités : {words} ; ou donnez aussi `--set {roles.scenario}=…`")])


def _reweighted(profile: Profile, rulebook: Rulebook, impact: int, engine: str | None) -> Comparison:
    """Compare a plan with itself under other weights."""
    plans = [advise(profile, rulebook, engine)]
    plans.append(reweighted(plans[0], impact))
    weights = [plan.rulebook.guide.score.weights for plan in plans]
    names = [f"impact {found.impact} %, faisabilité {found.feasibility} %" for found in weights]
    if names[0] == names[1]:
        raise Misuse(
            f"`--weights {impact}/{_WHOLE - impact}` : ce sont déjà les poids des règles", "donnez-en d’autres"
        )
    return Comparison(tuple(Variant(name, plan) for name, plan in zip(names, plans, strict=True)), engine)


# One answer


def _read(fact: str, answer: str, rulebook: Rulebook) -> object:
    """Read the value of a `--set`, or raise what is wrong with it, and what would be right."""
    if fact.startswith(PROGRESS):
        return _read_progress(fact.removeprefix(PROGRESS), answer, rulebook)
    if fact not in rulebook.vocabulary:
        hint = nearest(fact, rulebook.vocabulary, "la commande `conseil questions` les liste toutes")
        if fact in rulebook.by_id:
            hint = f"pour l’avancement de cette action, écrivez `{PROGRESS}{fact}`"
        raise Faults([Fault((), f"question `{fact}` inconnue", hint)])
    question = rulebook.vocabulary[fact]
    if not answer:
        hint = f"`{fact}=[]` : aucune des réponses proposées" if question.type == "choices" else _possible(question)
        raise Faults([Fault((), f"réponse vide à `{fact}`", hint)])
    raw: object = answer
    if question.type == "choices" and answer not in {UNKNOWN, NOT_APPLICABLE}:
        inside = answer.removeprefix("[").removesuffix("]")
        raw = tuple(word.strip() for word in inside.split(",")) if inside.strip() else ()
    try:
        read_answer(question, raw)
    except Faults as error:
        raise Faults([replace(fault, hint=_better(fault.hint, question)) for fault in error.faults]) from error
    return raw


def _read_progress(action: str, state: str, rulebook: Rulebook) -> str:
    faults: list[Fault] = []
    if action != OTHERS and action not in rulebook.by_id:
        hint = nearest(action, [*rulebook.by_id, OTHERS], "la commande `conseil actions` les liste toutes")
        faults.append(Fault((), f"action `{action}` inconnue", hint))
    if state not in {*PROGRESS_VALUES, UNKNOWN}:
        possible = ", ".join(f"`{value}`" for value in (*PROGRESS_VALUES, UNKNOWN))
        message = f"avancement `{state}` inconnu" if state else f"avancement vide de `{action}`"
        faults.append(Fault((), message, f"possibilités : {possible}"))
    if faults:
        raise Faults(faults)
    return state


def _better(hint: str | None, question: Question) -> str:
    """Keep the nearest choice, and list them all."""
    near = f"{hint} " if hint and hint.startswith("vouliez-vous") else ""
    if question.type == "integer":
        return f"{hint} ; ou `{UNKNOWN}`"
    return near + _possible(question)


def _possible(question: Question) -> str:
    if question.type == "integer":
        return f"un nombre entier, ou `{UNKNOWN}`"
    words = [*question.values, UNKNOWN, *([NOT_APPLICABLE] if question.not_applicable else [])]
    several = " (plusieurs : séparez-les par des virgules)" if question.type == "choices" else ""
    return f"possibilités : {', '.join(f'`{word}`' for word in words)}{several}"
