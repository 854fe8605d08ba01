"""The welcome form: numbers, times, limits; each refusal says why, and nothing typed is lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.database import Database
from support.scene import Scene
from support.talk_browser import NUMBER, Browser

NewBrowser = Callable[[], Browser]
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the time at which forms are judged."""

    def set_to(moment: datetime) -> None:
        class Fixed(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return moment

        monkeypatch.setattr("webdesk.talk.welcome.datetime", Fixed)

    return set_to


@pytest.fixture
def shop_hours(database: Database) -> Iterator[None]:
    """Visitors talk in shop hours only: 8:00 to 20:00 in Chicago, not on Sundays and holidays."""
    with database.changed("web_presence", {"subscriber_id": 2}, schedule_id=3):
        yield


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "bad-number"),
        ("call me", "bad-number"),
        ("' OR 1=1", "bad-number"),
        ("123", "invalid_number"),
        ("+1 900 555 0123", "number_type_not_allowed"),
        ("+44 20 7946 0018", "region_not_allowed"),
        ("+870 773 111 632", "region_not_allowed"),
        ("+12025550110", "own_number"),
        ("+13125550196", "do_not_call"),
        ("+12025550195", "do_not_call"),
    ],
)
def test_a_number_that_cannot_be_called_is_refused(
    browser: Browser, database: Database, number: str, code: str
) -> None:
    browser.open()
    answer = browser.send(number=number, note="Keep this <b>note</b>")
    assert answer.status_code == 422
    assert browser.problem == code
    assert "Keep this &lt;b&gt;note&lt;/b&gt;" in browser.page
    if not code.startswith("bad-"):
        last = "SELECT reason FROM policy_refusal ORDER BY id DESC LIMIT 1"
        assert database.value(last) == code


def test_without_consent_nothing_is_stored(browser: Browser, database: Database) -> None:
    before = database.value("SELECT count(*) FROM call_request")
    browser.open()
    assert browser.send(consent="").status_code == 422
    assert browser.problem == "bad-consent"
    assert database.value("SELECT count(*) FROM call_request") == before


def test_the_consent_is_kept_as_it_was_shown(browser: Browser, database: Database) -> None:
    request = browser.ask()
    row = database.rows("SELECT * FROM call_request WHERE id = %s", request)[0]
    assert row["consent_text"].startswith("I agree that Corner Pantry calls me")
    assert row["consent_text"] in browser.form
    assert row["consented_at"] is not None


def test_the_longest_consent_of_the_longest_company_is_kept_whole(
    browser: Browser, database: Database
) -> None:
    template, name = "{company}" * 66 + "Agreed", "C" * 120
    with (
        database.changed("subscriber", {"id": 2}, name=name),
        database.changed("web_presence", {"subscriber_id": 2}, consent_text=template),
    ):
        request = browser.ask()
    kept = database.value("SELECT consent_text FROM call_request WHERE id = %s", request)
    assert kept == template.replace("{company}", name)


def test_a_form_sent_twice_is_one_request(browser: Browser) -> None:
    browser.open()
    first, second = browser.send(), browser.send()
    assert first.location == second.location
    assert browser.send(note="changed").status_code == 409
    assert browser.problem == "sent-before"
    assert browser.send(note="changed").status_code == 303


def test_a_form_without_its_token_is_refused(browser: Browser, new_browser: NewBrowser) -> None:
    browser.open()
    assert browser.send(token="").status_code == 400
    other = new_browser()
    other.open()
    assert browser.send(token=other.hidden("token")).status_code == 400


def test_a_huge_form_is_refused(browser: Browser) -> None:
    browser.open()
    assert browser.send(pages="x" * 300_000).status_code == 413
    assert browser.send(note="x" * 1001).status_code == 422


@pytest.mark.parametrize("pages", ["", "{", "[1]", '{"a": 1}', '[{"url": "javascript:x"}]'])
def test_pages_that_are_none_do_not_matter(
    browser: Browser, database: Database, pages: str
) -> None:
    request = browser.ask(pages=pages)
    assert database.value("SELECT pages FROM call_request WHERE id = %s", request) == []


def test_control_characters_are_left_out(browser: Browser, database: Database) -> None:
    request = browser.ask(note="a\0b\x1b[31mc\r\nd", zone="Nowhere\0/Land")
    row = database.rows("SELECT note, time_zone FROM call_request WHERE id = %s", request)[0]
    assert row == {"note": "ab[31mc\nd", "time_zone": "America/Chicago"}


def test_a_customer_of_the_link_need_not_type_a_number(
    browser: Browser, database: Database
) -> None:
    code = "SELECT code FROM customer WHERE first_name = 'Rosa' AND last_name = 'Klein'"
    browser.open(customer_code=database.value(code))
    assert "+1 •••-•••-••50" in browser.page
    assert "3125550150" not in browser.page.replace("-", "").replace(" ", "")
    answer = browser.send(whose="known", number="")
    request = answer.location.rpartition("/")[2]
    row = database.rows("SELECT number, customer_id FROM call_request WHERE id = %s", request)[0]
    assert row["number"] == "+13125550150"
    assert row["customer_id"] is not None


