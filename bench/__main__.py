"""``python -m bench P1 P4`` (or ``ONLY=P1,P4``): run benchmarks, print the table, keep the JSON.

Ends with 0 when everything asked for was measured; a missed goal is a finding, not an error.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from bench import (
    p1_calls,
    p2_pop,
    p3_push,
    p4_decide,
    p5_strategies,
    p7_agi,
    p10_lateness,
    p_learn,
    p_usual,
)
from bench.result import Result
from bench.stage import REPORT, NotMeasured, Stage, machine
from bench.table import table
from cordboard.settings import Settings, load_settings
from cordboard.stack import components
from cordboard.stack.down import down
from cordboard.stack.errors import StackError
from cordboard.stack.up import up

BENCHMARKS: dict[str, Callable[[Stage], list[Result]]] = {
    "P1": p1_calls.measure,
    "P2": p2_pop.measure,
    "P3": p3_push.measure,
    "P4": p4_decide.measure,
    "P5": p5_strategies.measure,
    "P7": p7_agi.measure,
    "LATE": p10_lateness.measure,
    "LEARN": p_learn.measure,
    "USUAL": p_usual.measure,
}
#: The slow ones last: they leave thousands of calls behind in the database.
ORDER = ("USUAL", "LEARN", "P5", "P7", "P4", "LATE", "P3", "P2", "P1")


#: Components of the stack that a benchmark needs when that is not all of them.
NEEDS: dict[str, tuple[str, ...]] = {"P5": ("postgres",), "LEARN": (), "USUAL": ()}


def chosen(only: str) -> list[str]:
    """The benchmarks that ``only`` (ids between commas or spaces; empty means all) asks for.

    Raises:
        click.UsageError: an id that is no benchmark.
    """
    asked = {name.upper() for name in re.split(r"[,\s]+", only) if name}
    unknown = asked - BENCHMARKS.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise click.UsageError(f"there is no benchmark {names}; choose of {', '.join(BENCHMARKS)}")
    return [name for name in ORDER if not asked or name in asked]


def needed(wanted: list[str]) -> set[str]:
    """Components that these benchmarks need."""
    return {component for name in wanted for component in NEEDS.get(name, components.NAMES)}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--only", envvar="ONLY", default="", help="Benchmarks to run, such as P1,P4.")
@click.option("--scale", default=1.0, type=click.FloatRange(0.01, 1), help="Share of the samples.")
@click.option("--rounds", default=3, type=click.IntRange(1, 20), help="How often each side runs.")
def main(names: tuple[str, ...], only: str, scale: float, rounds: int) -> None:
    """Measure Cordboard against the plainest thing that does the same work."""
    wanted = chosen(",".join([*names, only]))
    # Ended from outside, the stack and the callers are cleared away as at a regular end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Nothing is to be trained or built meanwhile but by a benchmark.
    os.environ |= {"CORDBOARD_NIGHTLY_HOUR": "-1", "CORDBOARD_STRATEGIES_EVERY_MINUTES": "0"}
    settings = load_settings("bench")
    with _alone():
        results, failed = _on_a_new_stack(settings, wanted, scale, rounds)
    results.sort(key=lambda result: result.id)
    _write(results)
    if results:
        click.echo("\n" + table(results))
    click.echo(f"\n{REPORT} has the same as JSON.")
    for name, why in failed.items():
        click.echo(f"{name} could not be measured: {why}", err=True)
    sys.exit(1 if failed else 0)


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse to run beside another run: they have one stack, and would measure each other."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with REPORT.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("benchmarks are running already; wait for them") from None
        yield


def _on_a_new_stack(
    settings: Settings, wanted: list[str], scale: float, rounds: int
) -> tuple[list[Result], dict[str, str]]:
    """Run the benchmarks on a stack that has just been started, and take it down."""
    try:
        # What runs, and what it stored, may be of an older version of the code.
        down(settings, _say)
        _forget(settings)
        if components_needed := needed(wanted):
            settings = up(settings, _say, components_needed)
        return _run(wanted, Stage(settings, _say, scale, rounds))
    except StackError as error:
        raise click.ClickException(str(error)) from error
    finally:
        down(settings, _say)


def _forget(settings: Settings) -> None:
    """Begin with the database and the Redis of a new stack, not with what earlier runs left."""
    for store in ("postgres", "redis"):
        shutil.rmtree(settings.run / store, ignore_errors=True)


def _run(wanted: list[str], stage: Stage) -> tuple[list[Result], dict[str, str]]:
    """Results of all that could be measured, and why the others could not."""
    results: list[Result] = []
    failed: dict[str, str] = {}
    for name in wanted:
        first_line = (sys.modules[BENCHMARKS[name].__module__].__doc__ or name).splitlines()[0]
        stage.say(f"{first_line}")
        started = time.monotonic()
        try:
            results.extend(BENCHMARKS[name](stage))
        except NotMeasured as error:
            failed[name] = str(error)
        stage.say(f"  {name} took {time.monotonic() - started:.0f} s")
    return results, failed


def _write(results: list[Result]) -> None:
    """Keep this run's results, and nothing of an earlier run: both sides are of one machine."""
    about = machine()
    entries = {result.id: {**result.as_json(), "machine": about} for result in results}
    REPORT.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
