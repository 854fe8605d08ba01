"""``cordboard train`` on a demo world: what it learns, stores, and says when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest
from click.testing import Result
from psycopg.types.json import Jsonb

from cordboard.attributes import ATTRIBUTES
from cordboard.stack.errors import StackError
from cordboard.training.examples import Example
from db.models import model_in_use
from db.training import alone, read, subscribers
from support.presentations import examples

Run = Callable[..., Result]
Connection = psycopg.Connection[dict[str, Any]]

HALYARD = 1
REST: dict[str, Any] = {
    name: {"number": 1, "text": "same", "flag": False}[one.type] for name, one in ATTRIBUTES.items()
}
STATES = "SELECT id, state::text FROM propensity_model WHERE subscriber_id = %s ORDER BY id"


@pytest.fixture
def conn(connect: Callable[[], Connection]) -> Connection:
    """A demo world in which nothing was presented yet."""
    conn = connect()
    conn.execute("TRUNCATE exposure")
    return conn


@pytest.fixture
def demo_past(connect: Callable[[], Connection]) -> int:
    """How many presentations the demo world begins with."""
    row = connect().execute("SELECT count(*) AS n FROM exposure").fetchone()
    assert row is not None
    return int(row["n"])


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "train")


def present(conn: Connection, some: list[Example]) -> None:
    """Store them as presentations to a customer of Halyard Telecom."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO exposure (customer_id, offer_id, channel, rank, chance, p, features, at,"
            " outcome, outcome_at) VALUES (10, %s, 'agent', 1, 0.5, 0.1, %s, %s, %s, %s)",
            [
                (
                    one.offer,
                    Jsonb({**REST, **one.features}),
                    one.at,
                    "accepted" if one.accepted else "declined",
                    one.at,
                )
                for one in some
            ],
        )


def states(conn: Connection) -> list[str]:
    return [row["state"] for row in conn.execute(STATES, [HALYARD])]


def test_it_learns_reports_and_puts_the_model_in_use(run: Run, conn: Connection) -> None:
    present(conn, examples(2400))

    answer = run("--subscriber", "halyard")

    assert answer.exit_code == 0, answer.output
    for words in (
        "Halyard Telecom (halyard): 2400 answered presentations of 3 offers",
        "learned from 2040 presentations",
        "AUC",
        "log loss",
        "calibration: said → happened",
        "lift against the base rate",
        "is in use: log loss",
        "Next: 'cordboard strategies build'",
    ):
        assert words in answer.output
    found = model_in_use(conn, HALYARD)
    assert found.model is not None
    assert found.model.features == tuple(ATTRIBUTES)
    card = conn.execute("SELECT card FROM propensity_model").fetchone()
    assert card is not None
    assert card["card"]["auc"] > 0.58
    assert card["card"]["offers"][0]["code"] == "HAL-FIBER-1000"


def test_the_demo_world_has_a_past_that_teaches(
    run: Run, connect: Callable[[], Connection], demo_past: int
) -> None:
    """Some thousand presentations of the crowd, none of the customers whom the README names."""
    conn = connect()
    named = conn.execute("SELECT count(*) AS n FROM exposure WHERE customer_id < 10").fetchone()
    assert named == {"n": 0}
    assert demo_past > 2000
    fewest = conn.execute(
        "SELECT min((features ->> 'calls_30d')::integer) AS before_the_call FROM exposure"
    ).fetchone()
    assert fewest == {"before_the_call": 0}

    run()

    cards = conn.execute("SELECT card FROM propensity_model ORDER BY id").fetchall()
    assert len(cards) == 2
    assert cards[0]["card"]["auc"] > 0.7
    assert model_in_use(conn, HALYARD).model is not None


def test_a_worse_model_is_kept_as_rejected(run: Run, conn: Connection) -> None:
    past = examples(1200)
    present(conn, past)
    assert run("--subscriber", "halyard").exit_code == 0

    conn.execute("TRUNCATE exposure")
    turned = [replace(one, accepted=not one.accepted) for one in past[:1020]]
    present(conn, [*turned, *past[1020:]])
    answer = run("--subscriber", "halyard")

    assert answer.exit_code == 0
    assert "is rejected: its log loss of" in answer.output
    assert "is worse than that of model" in answer.output
    assert "strategies build" not in answer.output
    assert states(conn) == ["in_use", "rejected"]


