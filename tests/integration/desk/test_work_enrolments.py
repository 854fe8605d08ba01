"""Enrolments that were spoken: claimed by one agent, heard by nobody else, typed, over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from cordboard import keys
from cordboard.agent_state import Event
from cordboard.settings import Settings
from support.database import Database
from support.enrolments import enrolled, forget, spoken
from support.people import ORDER_LINE, Person
from support.scene import Scene
from support.web import Web

Json = dict[str, Any]
NUMBER = "+17735590900"
TYPED = {"first_name": "Ada", "last_name": "Moor", "postcode": "60601", "street": "1 Elm Street"}


@pytest.fixture
def agent(web_settings: Settings, live: redis.Redis, database: Database) -> Callable[[str], Scene]:
    return lambda name: Scene(web_settings, live, database, name).sit_down()


@pytest.fixture
def gus(agent: Callable[[str], Scene], web: Web) -> Web:
    return web.enter(agent("gus"))


@pytest.fixture
def hana(agent: Callable[[str], Scene], app: Flask) -> Web:
    return Web(app).enter(agent("hana"))


@pytest.fixture
def ada(database: Database) -> Iterator[Json]:
    made = enrolled(database, NUMBER)
    yield made
    forget(database, made)


def claim(web: Web) -> None:
    assert web.post("/desk/enrolments/next").status_code == 302


def url(made: Json, what: str = "") -> str:
    return f"/desk/enrolments/{made['enrolment']}{what}"


def state(database: Database, made: Json) -> str:
    query = "SELECT state::text FROM enrolment WHERE id = %s"
    return str(database.value(query, made["enrolment"]))


def test_two_agents_do_not_type_the_same(
    gus: Web, hana: Web, ada: Json, database: Database
) -> None:
    second = enrolled(database, "+17735590901")
    try:
        claim(gus)
        claim(hana)
        assert (
            f'data-enrolment="{ada["enrolment"]}" data-until-ms' in gus.get("/desk/enrolments").text
        )
        page = hana.get("/desk/enrolments").text
        assert f'data-enrolment="{second["enrolment"]}" data-until-ms' in page
        assert "Gus" in page, "who types the other one"
        refused = hana.post(url(ada), **TYPED)
        assert refused.status_code == 409
        assert "somebody else types this enrolment" in refused.text
        assert 'value="Moor"' in refused.text, "what was typed stands in the form"
    finally:
        forget(database, second)


def test_only_who_has_claimed_it_hears_it(gus: Web, hana: Web, ada: Json) -> None:
    assert gus.get(url(ada, "/name.wav")).status_code == 404
    claim(gus)
    heard = gus.get(url(ada, "/name.wav"))
    assert (heard.status_code, heard.data) == (200, spoken())
    assert heard.headers["Cache-Control"] == "no-store"
    assert hana.get(url(ada, "/name.wav")).status_code == 404
    assert gus.get(url(ada, "/voice.wav")).status_code == 404
    assert gus.client.get(url(ada, "/name.wav"), headers={"Range": "bytes=0-9"}).status_code == 206


def test_agents_of_others_see_nothing(ada: Json, agent: Callable[[str], Scene], app: Flask) -> None:
    ava = Web(app).enter(agent("ava"))
    assert ada["enrolment"] not in ava.get("/desk/enrolments").text
    assert ava.post(url(ada), **TYPED).status_code == 404
    assert Web(app).client.get("/desk/enrolments").status_code == 302, "nobody is logged in"


def test_typed_it_is_over_and_the_live_card_has_the_name(
    gus: Web, ada: Json, database: Database, agent: Callable[[str], Scene]
) -> None:
    scene = agent("hana")
    for step in (Event.LOG_IN, Event.MAKE_AVAILABLE):
        scene.happen(step, reason="log_in")
    call = scene.ring(Person("New client", "", "", NUMBER), dnis=ORDER_LINE)
    database.rows(
        "UPDATE call SET customer_id = %s WHERE id = %s RETURNING 1", ada["customer"], call
    )
    claim(gus)
    assert gus.post(url(ada), **TYPED).status_code == 302
    who = database.rows("SELECT * FROM customer WHERE id = %s", ada["customer"])[0]
    assert (who["first_name"], who["last_name"], who["city"]) == ("Ada", "Moor", "Chicago")
    assert state(database, ada) == "typed"
    assert gus.get(url(ada, "/name.wav")).status_code == 404, "the recordings are gone"
    told = [entry[1] for entry in scene.redis.xrange(keys.desk(scene.agent))]
    assert any(b"Ada Moor" in fields.get(b"data", b"") for fields in told)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    gus: Web, ada: Json, database: Database
) -> None:
    claim(gus)
    refused = gus.post(url(ada), **{**TYPED, "postcode": "00000"})
    assert refused.status_code == 422
    assert "There is no postcode 00000" in refused.text
    assert 'value="1 Elm Street"' in refused.text
    assert state(database, ada) == "recorded"


def test_discarded_with_a_reason(gus: Web, ada: Json, database: Database) -> None:
    claim(gus)
    assert gus.post(url(ada, "/discard"), why=" ").status_code == 422
    assert gus.post(url(ada, "/discard"), why="Only noise").status_code == 302
    assert state(database, ada) == "discarded"
    entity = f"enrolment:{ada['enrolment']}"
    kept = database.rows("SELECT data FROM audit_entry WHERE entity = %s", entity)
    assert [row["data"] for row in kept] == [{"why": "Only noise"}]


def test_left_to_somebody_else(gus: Web, hana: Web, ada: Json) -> None:
    claim(gus)
    gus.post(url(ada, "/release"))
    claim(hana)
    assert hana.get(url(ada, "/name.wav")).status_code == 200
