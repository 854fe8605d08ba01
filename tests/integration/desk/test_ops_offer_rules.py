"""The rules of an offer: typed in rows or as JSON, counted first, refused with a place."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis
from flask import Flask
from ops_words import Ops, enter

from support.database import Database

Json = dict[str, Any]

ROWS: Json = {
    "name": "Tea drinker",
    "written": "rows",
    "combine": "all",
    "rows-0-attribute": "segment",
    "rows-0-op": "in",
    "rows-0-value": "gold, silver",
    "rows-1-attribute": "purchases_365d",
    "rows-1-op": ">=",
    "rows-1-value": "1,000",
    "rows-2-attribute": "",
    "rows-2-op": "=",
    "rows-2-value": "",
    "active": "y",
}
GOLD = {"attribute": "segment", "is": "=", "value": "gold"}


@pytest.fixture
def olga(app: Flask, live: redis.Redis, database: Database) -> Ops:
    database.rows("DELETE FROM offer_rule WHERE name LIKE 'Tea%%' RETURNING 1")
    return Ops(enter(app, live, database, "olga"), database)


@pytest.fixture
def rules(database: Database) -> str:
    """Address of the rules of an offer that has none."""
    return f"/ops/offers/{database.value(OFFER, 'PAN-DOORSTEP')}/rules"


OFFER = "SELECT id FROM offer WHERE code = %s"


def stored(database: Database) -> Json:
    (found,) = database.rows("SELECT * FROM offer_rule WHERE name LIKE 'Tea%%'")
    return found


def typed(condition: object, **more: Any) -> Json:
    text = condition if isinstance(condition, str) else json.dumps(condition)
    return {"name": "Tea as JSON", "written": "json", "json": text, "active": "y", **more}


def test_rows_become_a_condition(olga: Ops, database: Database, rules: str) -> None:
    answer = olga.send(f"{rules}/new", **ROWS)
    assert answer.status_code == 302, answer.text
    row = stored(database)
    assert row["condition"] == {
        "all": [
            {"attribute": "segment", "is": "in", "value": ["gold", "silver"]},
            {"attribute": "purchases_365d", "is": ">=", "value": 1000},
        ]
    }
    page = olga.page(rules)
    assert "segment is gold or silver, and number of purchases in a year is at least 1,000" in page
    entry = olga.audit(f"offer_rule:{row['id']}")[0]
    assert (entry["action"], entry["data"]["name"]) == ("offer_rule.added", "Tea drinker")
    assert 'value="gold, silver"' in olga.page(f"{rules}/{row['id']}")


def test_a_preview_counts_and_stores_nothing(olga: Ops, database: Database, rules: str) -> None:
    sent = {**ROWS, "rows-1-op": "<", "preview": "1"}
    answer = olga.send(f"{rules}/new", **sent)
    assert answer.status_code == 200
    wanted = "SELECT count(*) FROM customer_feature WHERE subscriber_id = 2"
    everybody = database.value(wanted)
    some = database.value(wanted + " AND segment IN ('gold', 'silver') AND purchases_365d < 1000")
    assert f"Matches {some} of {everybody} customers" in answer.text
    assert "for example" in answer.text
    assert "/ops/what-if?subscriber=pantry&amp;customer=P1" in answer.text
    assert 'value="gold, silver"' in answer.text
    assert database.value("SELECT count(*) FROM offer_rule WHERE name LIKE 'Tea%%'") == 0


def test_what_is_nested_is_typed_as_json(olga: Ops, database: Database, rules: str) -> None:
    condition = {"any": [GOLD, {"not": {"all": [GOLD, {**GOLD, "value": "x, y"}]}}]}
    assert olga.send(f"{rules}/new", **typed(condition)).status_code == 302
    assert stored(database)["condition"] == condition
    page = olga.page(f"{rules}/{stored(database)['id']}")
    assert "segment is gold, or not (segment is gold, and segment is x, y)" in page
    assert '<input checked id="written-1"' in page


CENTS = {"rows-1-attribute": "purchase_cents_365d"}
WRONG = [
    ({"rows-1-attribute": "purchases"}, "all[1].attribute: there is no attribute “purchases”"),
    ({"rows-1-attribute": "x" * 10**5}, "all[1].attribute: there is no attribute"),
    ({"rows-1-attribute": ""}, "all[1].attribute: there is no attribute"),
    ({"rows-1-value": "many"}, "all[1].value: this is a text; purchases_365d is a number"),
    ({"rows-1-value": ""}, "all[1].value: this is missing"),
    ({"rows-1-value": "1.5"}, "all[1].value: 1.5 is no whole number"),
    (CENTS | {"rows-1-value": "50.00"}, "write 5000 for 50.00, or 50 for 0.50"),
    (CENTS | {"rows-1-value": "1,234.50"}, "write 123450 for 1234.50"),
    (CENTS | {"rows-1-value": "50,00"}, "a number (cents: 5000 is 50.00)"),
    ({"rows-1-value": "9" * 25}, "all[1].value: the number is too large"),
    ({"rows-1-value": "9" * 5000}, "all[1].value: the number is too large"),
    ({"rows-1-op": "in"}, "all[1].is: “in” does not go with purchases_365d"),
    ({"rows-0-op": "<"}, "all[0].is: “&lt;” does not go with segment"),
    ({"rows-0-value": ""}, "Nobody can match"),
    ({"rows-0-value": "x" * 10**5}, "100,000 characters"),
    ({"combine": "any", "rows-1-value": "x"}, "any[1].value"),
    (
        {"rows-0-attribute": "purchases_365d", "rows-0-op": "<", "rows-0-value": "10"},
        "all[0] (number of purchases in a year is below 10) and all[1]",
    ),
    ({"name": ""}, "Give the rule a name"),
    ({"name": "x" * 10**5}, "120"),
    ({"written": "xml"}, "Not a valid choice"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
@pytest.mark.parametrize("button", [{}, {"preview": "1"}])
def test_wrong_rows_are_refused_with_their_place(
    olga: Ops, database: Database, rules: str, wrong: Json, sentence: str, button: Json
) -> None:
    answer = olga.send(f"{rules}/new", **{**ROWS, **wrong}, **button)
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = "rows-0-value" if "rows-1-value" not in wrong else "rows-1-value"
    assert f'value="{wrong.get(kept, ROWS[kept])}"' in answer.text
    assert database.value("SELECT count(*) FROM offer_rule WHERE name LIKE 'Tea%%'") == 0


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ('{"all": [', "line 1, column 10"),
        ("", "line 1, column 1"),
        ({"all": [GOLD, {**GOLD, "attribute": "segmant"}]}, "Did you mean segment?"),
        ({"all": [GOLD, {**GOLD, "value": 7}]}, "all[1].value: this is a number"),
        ({"all": [GOLD, {**GOLD, "value": "silver"}]}, "exclude each other"),
        ({**GOLD, "is": "in", "value": []}, "is never true"),
        ({"not": {"not": {"not": {"not": {"not": {"not": GOLD}}}}}}, "too deep"),
        ({"all": [GOLD] * 51}, "more than 50"),
        ("[" * 40_000, "JSON"),
        (" " * 50_001, "50,000"),
    ],
)
def test_wrong_json_is_refused_with_its_place(
    olga: Ops, database: Database, rules: str, condition: object, sentence: str
) -> None:
    answer = olga.send(f"{rules}/new", **typed(condition))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert database.value("SELECT count(*) FROM offer_rule WHERE name LIKE 'Tea%%'") == 0


def test_no_rows_are_no_rule(olga: Ops, rules: str) -> None:
    empty = {name: "" if name.startswith("rows") else value for name, value in ROWS.items()}
    answer = olga.send(f"{rules}/new", **empty)
    assert answer.status_code == 422
    assert "at least one row" in answer.text


def test_a_rule_of_another_offer_is_none(olga: Ops, database: Database, rules: str) -> None:
    olga.send(f"{rules}/new", **ROWS)
    rule = stored(database)["id"]
    for other in ("PAN-ALLERGY", "HAL-TV"):
        path = f"/ops/offers/{database.value(OFFER, other)}/rules/{rule}"
        assert olga.web.client.get(path).status_code == 404
        assert olga.send(path, **ROWS, version="1").status_code == 404
    assert stored(database)["version"] == 1


def test_one_name_once_an_offer(olga: Ops, rules: str) -> None:
    assert olga.send(f"{rules}/new", **ROWS).status_code == 302
    again = olga.send(f"{rules}/new", **ROWS)
    assert again.status_code == 422
    assert "a rule of this name already" in again.text


def test_the_second_who_edits_is_told_and_loses_nothing(
    olga: Ops, database: Database, rules: str
) -> None:
    olga.send(f"{rules}/new", **ROWS)
    path = f"{rules}/{stored(database)['id']}"
    other = {**ROWS, "version": "1", "rows-0-value": "gold"}
    assert olga.send(path, **other).status_code == 302
    late = olga.send(path, **{**ROWS, "version": "1", "rows-0-value": "blue"})
    assert late.status_code == 409
    assert 'value="blue"' in late.text
    assert "Stored now: segment in gold" in late.text
    assert olga.send(path, **{**ROWS, "version": "2", "rows-0-value": "blue"}).status_code == 302
    assert stored(database)["condition"]["all"][0]["value"] == ["blue"]


def test_rules_that_shut_everybody_out_together_are_pointed_at(
    olga: Ops, database: Database, rules: str
) -> None:
    olga.send(f"{rules}/new", **ROWS)
    olga.send(f"{rules}/new", **typed({**GOLD, "value": "blue"}))
    page = olga.page(rules)
    assert "These rules shut everybody out" in page
    assert "Matches 0 of" in page
    both = database.rows("SELECT id FROM offer_rule WHERE name LIKE 'Tea%%' ORDER BY id")
    off = {**typed({**GOLD, "value": "blue"}), "version": "1"}
    del off["active"]
    assert olga.send(f"{rules}/{both[1]['id']}", **off).status_code == 302
    assert "Switched off" in olga.page(rules)


def test_a_stored_rule_that_cannot_be_read_any_more_is_shown(
    olga: Ops, database: Database, rules: str
) -> None:
    offer = rules.split("/")[3]
    database.rows(
        "INSERT INTO offer_rule (offer_id, name, condition)"
        """ VALUES (%s, 'Tea of old', '{"attribute": "mood", "is": "=", "value": "x"}')"""
        " RETURNING 1",
        offer,
    )
    assert "no attribute “mood”" in olga.page(rules)
    assert "&#34;mood&#34;" in olga.page(f"{rules}/{stored(database)['id']}")


def test_the_menu_stays_with_the_subscriber_of_the_page(olga: Ops, rules: str) -> None:
    for path in (rules, "/ops/offers?subscriber=pantry", "/ops/acceptance?subscriber=pantry"):
        assert 'href="/ops/models?subscriber=pantry"' in olga.page(path)
    assert "subscriber=" not in olga.page("/ops/audit").partition("</nav>")[0]


def test_no_browser_cuts_what_is_typed(olga: Ops, rules: str) -> None:
    for path in (f"{rules}/new", "/ops/offers/new?subscriber=pantry", "/ops/pages/new",
                 "/ops/routing/new", "/ops/presence", "/ops/secrets"):  # fmt: skip
        form = olga.page(path).partition("<main")[2]
        assert "maxlength" not in form, path


def test_a_preview_begins_with_what_was_asked_for(olga: Ops, rules: str) -> None:
    assert "data-result" in olga.send(f"{rules}/new", **ROWS, preview="1").text
    assert "data-result" not in olga.page(f"{rules}/new")
