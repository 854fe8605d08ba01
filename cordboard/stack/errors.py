"""The one error that the stack shows to a person: what is wrong and what to do about it."""

from __future__ import annotations


class StackError(Exception):
    """Something a person has to put right; ``hint`` is the next thing to do."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}\n  {self.hint}" if self.hint else self.problem
