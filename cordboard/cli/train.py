"""``train``: the propensity model learns from what was presented and answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from cordboard import model_card
from cordboard.cli.same_offers import same_offers
from cordboard.settings import Settings, load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from psycopg import Connection

    from cordboard.training.train import Trained
    from db.training import Material


@click.command()
@click.option("--subscriber", metavar="CODE", help="Only this subscriber's model.")
def train(subscriber: str | None) -> None:
    """Learn who takes which offer, from what was presented and answered.

    A model that is worse than the one in use is kept as rejected and not used; with too few answers
    everything stays as it is. Both end with 0.
    """
    from db import training

    with _databases(same_offers(load_settings())) as (customers, offers):
        found = training.subscribers(offers, subscriber)
        if not found:
            raise _nobody(subscriber)
        taken = [_train_one(customers, offers, one) for one in found]
    if any(taken):
        click.echo("Next: 'cordboard strategies build' forms everybody's list with it.")


def _train_one(customers: Connection[Any], offers: Connection[Any], one: dict[str, Any]) -> bool:
    """Train one subscriber's model; whether there is a new one in use."""
    from cordboard.training.train import TooLittle
    from db import training

    try:
        with training.alone(offers, one):
            material = training.read(customers, offers, one["id"])
            _say_what_there_is(one, material)
            try:
                trained = _with_progress(material)
            except TooLittle as missing:
                stays = "model in use stays" if material.in_use.model else "priors stay in use"
                click.echo(f"  {missing} The {stays}.\n")
                return False
            model = training.store(offers, one["id"], trained)
    except training.TrainingRuns as runs:
        raise StackError(str(runs), "Wait for it; its result is on the ops pages.") from runs
    for line in model_card.lines(trained.card, trained.better):
        click.echo(line)
    click.echo("\n" + model_card.verdict(trained.card, model, trained.better) + "\n")
    return trained.better


def _say_what_there_is(one: dict[str, Any], material: Material) -> None:
    seen = len({example.offer for example in material.examples})
    click.echo(
        f"{one['name']} ({one['code']}): {len(material.examples)} answered presentations of"
        f" {seen} {'offer' if seen == 1 else 'offers'}"
    )
    if material.in_use.problem:
        click.echo(f"  {material.in_use.problem}", err=True)


def _with_progress(material: Material) -> Trained:
    """The training, with a bar that tells what it does."""
    from cordboard.training.train import STEPS
    from db import training

    with click.progressbar(
        length=STEPS, label="  learning", item_show_func=lambda step: step or ""
    ) as bar:
        return training.learn(material, lambda step: bar.update(1, step))


def _nobody(code: str | None) -> StackError:
    if code is None:
        return StackError("there is no subscriber yet", "Run 'cordboard up' for the demo world.")
    return StackError(
        f"there is no subscriber {code[:40]!r}",
        "Codes: cordboard sql -c 'SELECT code FROM subscriber'",
    )


@contextmanager
def _databases(settings: Settings) -> Iterator[tuple[Connection[Any], Connection[Any]]]:
    """The customers and the offers, which may be in one database; each statement commits."""
    import psycopg

    try:
        with ExitStack() as stack:
            first, second = (
                stack.enter_context(psycopg.connect(url, connect_timeout=5, autocommit=True))
                for url in (settings.database, settings.offers_database)
            )
            yield first, second
    except psycopg.OperationalError as error:
        raise StackError(f"postgres: {str(error).strip()}", "Run 'cordboard up'.") from error


COMMANDS = (train,)