def test_a_better_one_retires_the_one_in_use(run: Run, conn: Connection) -> None:
    present(conn, examples(900))
    run("--subscriber", "halyard")
    conn.execute("TRUNCATE exposure")
    present(conn, examples(2500))

    answer = run("--subscriber", "halyard")

    assert states(conn) == ["retired", "in_use"], answer.output
    assert "in use (model" in answer.output


def test_with_too_few_answers_the_priors_stay(run: Run, conn: Connection) -> None:
    present(conn, examples(120))

    answer = run()

    assert answer.exit_code == 0
    assert "120 answered presentations are too few to learn from: 300 are needed" in answer.output
    assert "The priors stay in use." in answer.output
    assert "Corner Pantry (pantry): 0 answered presentations of 0 offers" in answer.output
    assert states(conn) == []
    assert model_in_use(conn, HALYARD).model is None


def test_what_has_no_answer_or_no_attributes_teaches_nothing(run: Run, conn: Connection) -> None:
    present(conn, examples(310))
    conn.execute("UPDATE exposure SET features = NULL WHERE id % 2 = 0")
    conn.execute("UPDATE exposure SET outcome = NULL, outcome_at = NULL WHERE id % 3 = 0")

    assert ": 103 answered presentations" in run("--subscriber", "halyard").output


def test_whoever_heard_the_ivr_out_and_pressed_nothing_did_not_accept(
    run: Run, conn: Connection
) -> None:
    """Once the call is over; before that an agent may still hear the answer."""
    some = examples(310)
    present(conn, some)
    for state, id_ in (("ended", 1), ("connected", 2)):
        conn.execute(
            "INSERT INTO call (id, subscriber_id, customer_id, state)"
            " VALUES (md5(%s::text)::uuid, 1, 10, %s)",
            [id_, state],
        )
        conn.execute(
            "UPDATE exposure SET channel = 'ivr', call_id = md5(%s::text)::uuid, outcome = NULL,"
            " outcome_at = NULL"
            " WHERE id = (SELECT min(id) FROM exposure WHERE outcome = 'accepted')",
            [id_],
        )

    assert ": 309 answered presentations" in run("--subscriber", "halyard").output
    found = read(conn, conn, HALYARD).examples
    assert len(found) == 309
    assert sum(one.accepted for one in found) == sum(one.accepted for one in some) - 2


def test_a_second_training_at_once_is_told(
    run: Run, connect: Callable[[], Connection], conn: Connection
) -> None:
    present(conn, examples(900))
    (halyard,) = subscribers(conn, "halyard")
    with alone(connect(), halyard):
        answer = run("--subscriber", "halyard")
        assert isinstance(answer.exception, StackError)
        assert "the model of halyard is being trained since" in str(answer.exception)
        assert "0 answered presentations" in run("--subscriber", "pantry").output
    assert run("--subscriber", "halyard").exit_code == 0


def test_nobody_of_that_name(run: Run) -> None:
    answer = run("--subscriber", "nobody")

    assert isinstance(answer.exception, StackError)
    assert "there is no subscriber 'nobody'" in str(answer.exception)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("parameters = '{}'", "parameters have the form None"),
        (
            "parameters = jsonb_set(parameters, '{parts,0,attribute}', '\"shoe_size\"')",
            "with shoe_size, which is no attribute now",
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_said_and_trained_anew(
    run: Run, conn: Connection, change: str, says: str
) -> None:
    present(conn, examples(900))
    run("--subscriber", "halyard")
    conn.execute(f"UPDATE propensity_model SET {change}")  # type: ignore[call-overload]

    found = model_in_use(conn, HALYARD)
    assert found.model is None
    assert says in (found.problem or "")
    answer = run("--subscriber", "halyard")
    assert says in answer.output
    assert "priors alone" in answer.output
    assert states(conn) == ["retired", "in_use"]
