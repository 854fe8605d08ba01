"""Small stand-ins for what a call uses, for tests that need neither Redis nor Asterisk."""

from __future__ import annotations

from typing import Any, cast

from ari_app.services import Services
from ari_app.state import CallState


class FakePipe:
    """Remembers the commands queued on it."""

    def __init__(self) -> None:
        self.commands: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def command(*args: Any, **options: Any) -> None:
            self.commands.append((name, args, options))

        return command


class FakeBus:
    def __init__(self) -> None:
        self.pipe = FakePipe()

    async def flush(self) -> None:
        """Everything is stored."""

    async def last(self) -> int:
        """Nothing is there."""
        return 0

    def steps(self) -> list[str]:
        """The step of each stored state, in order."""
        saved = (options for name, _, options in self.pipe.commands if name == "hset")
        return [options["mapping"]["step"] for options in saved]


class FakeJournal:
    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []

    def leg(self, call_id: str, channel: str, **changed: Any) -> None:
        self.entries.append((channel, changed))


class FakeServices:
    def __init__(self) -> None:
        self.bus = FakeBus()
        self.journal = FakeJournal()

    def as_services(self) -> Services:
        return cast("Services", self)


def new_state(call_id: str, *, channel: str = "caller-1", step: str = "") -> CallState:
    return CallState(id=call_id, flow="test", channel=channel, step=step)
