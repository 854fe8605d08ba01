"""Trains the propensity model of a subscriber: reads, has it learned, stores.

Presentations are in the customers database, offers and models in that of the offers; both may be
one (docs/split.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cordboard.attributes import ATTRIBUTES
from cordboard.propensity import Offer
from cordboard.training.examples import Example
from cordboard.training.train import Trained, train
from db.models import InUse, model_in_use
from db.queries import sql

Json = dict[str, Any]

#: So many of the newest answered presentations are learned from: about a minute of work.
MOST = 200_000


class TrainingRuns(RuntimeError):
    """Somebody else trains this subscriber's model at this moment."""

    def __init__(self, subscriber: str, since: datetime | None) -> None:
        when = f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        super().__init__(f"the model of {subscriber} is being trained{when}")


@dataclass(frozen=True, slots=True)
class Material:
    """What a training begins with.

    Attributes:
        examples: answered presentations.
        offers: rows of the subscriber's offers: ``id code title prior_p prior_weight``.
        in_use: the model to beat.
    """

    examples: list[Example]
    offers: list[Json]
    in_use: InUse


def subscribers(conn: Connection[Any], code: str | None) -> list[Json]:
    """Rows ``id code name``: all, or the one with this code."""
    return _rows(conn, sql.learning_subscribers, code=code)


@contextmanager
def alone(conn: Connection[Any], subscriber: Json) -> Iterator[None]:
    """Nobody else trains this subscriber's model until the connection is closed.

    Raises:
        TrainingRuns: somebody does.
    """
    (row,) = _rows(conn, sql.lock_training, subscriber=subscriber["id"])
    if not row["locked"]:
        found = _rows(conn, sql.training_since, subscriber=subscriber["id"])
        raise TrainingRuns(subscriber["code"], found[0]["since"] if found else None)
    try:
        yield
    finally:
        conn.execute(
            "SELECT pg_advisory_unlock(hashtext('cordboard train'), %s)", [subscriber["id"]]
        )


def read(customers: Connection[Any], offers: Connection[Any], subscriber: int) -> Material:
    """All that a training of this subscriber needs."""
    rows = _rows(customers, sql.learning_examples, subscriber=subscriber, limit=MOST)
    return Material(
        [Example(row["at"], row["offer_id"], row["accepted"], row["features"]) for row in rows],
        _rows(offers, sql.learning_offers, subscriber=subscriber),
        model_in_use(offers, subscriber),
    )


def learn(material: Material, tell: Callable[[str], None]) -> Trained:
    """Have it learned, with a card that names offers; raises as ``cordboard.training.train``."""
    trained = train(
        material.examples,
        [Offer(row["id"], row["prior_p"], row["prior_weight"]) for row in material.offers],
        {name: one.type for name, one in ATTRIBUTES.items()},
        material.in_use.judged,
        tell,
    )
    codes = {row["id"]: row["code"] for row in material.offers}
    card = {
        **trained.card,
        "in_use": {**trained.card["in_use"], "model": material.in_use.id},
        "offers": [{**row, "code": codes.get(row["id"])} for row in trained.card["offers"]],
    }
    return replace(trained, card=card)


def store(conn: Connection[Any], subscriber: int, trained: Trained) -> int:
    """Keep the model: in use when it is no worse than the one in use, else rejected; its id."""
    with conn.transaction():
        if trained.better:
            conn.execute(sql.retire_model, {"subscriber": subscriber})
        (row,) = _rows(
            conn,
            sql.insert_model,
            subscriber=subscriber,
            state="in_use" if trained.better else "rejected",
            features=list(trained.model.features),
            parameters=Jsonb(trained.model.as_json()),
            judged=Jsonb(trained.judged.as_json()),
            card=Jsonb(trained.card),
        )
    return int(row["id"])


def _rows(conn: Connection[Any], query: bytes, /, **values: Any) -> list[Json]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
