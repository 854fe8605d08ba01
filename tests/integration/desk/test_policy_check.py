"""The policy simulator: who may ask, what is answered, nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from support.database import Database
from support.web import Web

PATH = "/ops/policy/check"


@pytest.fixture
def olga(web: Web, database: Database) -> Iterator[Web]:
    """Logged in; other tests may have edited Corner Pantry's policy."""
    web.log_in("olga")
    with database.changed(
        "dialling_policy",
        {"subscriber_id": 2},
        regions=["US", "CA"],
        number_types=["fixed_line", "mobile", "fixed_line_or_mobile"],
        calls_from_minute=0,
        calls_until_minute=1440,
        per_number_day=1000,
        per_visitor_hour=1000,
        per_subscriber_minute=1000,
        concurrent_legs=1000,
        daily_spend_cents=1000,
        proof_required=False,
    ):
        yield web


def ask(web: Web, number: str, subscriber: str = "pantry", at: str = "") -> TestResponse:
    form = {"subscriber": subscriber, "number": number, "at": at, "csrf_token": web.token}
    return web.client.post(PATH, data=form)


def refusals(page: TestResponse) -> list[str]:
    return re.findall(r"<code>([a-z_]+)</code>", page.text)


def test_ops_and_supervisors_may_ask_agents_may_not(web: Web) -> None:
    assert web.client.get(PATH).status_code == 302
    for username, status in (("olga", 200), ("sofia", 200), ("ava", 403)):
        web.log_in(username)
        assert web.client.get(PATH).status_code == status, username
        web.log_out()


def test_a_number_that_would_be_dialled(olga: Web) -> None:
    page = ask(olga, "(312) 555-0150")
    assert page.status_code == 200
    assert "+1 312-555-0150 would be dialled" in page.text
    assert refusals(page) == []
    assert page.text.count("No objection") == 14


def test_one_that_would_not_with_every_reason(olga: Web) -> None:
    page = ask(olga, "+881612345678")
    assert "would not be dialled" in page.text
    assert refusals(page) == ["region_not_allowed", "number_type_not_allowed"]
    assert refusals(ask(olga, "+12025550100")) == ["own_number"]
    assert refusals(ask(olga, "nonsense")) == ["invalid_number"]


def test_another_time_is_offered(olga: Web, database: Database) -> None:
    with database.changed("web_presence", {"subscriber_id": 2}, schedule_id=3):
        page = ask(olga, "+13125550150", at="2026-12-01T03:00")
        assert refusals(page) == ["subscriber_closed"]
        assert "It would be dialled from <strong>Tuesday, December 1, 2026, 08:00" in page.text
        assert refusals(ask(olga, "+13125550150", at="2026-12-25T12:00")) == ["holiday"]


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("soon", "not a time"),
        ("2026-03-08T02:30", "clocks are put forward"),
        ("9" * 40, "too long"),
    ],
)
def test_a_wrong_time_is_said_and_what_was_typed_stays(olga: Web, at: str, why: str) -> None:
    page = ask(olga, "+1 312 555 0150 <b>", at=at)
    assert page.status_code == 422
    assert why in page.text
    assert 'value="+1 312 555 0150 &lt;b&gt;"' in page.text
    assert f'value="{at}"' in page.text


def test_wrong_input_is_refused_in_words(olga: Web) -> None:
    assert "Type a number." in ask(olga, "").text
    assert "too long" in ask(olga, "1" * 41).text
    assert ask(olga, "+13125550150", subscriber="nobody").status_code == 422
    assert olga.client.post(PATH, data={"number": "1"}).status_code == 400  # no token


def test_asking_stores_nothing(olga: Web, database: Database) -> None:
    before = database.value("SELECT count(*) FROM policy_refusal")
    assert refusals(ask(olga, "+12025550195")) == ["do_not_call"]
    assert database.value("SELECT count(*) FROM policy_refusal") == before
