"""Which question next, what each answer would do, and when to stop asking."""

from conseil.interview.model import Checklist, Effect, Interview, NextQuestion, Remaining, next_question

__all__ = ["Checklist", "Effect", "Interview", "NextQuestion", "Remaining", "next_question"]
