"""What ops see of learning: model cards, acceptance, and what other policies would have brought."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter

from db.training import learn, read, store
from support.database import Database


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    return Ops(enter(app, live, database, "olga"), database)


@pytest.fixture
def model(database: Database) -> Iterator[int]:
    """A model of Halyard Telecom, learned from the demo world's past."""
    conn = database.connection
    trained = learn(read(conn, conn, 1), lambda _: None)
    yield store(conn, 1, trained)
    conn.execute("DELETE FROM propensity_model")


def row_of(page: str, name: str) -> list[str]:
    """The cells of a table's row."""
    found = re.search(rf"<tr[^>]*>\s*<th scope=\"row\">{name}.*?</tr>", page, re.DOTALL)
    assert found is not None, name
    cells = re.findall(r"<td.*?>(.*?)</td>", found[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", cell).strip() for cell in cells]


def test_without_a_model_the_page_says_how_to_make_one(olga: Ops) -> None:
    page = olga.page("/ops/models?subscriber=pantry")

    assert "No model yet" in page
    assert "cordboard train --subscriber pantry" in page


def test_the_card_of_the_model_in_use(olga: Ops, model: int) -> None:
    page = olga.page("/ops/models?subscriber=halyard")

    assert f"Model {model}" in page
    assert "in use" in page
    assert float(row_of(page, "AUC<br>")[0]) > 0.7
    assert page.count('<circle class="mark"') == 10
    assert page.count('height="16" rx="3"') == 10
    known = row_of(page, "HAL-DEVICE-UP")
    assert int(known[0]) > 100
    assert olga.web.client.get("/ops/models?subscriber=halyard&model=0").status_code == 404
    assert olga.web.client.get("/ops/models?subscriber=pantry&model=1").status_code == 404


def test_acceptance_counts_every_presentation_once(olga: Ops, database: Database) -> None:
    page = olga.page("/ops/acceptance?subscriber=halyard&weeks=52")

    sums = database.rows(
        "SELECT count(*) AS n, count(outcome) AS answered,"
        " count(*) FILTER (WHERE outcome = 'accepted') AS accepted"
        " FROM exposure e JOIN offer o ON o.id = offer_id WHERE code = 'HAL-FIBER-1000'"
    )[0]
    cells = row_of(page, "Fiber 1000 for the price of 300")
    assert [int(cell) for cell in cells[:3]] == [sums["n"], sums["answered"], sums["accepted"]]
    assert cells[3] == f"{100 * sums['accepted'] / sums['answered']:.1f} %"
    assert "<polyline" in page
    total = database.value(
        "SELECT count(*) FROM exposure e JOIN offer o ON o.id = offer_id WHERE subscriber_id = 1"
    )
    assert int(row_of(page, "1")[0]) == total
    olga.page("/ops/acceptance?subscriber=halyard&weeks=nonsense")


def test_estimates_of_other_policies(olga: Ops, model: int) -> None:
    page = olga.page("/ops/estimates?subscriber=halyard")

    assert float(row_of(page, "As it was")[0]) > 0
    assert float(row_of(page, "Expected value as believed then")[0]) > 0
    assert int(row_of(page, "At random")[-1]) > 500
    # Judged by the newest part of time alone, which it has not seen.
    worth, of = re.findall(r"\d+", row_of(page, "Expected value by the model of today")[-1])
    assert 20 < int(worth) < int(of) < 600
    assert "No model is in use" not in page


#: Each exposure has the chance that its decision tells.
CHANCES = (
    "UPDATE exposure x SET chance = (e ->> 'chance')::real"
    " FROM decision d, jsonb_array_elements(d.ranking) e"
    " WHERE d.id = x.decision_id AND (e ->> 'offer')::integer = x.offer_id"
)
CALL = "00000000-0000-4000-8000-0000000000e5"


def test_only_known_answers_are_judged(olga: Ops, database: Database) -> None:
    """A list on the web has no call that could tell; one that goes on has not told yet."""

    def judged() -> tuple[int, float]:
        cells = row_of(olga.page("/ops/estimates?subscriber=halyard"), "As it was")
        return int(cells[-1]), float(cells[0])

    count, brought = judged()
    assert count == database.value(
        "SELECT count(*) FROM exposure e JOIN offer o ON o.id = offer_id"
        " WHERE subscriber_id = 1 AND outcome IS NOT NULL AND chance IS NOT NULL"
    )
    one = database.value(
        "SELECT e.id FROM exposure e JOIN offer o ON o.id = offer_id"
        " WHERE subscriber_id = 1 AND outcome = 'accepted' AND chance IS NOT NULL"
        " ORDER BY value_cents DESC LIMIT 1"
    )
    unanswered = {"outcome": None, "outcome_at": None}
    with database.changed("exposure", {"id": one}, channel="web", **unanswered):
        assert judged()[0] == count - 1
    database.connection.execute(
        "INSERT INTO call (id, subscriber_id, customer_id, state)"
        f" SELECT '{CALL}', 1, customer_id, 'connected' FROM exposure WHERE id = %s",
        [one],
    )
    try:
        with database.changed("exposure", {"id": one}, channel="ivr", call_id=CALL, **unanswered):
            assert judged()[0] == count - 1
            database.connection.execute(f"UPDATE call SET state = 'ended' WHERE id = '{CALL}'")
            assert judged()[0] == count
            assert judged()[1] < brought
    finally:
        database.connection.execute(f"DELETE FROM call WHERE id = '{CALL}'")


def test_without_exploring_other_policies_are_not_judged(olga: Ops, database: Database) -> None:
    address = "/ops/estimates?subscriber=pantry"
    assert "had no chance" not in olga.page(address)
    change = database.connection.execute
    change("CREATE TABLE past AS SELECT id, ranking FROM decision WHERE subscriber_id = 2")
    try:
        change(
            "UPDATE decision SET ranking = (SELECT jsonb_agg(e || jsonb_build_object('chance',"
            " (e ->> 'chosen')::boolean::integer)) FROM jsonb_array_elements(ranking) e)"
            " WHERE subscriber_id = 2"
        )
        change(CHANCES)
        page = olga.page(address)
    finally:
        change("UPDATE decision d SET ranking = p.ranking FROM past p WHERE p.id = d.id")
        change("DROP TABLE past")
        change(CHANCES)
    assert "% of its choices had no chance" in page


def test_estimates_say_what_they_lack(olga: Ops, database: Database) -> None:
    page = olga.page("/ops/estimates?subscriber=halyard")
    assert "No model is in use, so there is nothing to say of it." in page
    assert "by the model of today" not in page

    database.connection.execute("UPDATE exposure SET chance = NULL")
    try:
        empty = olga.page("/ops/estimates?subscriber=pantry")
    finally:
        database.connection.execute(CHANCES)
    assert "there is nothing to estimate from" in empty


@pytest.mark.parametrize("page", ["models", "acceptance", "estimates"])
def test_agents_and_unknown_subscribers(
    app: Flask, live: redis.Redis, database: Database, page: str
) -> None:
    assert enter(app, live, database, "ava").client.get(f"/ops/{page}").status_code == 403
    assert enter(app, live, database, "sofia").client.get(f"/ops/{page}").status_code == 200
    olga = enter(app, live, database, "olga")
    assert olga.client.get(f"/ops/{page}?subscriber=nobody").status_code == 404