# --- When -------------------------------------------------------------------------------------


def test_a_time_of_the_visitors_zone(browser: Browser, database: Database) -> None:
    tomorrow = (datetime.now(NEW_YORK) + timedelta(days=1)).replace(hour=15, minute=30)
    request = browser.ask(when="later", at=f"{tomorrow:%Y-%m-%dT%H:%M}")
    due = database.value("SELECT due_at FROM call_request WHERE id = %s", request)
    assert due.astimezone(NEW_YORK).strftime("%d %H:%M") == tomorrow.strftime("%d %H:%M")


@pytest.mark.parametrize(
    ("at", "code"),
    [("2020-01-01T10:00", "past"), ("", "not_a_time"), ("2999-01-01T10:00", "too_far")],
)
def test_a_time_that_is_none_is_refused(browser: Browser, at: str, code: str) -> None:
    browser.open()
    assert browser.send(when="later", at=at).status_code == 422
    assert browser.problem == code
    assert f'value="{at}"' in browser.page


def test_a_time_that_the_clocks_skip_is_refused(
    browser: Browser, clock: Callable[[datetime], None]
) -> None:
    clock(datetime(2027, 3, 13, 20, tzinfo=UTC))
    browser.open()
    assert browser.send(when="later", at="2027-03-14T02:30").status_code == 422
    assert browser.problem == "skipped"
    assert 'name="offer"' in browser.page


def test_in_closed_hours_times_are_offered_and_one_click_takes_one(
    browser: Browser, clock: Callable[[datetime], None], shop_hours: None, database: Database
) -> None:
    night = datetime(2026, 12, 1, 5, tzinfo=UTC)  # Monday, 23:00 in Chicago
    clock(night)
    browser.open()
    assert 'data-closed="closed"' in browser.page
    assert browser.send(when="now").status_code == 422
    assert browser.problem == "closed"
    assert "We can call you at:" in browser.page
    answer = browser.send(offer="2026-12-01T14:00:00+00:00")
    assert answer.status_code == 303
    request = answer.location.rpartition("/")[2]
    due = database.value("SELECT wanted_at FROM call_request WHERE id = %s", request)
    assert due == datetime(2026, 12, 1, 14, tzinfo=UTC)


def test_a_holiday_is_named(
    browser: Browser, clock: Callable[[datetime], None], shop_hours: None
) -> None:
    clock(datetime(2026, 11, 25, 16, tzinfo=UTC))
    browser.open()
    browser.send(when="later", at="2026-11-26T12:00")
    assert browser.problem == "holiday"
    assert "Thanksgiving" in browser.page


def test_with_nobody_on_duty_now_is_not_possible(browser: Browser, gus: Scene) -> None:
    gus.sit_down()
    browser.open()
    assert 'data-closed="nobody"' in browser.page
    assert browser.send(when="now").status_code == 422
    assert "Nobody is on duty" in browser.page
    assert 'name="offer"' in browser.page


def test_a_thousand_requests_of_one_address_are_too_many(
    browser: Browser, database: Database
) -> None:
    browser.open()
    begun = time.monotonic()
    codes = [browser.send(key="").status_code for _ in range(1000)]
    minutes = 1 + int((time.monotonic() - begun) / 60)
    judged = [code for code in codes if code != 429]
    assert 0 < len(judged) <= 60 * minutes
    assert codes[-1] == 429
    assert browser.refusal == "too-many-tries"
    # Others, behind other addresses, are served.
    other = browser.client.get(browser.link(), environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_a_visitor_who_asks_too_often_is_told(browser: Browser, database: Database) -> None:
    with database.changed("dialling_policy", {"subscriber_id": 2}, per_visitor_hour=1):
        browser.ask()
        browser.open()
        assert browser.send().status_code == 422
        assert browser.problem == "too_many_from_visitor"


def test_the_number_is_stored_in_international_form(browser: Browser, database: Database) -> None:
    request = browser.ask(number="(312) 555-0171")
    assert database.value("SELECT number FROM call_request WHERE id = %s", request) == NUMBER


@pytest.mark.parametrize(
    ("choice", "agent", "skill"),
    [
        ("Hana", "hana", None),
        ("Somebody who speaks Spanish", None, "es"),
        ("Whoever is free first", None, None),
        ("skill-nothing", None, None),
    ],
)
def test_a_visitor_may_ask_for_a_person_or_a_skill(
    browser: Browser, database: Database, choice: str, agent: str | None, skill: str | None
) -> None:
    browser.open()
    found = re.search(rf'<option value="([^"]*)"[^>]*>{choice}</option>', browser.page)
    answer = browser.send(person=found[1] if found else choice)
    row = database.rows(
        "SELECT u.username, r.wanted_skill FROM call_request r"
        " LEFT JOIN user_account u ON u.id = r.wanted_agent_id WHERE r.id = %s",
        answer.location.rpartition("/")[2],
    )[0]
    assert row == {"username": agent, "wanted_skill": skill}
    assert "hana" not in browser.page  # log-in names stay inside
