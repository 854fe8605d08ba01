"""Statements and dead letters in a browser: narrow and wide, by day and by night, by keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb
from test_desk_look import findings

from conftest import Scheme, Windows, log_in
from support.database import Database

MONTH = "2032-05"
NOON = datetime(2032, 5, 5, 12, 0, tzinfo=UTC)
#: Where pictures of the pages go, when somebody wants to look at them.
PICTURES = os.environ.get("CORDBOARD_TEST_PICTURES", "")

LEGS = (("customer", "+13125550150", 3725), ("agent", "gus", 3600), ("agent", "+12025550191", 61))


@pytest.fixture
def world(database: Database) -> Iterator[str]:
    """A call of three legs, dead letters, and one that waits; answers the call's id."""
    call_id, conn = str(uuid4()), database.connection
    conn.execute(
        "INSERT INTO call (id, subscriber_id, direction, started) VALUES (%s, 2, 'outbound', %s)",
        [call_id, NOON],
    )
    for number, (role, party, seconds) in enumerate(LEGS):
        conn.execute(
            "INSERT INTO call_leg (call_id, channel, role, party, started, answered, ended, cause)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 16)",
            [call_id, f"{call_id}.{role}.{number}", role, party, NOON, NOON,
             NOON + timedelta(seconds=seconds)],
        )  # fmt: skip
    conn.execute("SELECT apply_usage_v1(%s)", [call_id])
    ids = [str(uuid4()) for _ in range(3)]
    for one, state in zip(ids, ("dead", "dead", "waiting"), strict=True):
        conn.execute(
            "INSERT INTO webhook_delivery (id, subscriber_id, event, payload, state, attempts,"
            " last_status, last_error, due_at) VALUES (%s, 2, 'call_request.completed', %s, %s, 9,"
            " 503, 'answers 503: Service Unavailable. Our shop is closed for maintenance until the"
            " morning.', now() + interval '1 hour')",
            [one, Jsonb({}), state],
        )
    yield call_id
    conn.execute("DELETE FROM usage_line WHERE call_id = %s", [call_id])
    conn.execute("DELETE FROM call WHERE id = %s", [call_id])
    conn.execute("DELETE FROM webhook_delivery WHERE id = ANY(%s)", [ids])


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_they_fit_and_axe_finds_nothing_serious(
    windows: Windows, world: str, width: int, scheme: Scheme
) -> None:
    page = windows.open(width=width, height=844, scheme=scheme)
    log_in(page, "olga")
    for name, path in (
        ("webhooks", "/ops/webhooks"),
        ("waiting", "/ops/webhooks?state=waiting"),
        ("none", "/ops/webhooks?subscriber=halyard"),
        ("usage", f"/ops/usage?month={MONTH}"),
        ("lines", f"/ops/usage/pantry/{MONTH}"),
        ("legs", f"/ops/usage/calls/{world}"),
        ("wrong", "/ops/usage?month=May"),
    ):
        page.goto(path)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, name
        picture(page, f"{name}-{width}-{scheme}")
        assert findings(page) == [], name


def test_a_dead_letter_is_replayed_by_keyboard(windows: Windows, world: str) -> None:
    page = windows.open()
    log_in(page, "olga")
    page.goto("/ops/webhooks")
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    page.get_by_role("button", name="Replay call_request.completed").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 on its way again")
    page.get_by_role("link", name="Usage").click()
    page.get_by_label("Month").fill(MONTH)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Corner Pantry", exact=True).click()
    page.get_by_role("link", name="Customer of call").click()
    expect(page.get_by_role("heading", name="3 legs")).to_be_visible()
