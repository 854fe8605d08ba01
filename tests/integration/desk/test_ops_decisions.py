"""What if, and decisions as they were stored: who may look, what is shown, nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import pytest
import redis
from flask import Flask
from ops_words import Ops, enter

from cordboard.decision import Question
from db.queries import sql
from decider import open_decider_sync
from support.database import Database
from support.scene import now_ms
from support.web import Web

PATH = "/ops/what-if"
LENA, MARCUS, DANA = "H10005", "H10002", "H10001"


@pytest.fixture
def ops(app: Flask, live: redis.Redis, database: Database) -> Ops:
    return Ops(enter(app, live, database, "olga"), database)


def path(customer: str, **supposed: object) -> str:
    query = {"subscriber": "halyard", "customer": customer}
    if supposed:
        query |= {"asked": "1", "kind": ["sales", "service"], **supposed}  # type: ignore[dict-item]
    return f"{PATH}?{urlencode(query, doseq=True)}"


def offered(page: str) -> list[str]:
    """Codes of the offered ones, best first."""
    part = page.partition("Would be offered")[2].partition("Kept out")[0]
    return re.findall(r'class="eyebrow">\w+ · ([A-Z0-9-]+)', part)


def kept_out(page: str) -> dict[str, str]:
    """Code -> why."""
    part = page.partition("Kept out")[2]
    return dict(re.findall(r"· ([A-Z0-9-]+)</span>.*?<code>([^<]+)</code>", part, re.DOTALL))


def route(page: str) -> str:
    found = re.search(r'id="route-title"[^>]*>([^<]+)<', page)
    assert found
    return found[1]


@pytest.mark.parametrize("page", [PATH, "/ops/decisions"])
def test_ops_and_supervisors_may_look_agents_may_not(web: Web, page: str) -> None:
    assert web.client.get(page).status_code == 302
    for username, status in (("olga", 200), ("sofia", 200), ("ava", 403)):
        web.log_in(username)
        assert web.client.get(page).status_code == status, username
        web.log_out()


class TestSearch:
    @pytest.mark.parametrize(
        "text", [MARCUS, "h10002", "40010002", "Marcus", "bell", " Marcus B", "BELL"]
    )
    def test_finds_by_code_account_and_beginning_of_a_name(self, ops: Ops, text: str) -> None:
        answer = ops.send(f"{PATH}?subscriber=halyard", q=text)
        assert answer.status_code == 200
        assert f"customer={MARCUS}" in answer.text

    def test_finds_by_telephone_number_as_people_write_it(self, ops: Ops) -> None:
        assert f"customer={DANA}" in ops.send(f"{PATH}?subscriber=halyard", q="(212) 555-0140").text

    @pytest.mark.parametrize("text", ["Zzzz", "%", "_", "' OR true --", "x" * 5000, "\0zzz"])
    def test_finds_nobody_and_says_what_would_do(self, ops: Ops, text: str) -> None:
        answer = ops.send(f"{PATH}?subscriber=halyard", q=text)
        assert answer.status_code == 200
        assert "the beginning will do" in answer.text

    def test_not_other_subscribers_customers(self, ops: Ops) -> None:
        assert "the beginning will do" in ops.send(f"{PATH}?subscriber=pantry", q=MARCUS).text
        assert ops.web.client.get(f"{PATH}?subscriber=pantry&customer={MARCUS}").status_code == 404

    def test_needs_the_form(self, ops: Ops) -> None:
        answer = ops.web.client.post(f"{PATH}?subscriber=halyard", data={"q": MARCUS})
        assert answer.status_code == 400


class TestWhatIf:
    def test_says_what_and_why_and_stores_nothing(self, ops: Ops) -> None:
        before = ops.database.value("SELECT count(*) FROM decision")
        page = ops.page(path(MARCUS))
        assert len(offered(page)) >= 2
        assert route(page) == "To agents"
        assert "Eligible:" in page
        assert page.count("<progress") == 3 * len(offered(page))
        assert "segment is" in page
        assert ops.database.value("SELECT count(*) FROM decision") == before

    def test_an_outage_turns_sales_off_and_on_again(self, ops: Ops) -> None:
        page = ops.page(path(LENA))
        assert "outage" in kept_out(page).values()
        supposed = ops.page(path(LENA, outage="off"))
        assert "outage" not in kept_out(supposed).values()
        assert len(offered(supposed)) > len(offered(page))
        assert "outage" in kept_out(ops.page(path(MARCUS, outage="on"))).values()

    def test_who_is_free_decides_the_route(self, ops: Ops) -> None:
        nobody = {"free.halyard-sales": 0, "free.halyard-service": 0}
        assert route(ops.page(path(MARCUS, **nobody))) in ("To the IVR", "Plainly on")
        emptied = {"free.halyard-sales": "", "free.halyard-service": ""}
        assert route(ops.page(path(MARCUS, **emptied))) == route(ops.page(path(MARCUS, **nobody)))
        waits = {"wait.halyard-sales": 5, "wait.halyard-service": 5}
        assert route(ops.page(path(MARCUS, **nobody, **waits))) == "To agents"
        assert route(ops.page(path(MARCUS, channel="web"))) == "Plainly on"

    def test_kinds_that_identification_does_not_allow_are_kept_out(self, ops: Ops) -> None:
        page = ops.page(path(MARCUS, kind="service"))
        assert "not_identified" in kept_out(page).values()

    def test_dates_of_offers_count_on_the_day_that_is_asked(
        self, ops: Ops, database: Database
    ) -> None:
        best = offered(ops.page(path(MARCUS)))[0]
        last = datetime.now(UTC).date().replace(month=12, day=31)
        with database.changed("offer", {"code": best}, valid_to=last):
            assert best in offered(ops.page(path(MARCUS)))
            page = ops.page(path(MARCUS, at=f"{last.year + 1}-02-01T10:00"))
        assert kept_out(page)[best] == "not_valid_today"

    def test_a_rule_that_shuts_out_is_marked_where_it_fails(
        self, ops: Ops, database: Database
    ) -> None:
        best = offered(ops.page(path(MARCUS)))[0]
        condition = {"all": [{"attribute": "tenure_days", "is": ">", "value": 99999}]}
        rule = database.value(
            "INSERT INTO offer_rule (offer_id, name, condition)"
            " SELECT id, 'For the eternal', %s FROM offer WHERE code = %s RETURNING id",
            orjson.dumps(condition).decode(),
            best,
        )
        try:
            page = ops.page(path(MARCUS))
        finally:
            database.rows("DELETE FROM offer_rule WHERE id = %s RETURNING id", rule)
        assert kept_out(page)[best] == "rule:For the eternal"
        assert 'data-holds="no"' in page
        assert "tenure is above 99,999 days" in page

    @pytest.mark.parametrize(
        ("field", "value"),
        [("at", "soon"), ("at", "2026-13-01T00:00"), ("free.halyard-sales", "many"),
         ("free.halyard-sales", "-1"), ("wait.halyard-sales", "9" * 40),
         ("free.halyard-sales", "0" * 9 + "5000")],
    )  # fmt: skip
    def test_what_cannot_be_read_is_said_and_kept(self, ops: Ops, field: str, value: str) -> None:
        answer = ops.web.client.get(path(MARCUS, **{field: value}))
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert f'value="{value}"' in answer.text
        assert "Nothing was decided" in answer.text
        assert 'id="route-title"' not in answer.text
        assert "Would be offered" not in answer.text

    @pytest.mark.parametrize("query", ["customer=NOBODY", "customer=%00", "subscriber=nobody"])
    def test_nobody(self, ops: Ops, query: str) -> None:
        assert ops.web.client.get(f"{PATH}?{query}").status_code == 404


@pytest.fixture
def decide(database: Database, ops: Ops, app: Flask) -> Iterator[Callable[..., str]]:
    """Makes and stores a decision; answers its id."""
    decider = open_decider_sync(app.extensions["cordboard"].settings)

    def make(customer: int = 2, call: str = "", **asked: object) -> str:
        question = Question(call, customer, "halyard", at_ms=now_ms(), **asked)  # type: ignore[arg-type]
        record = decider.decide(question).as_json()
        database.connection.execute(
            sql.record_decision, {"decision": orjson.dumps(record).decode()}
        )
        return str(record["id"])

    yield make
    decider.close()


class TestDecisions:
    def test_one_shows_all_that_it_was_made_of(self, ops: Ops, decide: Callable[..., str]) -> None:
        call = str(uuid4())
        seen = {"halyard-service": {"free": 2, "skills": {"fiber": 1}, "wait_s": 30}}
        made = decide(call=call, group="halyard-service", reason="service", resources=seen)
        page = ops.page(f"/ops/decisions/{made}")
        for said in ("Marcus Bell", call, "halyard-service", "fiber 1", "Nothing was presented"):
            assert said in page
        assert "Eligible:" in page
        answer = ops.web.client.get(f"/ops/decisions/of-call/{call}")
        assert answer.headers["Location"].endswith(made)

    def test_the_list_by_customer_call_and_channel(
        self, ops: Ops, decide: Callable[..., str]
    ) -> None:
        call = str(uuid4())
        on_call, on_web = decide(call=call), decide(customer=5, channel="web")

        def has(query: str) -> tuple[bool, bool]:
            page = ops.page(f"/ops/decisions?subscriber=halyard&{query}")
            return on_call in page, on_web in page

        assert has("") == (True, True)
        assert has(f"customer={MARCUS.lower()}") == (True, False)
        assert has(f"customer={LENA}") == (False, True)
        assert has(f"call={call}") == (True, False)
        assert has("channel=web") == (False, True)
        assert has("customer=%00&call=") == (True, True)
        assert has("before=2001-01-01T00:00:00") == (False, False)
        page = ops.page("/ops/decisions?subscriber=halyard&call=4711")
        assert "no call id" in page

    def test_unknown_ones_are_not_found(self, ops: Ops) -> None:
        for found in ("", "of-call/"):
            answer = ops.web.client.get(f"/ops/decisions/{found}{uuid4()}")
            assert answer.status_code == 404
