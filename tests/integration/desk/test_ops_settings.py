"""What visitors see, who may be called, how groups work, secrets, and the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter, told

from cordboard.secrets import hash_secret
from support.database import Database

Json = dict[str, Any]

PRESENCE: Json = {
    "accent": "#2F6B3A",
    "welcome_text": "Welcome to {company}.",
    "consent_text": "I agree that {company} calls me.",
    "hold_text": "Please hold.",
    "farewell_text": "Goodbye.",
    "origins": "https://Shop.example/\nhttps://www.shop.example:8443",
    "link_hosts": "shop.example, .shop.example",
    "schedule_id": "",
}
POLICY: Json = {
    "regions": "us, ca",
    "number_types": ["fixed_line", "mobile"],
    "calls_from": "09:30",
    "calls_until": "24:00",
    "per_number_day": "4",
    "per_visitor_hour": "3",
    "per_subscriber_minute": "50",
    "concurrent_legs": "20",
    "daily_spend": "250.50",
    "max_attempts": "4",
    "retry_after": "90 s, 5 min, 1 h",
}
GROUP: Json = {
    "name": "Pantry Orders",
    "ring_seconds": "11",
    "wrapup_seconds": "45",
    "max_waiting": "10",
    "max_wait_seconds": "600",
    "offer_callback_after_seconds": "120",
    "relax_skills_after_seconds": "30",
    "announce_every_seconds": "45",
}


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Iterator[Ops]:
    # Visits and calls of other tests go by the same settings.
    with database.kept("web_presence", "dialling_policy", "agent_group"):
        yield Ops(enter(app, live, database, "olga"), database)


def of_pantry(database: Database, table: str) -> Json:
    return database.rows(
        f"SELECT t.* FROM {table} t JOIN subscriber s ON s.id = t.subscriber_id"
        " WHERE s.code = 'pantry'"
    )[0]


def send(olga: Ops, path: str, table: str, **fields: Any) -> Any:
    """A form as it was last shown."""
    version = of_pantry(olga.database, table)["version"]
    return olga.send(f"{path}?subscriber=pantry", version=str(version), **fields)


# --- What visitors see


def test_presence_is_stored_as_browsers_need_it(
    olga: Ops, live: redis.Redis, database: Database
) -> None:
    answer = send(olga, "/ops/presence", "web_presence", **PRESENCE)
    assert answer.status_code == 302, answer.text
    row = of_pantry(database, "web_presence")
    assert row["accent"] == "#2f6b3a"
    assert row["origins"] == ["https://shop.example", "https://www.shop.example:8443"]
    assert row["link_hosts"] == ["shop.example", ".shop.example"]
    assert told(live, "routing.changed") == 1
    assert "https://www.shop.example:8443" in olga.page("/ops/presence?subscriber=pantry")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"accent": "red"}, "A colour is #"),
        ({"accent": "#fff;}"}, "A colour is #"),
        ({"welcome_text": ""}, "need a text"),
        ({"welcome_text": "Hello {name}"}, "is not known"),
        ({"consent_text": "x" * 601}, "600"),
        ({"origins": "*"}, "https://"),
        ({"origins": "https://shop.example; script-src *"}, "script-src"),
        ({"origins": "javascript:alert(1)"}, "https://"),
        ({"origins": "\n".join(f"https://s{n}.example" for n in range(51))}, "50 at most"),
        ({"link_hosts": ".com"}, "top-level domain"),
        ({"link_hosts": "https://shop.example"}, "only the host"),
        ({"schedule_id": "999999"}, "Not a valid choice"),
    ],
)
def test_what_visitors_must_not_get(olga: Ops, wrong: Json, sentence: str) -> None:
    before = of_pantry(olga.database, "web_presence")
    answer = send(olga, "/ops/presence", "web_presence", **{**PRESENCE, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert of_pantry(olga.database, "web_presence") == before


def test_hours_of_another_subscriber_are_no_choice(olga: Ops, database: Database) -> None:
    foreign = database.value(
        "SELECT h.id FROM schedule h JOIN subscriber s ON s.id = h.subscriber_id"
        " WHERE s.code = 'halyard' LIMIT 1"
    )
    fields = {**PRESENCE, "schedule_id": str(foreign)}
    assert send(olga, "/ops/presence", "web_presence", **fields).status_code == 422


def test_a_pale_colour_is_shown_with_its_contrast_and_what_becomes_of_it(olga: Ops) -> None:
    page = olga.page("/ops/presence/shades?accent=%23ffd400")
    assert "below 4.5" in page
    by_day = olga.page("/ops/presence/shades?accent=%230b3d91").split("By night")[0]
    assert "below 4.5" not in by_day
    assert "<svg" not in olga.page("/ops/presence/shades?accent=%23zzzzzz")


# --- Dialling policy


def test_the_policy_is_read_in_words(olga: Ops, database: Database) -> None:
    answer = send(olga, "/ops/policy", "dialling_policy", **POLICY)
    assert answer.status_code == 302, answer.text
    row = of_pantry(database, "dialling_policy")
    assert row["regions"] == ["US", "CA"]
    assert row["number_types"] == ["fixed_line", "mobile"]
    assert (row["calls_from_minute"], row["calls_until_minute"]) == (570, 1440)
    assert row["daily_spend_cents"] == 25050
    assert row["retry_after_seconds"] == [90, 300, 3600]
    assert row["proof_required"] is False
    page = olga.page("/ops/policy?subscriber=pantry")
    assert 'value="90 s, 5 min, 1 h"' in page
    assert 'value="250.50"' in page
    entry = olga.audit(f"dialling_policy:{row['subscriber_id']}")[0]
    assert entry["data"]["daily_spend_cents"][1] == 25050


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"regions": "USA"}, "Not a region"),
        ({"number_types": ["premium_rate"]}, "valid choice"),
        ({"calls_from": "9"}, "time of day"),
        ({"calls_from": "21:00", "calls_until": "08:00"}, "must be later"),
        ({"calls_from": "24:00"}, "must be"),
        ({"calls_until": "25:00"}, "time of day"),
        ({"per_number_day": "-1"}, "whole number"),
        ({"per_number_day": "99999"}, "whole number"),
        ({"daily_spend": "1e99"}, "amount"),
        ({"daily_spend": "NaN"}, "amount"),
        ({"daily_spend": "1.234"}, "two decimals"),
        ({"daily_spend": "-5"}, "amount"),
        ({"max_attempts": "0"}, "whole number"),
        ({"retry_after": ""}, "Give a time"),
        ({"retry_after": "0 s"}, "from 1 s"),
        ({"retry_after": "soon"}, "is no time"),
        ({"retry_after": ", ".join(["1 s"] * 11)}, "One to ten"),
    ],
)
def test_a_policy_that_means_nothing(olga: Ops, wrong: Json, sentence: str) -> None:
    before = of_pantry(olga.database, "dialling_policy")
    answer = send(olga, "/ops/policy", "dialling_policy", **{**POLICY, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert of_pantry(olga.database, "dialling_policy") == before


def test_the_second_who_edits_the_policy_is_told(olga: Ops) -> None:
    version = str(of_pantry(olga.database, "dialling_policy")["version"])
    path = "/ops/policy?subscriber=pantry"
    assert olga.send(path, version=version, **POLICY).status_code == 302
    late = olga.send(path, version=version, **{**POLICY, "retry_after": "7 min"})
    assert late.status_code == 409
    assert 'value="7 min"' in late.text
    assert "Stored now: 90 s, 5 min, 1 h" in late.text


def test_a_subscriber_without_rows_begins_with_the_defaults(olga: Ops, database: Database) -> None:
    database.rows(
        "INSERT INTO subscriber (code, name) VALUES ('newcomer', 'New Comer')"
        " ON CONFLICT DO NOTHING RETURNING id"
    )
    assert "Talk to us" in olga.page("/ops/presence?subscriber=newcomer")
    assert 'value="08:00"' in olga.page("/ops/policy?subscriber=newcomer")
    look = (
        "SELECT count(*) FROM web_presence w JOIN subscriber s ON s.id = w.subscriber_id"
        " WHERE s.code = 'newcomer'"
    )
    assert database.value(look) == 0, "looking stores nothing"
    answer = olga.send("/ops/presence?subscriber=newcomer", version="1", **PRESENCE)
    assert answer.status_code == 302
    assert database.value(look) == 1


# --- Do not call


def test_a_number_is_put_on_the_list_found_and_taken_off(olga: Ops, database: Database) -> None:
    database.rows("DELETE FROM do_not_call WHERE number = '+12125550198' RETURNING 1")
    answer = olga.send("/ops/do-not-call", number="(212) 555-0198", scope="pantry", reason="asked")
    assert answer.status_code == 302, answer.text
    row = database.rows("SELECT * FROM do_not_call WHERE number = '+12125550198'")[0]
    assert olga.audit(f"do_not_call:{row['id']}")[0]["action"] == "do_not_call.added"
    assert "+1 212-555-0198" in olga.page("/ops/do-not-call?q=5550198")
    again = olga.send("/ops/do-not-call", number="+12125550198", scope="pantry", reason="asked")
    assert again.status_code == 422
    assert "on the list already" in again.text
    assert olga.send(f"/ops/do-not-call/{row['id']}/remove").status_code == 302
    assert olga.audit(f"do_not_call:{row['id']}")[0]["action"] == "do_not_call.removed"
    assert olga.send(f"/ops/do-not-call/{row['id']}/remove").status_code == 404


@pytest.mark.parametrize("number", ["", "call me", "12", "+0", "9" * 40, "+1 212 555 0198 ext. 3"])
def test_what_is_no_number_is_not_put_on_the_list(olga: Ops, number: str) -> None:
    answer = olga.send("/ops/do-not-call", number=number, scope="", reason="x")
    assert answer.status_code == 422


# --- Groups


def test_a_group_works_by_its_new_numbers_and_the_app_is_told(
    olga: Ops, live: redis.Redis, database: Database
) -> None:
    group = database.rows("SELECT * FROM agent_group WHERE code = 'pantry-orders'")[0]
    path = f"/ops/groups/{group['id']}"
    assert olga.send(path, version=str(group["version"]), **GROUP).status_code == 302
    now = database.rows("SELECT * FROM agent_group WHERE code = 'pantry-orders'")[0]
    assert now["offer_callback_after_seconds"] == 120
    assert now["ring_seconds"] == 11
    assert told(live, "agents.changed") == 1
    assert "above 120 s" in olga.page("/ops/groups")
    assert (
        olga.send(path, version=str(now["version"]), **{**GROUP, "ring_seconds": "0"}).status_code
        == 422
    )
    assert olga.send(path, version=str(group["version"]), **GROUP).status_code == 409


# --- Secrets


def test_a_secret_is_shown_once_counts_at_once_and_two_live_at_most(
    olga: Ops, database: Database
) -> None:
    database.rows("DELETE FROM subscriber_secret WHERE label LIKE 'test %%' RETURNING 1")
    live = "SELECT count(*) FROM subscriber_secret WHERE revoked_at IS NULL AND subscriber_id = 2"
    assert database.value(live) == 1, "the demo world's"
    form = re.search(r'name="form_id" value="([^"]+)"', olga.page("/ops/secrets?subscriber=pantry"))
    assert form is not None
    wish = {"label": "test shop server", "form_id": form[1]}
    made = olga.send("/ops/secrets?subscriber=pantry", **wish)
    assert made.status_code == 200
    found = re.search(r"cb_[A-Za-z0-9_-]{43}", made.text)
    assert found is not None
    row = database.rows("SELECT * FROM subscriber_secret WHERE label = 'test shop server'")[0]
    assert bytes(row["secret_hash"]) == hash_secret(found[0])
    assert found[0] not in olga.page("/ops/secrets?subscriber=pantry")

    again = olga.send("/ops/secrets?subscriber=pantry", **wish)
    assert (again.status_code, found[0] in again.text) == (200, True), "the page loaded again"
    assert f'name="form_id" value="{form[1]}"' not in again.text
    assert database.value(live) == 2
    other = {"label": "test another", "form_id": token_urlsafe(32)}
    third = olga.send("/ops/secrets?subscriber=pantry", **other)
    assert third.status_code == 422
    assert "two live secrets at most" in third.text
    assert database.value(live) == 2

    foreign = olga.send(f"/ops/secrets/{row['id']}/revoke?subscriber=halyard")
    assert foreign.status_code == 404
    assert olga.send(f"/ops/secrets/{row['id']}/revoke?subscriber=pantry").status_code == 302
    assert database.value(live) == 1
    late = olga.send("/ops/secrets?subscriber=pantry", **wish)
    assert (late.status_code, found[0] in late.text) == (422, False)
    assert "sent before" in late.text
    actions = [entry["action"] for entry in olga.audit(f"secret:{row['id']}")]
    assert actions == ["secret.revoked", "secret.made"]
    assert found[0] not in olga.page("/ops/audit?entity=secret")


# --- Audit


def test_the_audit_says_who_changed_what_from_which_to_which(olga: Ops, database: Database) -> None:
    send(olga, "/ops/presence", "web_presence", **{**PRESENCE, "hold_text": "One moment."})
    send(olga, "/ops/presence", "web_presence", **{**PRESENCE, "hold_text": "Two moments."})
    key = of_pantry(database, "web_presence")["subscriber_id"]
    page = olga.page(f"/ops/audit?entity=web_presence:{key}")
    assert "<del>One moment.</del>" in page
    assert "<ins>Two moments.</ins>" in page
    assert "Olga" in page
    assert "<del>One moment.</del>" in olga.page("/ops/audit?entity=web_presence")
    assert "<del>One moment.</del>" not in olga.page("/ops/audit?entity=page")


@pytest.mark.parametrize(
    "query", ["actor=abc", "actor=99999999999999999999", "before=x", "entity=%25", "entity=%00"]
)
def test_odd_filters_of_the_audit_are_no_fault(olga: Ops, query: str) -> None:
    assert olga.web.client.get(f"/ops/audit?{query}").status_code in (200, 422)
