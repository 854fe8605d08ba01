"""What a flow is: a name, its steps in order, and what is done when the call is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ari_app.call import Call

#: A step does its part and answers the name of the next step, or None for the one that follows.
Step = Callable[[Call], Awaitable[str | None]]
#: Answered by the step after which a flow is over.
END = "end"


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow; every step may be run again after a crash.

    Attributes:
        name: as in ``Stasis(cordboard,<name>,…)``.
        steps: in the order in which they are run.
        give_up: run when a step keeps failing; must not lose the caller.
        clean_up: run at the end, however the call ended; one that fails keeps none of the others
            from being run, and is run again.
    """

    name: str
    steps: tuple[Step, ...]
    give_up: Callable[[Call], Awaitable[None]]
    clean_up: tuple[Callable[[Call], Awaitable[None]], ...]

    def step(self, name: str) -> Step:
        """The step of that name.

        Raises:
            KeyError: this flow has no such step.
        """
        return {step.__name__: step for step in self.steps}[name]

    def after(self, name: str) -> str:
        """Name of the step that follows."""
        names = [step.__name__ for step in self.steps]
        return [*names[1:], END][names.index(name)]
