"""The conversation of `conseil ask`: one question after the other, each answer written as soon as it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from conseil.cli.prompts import Command, Option, Prompts, Reply, wrapped
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, integer
from conseil.errors import Faults, InvalidInput
from conseil.interview import Checklist, Interview, NextQuestion
from conseil.profile_file import Clash, ClashingAnswers, ProfileFile
from conseil.rendering.asked import (
    can_stop_sentence,
    checklist_sentence,
    effect_sentences,
    offered,
    reason_sentence,
    remaining_sentence,
    value_words,
    whom_sentence,
)
from conseil.sentences import fact_named, listed
from conseil.vocabulary import UNKNOWN, Question, read_answer

__all__ = ["Conversation"]

_DONT_KNOW = Command("j", "Je ne sais pas (la question reste ouverte, à vérifier plus tard)")
_NO_OBJECT = Command("s", "Sans objet (la question n’a pas de sens pour ce territoire ; c’est une réponse)")
_PASS = Command("p", "Passer (la question reviendra à la fin)")
_KEEP = Command("g", "Garder la réponse actuelle")
_HELP = Command("?", "Aide : le sens de la question, son utilité, l’effet de chaque réponse")
_BACK = Command("r", "Revenir à la question précédente")
_STOP = Command("q", "S’arrêter (tout est enregistré)")

_PROGRESS_WORDS = {"todo": "à faire", "doing": "en cours", "done": "faite", UNKNOWN: "je ne sais pas"}


class Conversation:
    """Asks until nothing is left to ask, or until somebody stops."""

    def __init__(self, interview: Interview, file: ProfileFile, prompts: Prompts) -> None:
        """Begin where the interview stands; every answer goes to the file."""
        self.interview = interview
        self._file = file
        self._prompts = prompts
        self._trail = [*interview.profile.skipped, *interview.profile.answers]  # what "back" goes by, the last first
        self._again: str | None = None  # what somebody went back to
        self._unsure: set[str] = set()  # what somebody did not know, and now wants to be asked again
        self._asking = interview  # the same, as if what is unsure had never been asked
        self._passed_again: set[str] = set()
        self._told = interview.full  # whether it was said that one may stop

    def run(self) -> bool:
        """Ask, and return whether the plan is wanted now: not where somebody stopped on the way."""
        self._welcome()
        while True:
            if self._again is None and self._may_stop() and self._stops():
                return True
            asked = self._next()
            if asked is None:
                self._prompts.say("Toutes les questions utiles ont été posées.", title=True)
                return True
            name = _name(asked)
            if asked.skipped and name in self._passed_again:
                return True  # everything that is left was passed twice
            reply = self._ask(asked)
            if reply == _STOP:
                return False
            if reply == _BACK:
                self._again = self._before(name)
                self._trail = [str(self._again), *(other for other in self._trail if other != self._again)]
                continue
            if reply == _PASS:
                self._pass(asked)
            self._look_again(*self._unsure - {name})

    def _next(self) -> NextQuestion | Checklist | None:
        name, self._again = self._again, None
        return self._asking.next if name is None else self._asking.about(name)

    def _look_again(self, *unsure: str) -> None:
        """Ask these questions again in their turn; until they are answered, the file keeps what it says of them."""
        profile = self.interview.profile
        left = {name: answer for name, answer in profile.answers.items() if name not in unsure}
        self._unsure = set(unsure)
        self._asking = replace(self.interview, profile=profile.model_copy(update={"answers": left}))

    # What is said on the way

    def _welcome(self) -> None:
        say = self._prompts.say
        say(wrapped(f"Chaque réponse est aussitôt enregistrée dans {self._file.path}. Arrêtez-vous à tout moment."))
        accepted = any(question.not_applicable for question in self.interview.rulebook.questions)
        say(wrapped(f"Si vous n’avez pas la réponse, {'trois' if accepted else 'deux'} possibilités :"))
        for command in (_DONT_KNOW, *([_NO_OBJECT] if accepted else []), _PASS):
            say(wrapped(f"– {command.label}.", indent="  ", hanging="  "))
        unsure = [question.id for question in self.interview.to_check]
        if not unsure:
            return
        count = "à une question" if len(unsure) == 1 else f"à {len(unsure)} questions"
        again = [
            Option("yes", "Oui, reposer ces questions"),
            Option("no", "Non, passer à la suite"),
        ]
        if self._prompts.one(f"Vous aviez répondu « Je ne sais pas » {count}. En savez-vous plus ?", again) == ("yes",):
            self._look_again(*unsure)

    def _may_stop(self) -> bool:
        """Say whether it is time to say that one may stop: once, and once more where an answer changed that."""
        if self._told and (self._asking.full or self._asking.asked_enough):
            return False
        self._told = self._asking.asked_enough
        return self._told and self._asking.next is not None

    def _stops(self) -> bool:
        left = self._asking.remaining.high
        rest = "la question qui reste" if left == 1 else f"les {left} questions qui restent"
        options = [Option("plan", "Voir le plan"), Option("go on", f"Continuer, avec {rest}")]
        self._prompts.say("")
        return self._prompts.one(can_stop_sentence(self._asking), options) == ("plan",)

    def _ask(self, asked: NextQuestion | Checklist) -> Reply | None:
        """Ask until there is an answer, or a command that is not about this question."""
        topic = "L’avancement des actions" if isinstance(asked, Checklist) else asked.theme.title
        said = [topic, remaining_sentence(self._asking.remaining), "question passée" if asked.skipped else ""]
        self._prompts.say(f"── {' · '.join(part for part in said if part)} ──", title=True)
        while True:
            reply = self._checklist(asked) if isinstance(asked, Checklist) else self._question(asked)
            if reply == _HELP:
                for line in self._help(asked):
                    self._prompts.say(wrapped(line, indent="  ", hanging="  "))
            elif reply != ():
                return reply

    def _help(self, asked: NextQuestion | Checklist) -> Iterator[str]:
        if isinstance(asked, Checklist):
            yield "Une action faite ou en cours n’est plus à conseiller, et celles qui l’attendaient peuvent commencer."
            yield "Une action dont vous ne savez rien reste conseillée, « si ce n’est pas déjà fait »."
            return
        question, rulebook = asked.question, self.interview.rulebook
        if question.help:
            yield question.help
        if (whom := whom_sentence(question)) is not None:
            yield whom
        yield reason_sentence(asked, rulebook)
        yield from effect_sentences(asked, rulebook)

    # One question

    def _question(self, asked: NextQuestion) -> Reply:
        """Ask a question once, and write the answer; nothing is returned where it has to be asked again."""
        question = asked.question
        commands = [_DONT_KNOW, *([_NO_OBJECT] if question.not_applicable else []), *self._commands(question.id)]
        options = [Option(choice.id, choice.label) for choice in offered(asked)]
        ask = f"{question.ask}{self._now(question)}"
        match question.type:
            case "integer":
                unit = f" ({question.unit})" if question.unit else ""
                reply = self._prompts.line(ask, lambda said: _wrong(question, said), commands, f"Un nombre{unit}")
            case "choices":
                reply = self._prompts.several(ask, options, "Aucune de ces réponses", commands)
            case _:
                reply = self._prompts.one(ask, options, commands)
        if reply in {_DONT_KNOW, _NO_OBJECT}:
            return self._answer(question, UNKNOWN if reply == _DONT_KNOW else NOT_APPLICABLE)
        if isinstance(reply, Command):
            return reply
        value = read_answer(question, reply if question.type == "choices" else _digits(reply[0]))
        return self._answer(question, UNKNOWN if value is None else value)

    def _now(self, question: Question) -> str:
        """Say what was answered before, if anything was."""
        given = self.interview.profile.answers.get(question.id)
        if given is None:
            return ""
        return f" (réponse actuelle : {value_words(question, read_answer(question, given.value))})"

    def _answer(self, question: Question, value: FactValue) -> Reply:
        irrelevant = self.interview.not_applicable
        if not self._keep(self.interview.answer(question.id, value)):
            return _STOP
        self._went_by(question.id)
        for name in self.interview.not_applicable:
            if name not in irrelevant:
                asked = self.interview.rulebook.vocabulary[name]
                self._prompts.say(wrapped(f"La question « {asked.ask} » ne se pose plus."))
        return (question.id,)

    # The actions of a step

    def _checklist(self, asked: Checklist) -> Reply:
        """Ask what has come of the actions of a step; nothing is returned where it has to be asked again."""
        told = self.interview.profile.progress
        options = [
            Option(action.id, action.title + (f" ({_PROGRESS_WORDS[told[action.id]]})" if action.id in told else ""))
            for action in asked.actions
        ]
        for option in options:
            self._prompts.say(wrapped(f"– {option.label}", indent="  ", hanging="  "))
        menu = [
            Option("some", "Dire lesquelles sont faites ou en cours"),
            Option("none", "Aucune n’est commencée : toutes sont à faire"),
        ]
        reply = self._prompts.one(checklist_sentence(asked), menu, [_DONT_KNOW, *self._commands(_name(asked))])
        if reply == _DONT_KNOW:
            return self._report(asked, dict.fromkeys(_keys(options), UNKNOWN))
        if isinstance(reply, Command):
            return reply
        if reply == ("none",):
            return self._report(asked, dict.fromkeys(_keys(options), "todo"))
        again = [Command("r", "Revenir au choix précédent")]
        progress: dict[str, str] = {}
        for state, ask in (("done", "Lesquelles sont faites ?"), ("doing", "Lesquelles sont en cours ?")):
            left = [option for option in options if option.key not in progress]
            ticked = self._prompts.several(ask, left, "Aucune", again) if left else ()
            if isinstance(ticked, Command):
                return ()
            progress |= dict.fromkeys(ticked, state)
        left = [option for option in options if option.key not in progress]
        if left:
            states = [Option("todo", "À faire"), Option(UNKNOWN, "Je ne sais pas")]
            others = "l’autre action" if len(left) == 1 else f"les {len(left)} autres actions"
            chosen = self._prompts.one(f"Et {others} ?", states, again)
            if isinstance(chosen, Command):
                return ()
            progress |= dict.fromkeys(_keys(left), chosen[0])
        return self._report(asked, progress)

    def _report(self, asked: Checklist, progress: dict[str, str]) -> Reply:
        if not self._keep(self.interview.report(progress)):
            return _STOP
        self._went_by(_name(asked))
        return (asked.step.id,)

    # Commands

    def _commands(self, name: str) -> list[Command]:
        profile, step = self.interview.profile, name.removeprefix(PROGRESS)
        told = {action.step for action in self.interview.rulebook.actions if action.id in profile.progress}
        given = name in profile.answers or (name != step and step in told)
        return [_KEEP if given else _PASS, _HELP, *([_BACK] if self._before(name) else []), _STOP]

    def _before(self, name: str) -> str | None:
        return next((other for other in reversed(self._trail) if other != name), None)

    def _went_by(self, name: str) -> None:
        self._trail = [*(other for other in self._trail if other != name), name]

    def _pass(self, asked: NextQuestion | Checklist) -> None:
        name = _name(asked)
        if asked.skipped:
            self._passed_again.add(name)
        if self._keep(self.interview.skip(name)):
            self._went_by(name)

    # The file

    def _keep(self, interview: Interview) -> bool:
        """Write what was said, and return whether it is written."""
        keep: Literal["mine", "theirs"] | None = None
        while True:
            try:
                foreign = self._file.save(interview.profile, keep)
            except ClashingAnswers as error:
                keep = self._whose(error.clashes)
            except InvalidInput as error:
                self._prompts.say(str(error))
                options = [Option("again", "Essayer encore"), Option("stop", "S’arrêter (cette réponse sera perdue)")]
                if self._prompts.one("Votre réponse n’a pas pu être enregistrée.", options) == ("stop",):
                    return False
            else:
                self.interview = replace(interview, profile=self._file.profile)
                if foreign:
                    names = listed(self._named(name) for name in foreign)
                    self._prompts.say(wrapped(f"Le fichier a changé entre-temps : {names}. C’est pris en compte."))
                return True

    def _whose(self, clashes: Sequence[Clash]) -> Literal["mine", "theirs"]:
        for clash in clashes:
            said = f"dans le fichier : {self._words(clash, clash.theirs)} ; vous : {self._words(clash, clash.mine)}"
            self._prompts.say(wrapped(f"– {self._named(clash.name)} ({said})", hanging="  "))
        options = [Option("theirs", "Garder ce qui est dans le fichier"), Option("mine", "Garder ma réponse")]
        ask = "Quelqu’un d’autre a répondu autrement, dans le même fichier."
        return "mine" if self._prompts.one(ask, options) == ("mine",) else "theirs"

    def _named(self, name: str) -> str:
        rulebook = self.interview.rulebook
        return fact_named(rulebook, name) if rulebook.has_fact(name) else f"`{name}`"

    def _words(self, clash: Clash, value: object) -> str:
        question = self.interview.rulebook.vocabulary.get(clash.name)
        if value is None:
            return "rien"
        if question is None:
            return _PROGRESS_WORDS.get(str(value), str(value))
        given = value["value"] if isinstance(value, dict) else value
        try:
            return f"« {value_words(question, read_answer(question, given))} »"
        except Faults:
            return str(given)


def _name(asked: NextQuestion | Checklist) -> str:
    return PROGRESS + asked.step.id if isinstance(asked, Checklist) else asked.question.id


def _keys(options: Sequence[Option]) -> list[str]:
    return [option.key for option in options]


def _digits(said: str) -> str:
    """Return what was typed without the spaces that people put in numbers."""
    return "".join(said.split()) if any(letter.isdigit() for letter in said) else said


def _wrong(question: Question, said: str) -> str | None:
    """Say what is wrong with a number that was typed."""
    try:
        read_answer(question, _digits(said))
    except Faults:
        if integer(_digits(said)) is None:
            return "Tapez un nombre entier, en chiffres."
        bounds = [("au moins", question.min), ("au plus", question.max)]
        wanted = " et ".join(f"{word} {question.shown(bound)}" for word, bound in bounds if bound is not None)
        return f"Ce nombre n’est pas possible : il en faut {wanted}."
    return None
