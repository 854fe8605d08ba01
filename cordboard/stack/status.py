"""`cordboard status`: what runs, where, and whether it answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from cordboard.settings import Settings
from cordboard.stack import components, ready, supervisor


@dataclass(frozen=True)
class Status:
    """One component: ``state`` is ok, down or failing; ``where`` is local or elsewhere."""

    state: str
    address: str
    where: str
    pid: int | None
    problem: str


def status(settings: Settings) -> dict[str, Status]:
    """Every component's state; they are asked side by side."""
    supervised = supervisor.states(settings)
    away = components.elsewhere(settings)
    names = components.names(settings)
    with ThreadPoolExecutor() as pool:
        problems = list(pool.map(lambda name: ready.problem(settings, name), names))
    return {
        name: _status(settings, name, problem, supervised.get(name, {}), name in away)
        for name, problem in zip(names, problems, strict=True)
    }


def _status(
    settings: Settings, name: str, problem: str, info: dict[str, Any], away: bool
) -> Status:
    runs = away or info.get("statename") in supervisor.ALIVE
    state = "ok" if runs and not problem else "failing" if runs else "down"
    pid = info.get("pid") or None
    where = "elsewhere" if away else "local"
    said = (
        ""
        if state == "ok"
        else problem or "something answers there, but not under this stack's supervisor"
    )
    return Status(state, ready.address(settings, name), where, pid, said)


def as_json(settings: Settings, found: dict[str, Status]) -> dict[str, Any]:
    """The form of ``cordboard status --json``."""
    return {
        "instance": settings.instance,
        "run": str(settings.run),
        "components": {name: asdict(state) for name, state in found.items()},
    }
