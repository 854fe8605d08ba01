"""Rules of offers: read, refused with a place, evaluated, found impossible, read out."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard import rules
from cordboard.attributes import ATTRIBUTES
from cordboard.rules import RuleError
from support import rule_pairs

Json = dict[str, Any]


def is_(attribute: str, op: str, value: Any) -> Json:
    return {"attribute": attribute, "is": op, "value": value}


GOLD = is_("segment", "=", "gold")
RICH = is_("balance_cents", ">=", 5000)


@pytest.mark.parametrize("name", ["__init__", "words", "contradiction"])
def test_the_examples_hold(name: str) -> None:
    module = importlib.import_module(f"cordboard.rules.{name}".removesuffix(".__init__"))
    assert doctest.testmod(module).failed == 0


WRONG = [
    (None, "", "missing, not a condition"),
    ([], "", "a list, not a condition"),
    ({}, "", "empty"),
    ({"all": [GOLD], "any": [GOLD]}, "", "“all”, “any”"),
    ({"some": [GOLD]}, "", "“some”"),
    ({"all": GOLD}, "all", "list of conditions"),
    ({"any": []}, "any", "Add one"),
    ({"all": [GOLD, {"not": [GOLD]}]}, "all[1].not", "a list, not a condition"),
    ({"all": [GOLD, GOLD, is_("ballance_cents", "<", 1)]}, "all[2].attribute", "balance_cents?"),
    (is_("", "=", "x"), "attribute", "There are segment, language"),
    (is_("x" * 10**5, "=", "x"), "attribute", "…”"),
    (is_(["segment"], "=", "x"), "attribute", "in quotes"),
    (is_("segment", "<", "x"), "is", "use “=” or “!=” or “in”"),
    (is_("segment", None, "x"), "is", "missing does not go"),
    (is_("suspended", "!=", True), "is", "use “=”"),
    (is_("balance_cents", "in", [1]), "is", "“>=”"),
    (is_("balance_cents", "=", "12"), "value", "a number (cents: 5000 is 50.00)"),
    (is_("balance_cents", "=", True), "value", "a number (cents: 5000 is 50.00)"),
    (is_("balance_cents", "=", None), "value", "missing"),
    (is_("balance_cents", "=", 1.5), "value", "whole cents"),
    (is_("balance_cents", ">=", 50.0), "value", "write 5000 for 50.00, or 50 for 0.50"),
    (is_("balance_cents", "=", float("nan")), "value", "whole cents"),
    (is_("balance_cents", "=", float("inf")), "value", "whole cents"),
    (is_("balance_cents", "=", 10**15 + 1), "value", "too large"),
    (is_("balance_cents", "=", -(10**400)), "value", "too large"),
    (is_("segment", "=", 3), "value", "a text in quotes"),
    (is_("segment", "=", "x" * 10**5), "value", "100,000 characters"),
    (is_("segment", "=", "a\x00b"), "value", "control characters"),
    (is_("segment", "=", "\ud800"), "value", "control characters"),
    (is_("segment", "in", "gold"), "value", "list of texts"),
    (is_("segment", "in", ["a", 1]), "value[1]", "a text in quotes"),
    (is_("segment", "in", ["a"] * 101), "value", "at most 100"),
    (is_("suspended", "=", "yes"), "value", "true or false"),
    ({"attribute": "segment", "is": "="}, "", "“attribute”, “is” and “value”"),
    ({**GOLD, "x" * 10**5: 1}, "", "“attribute”, “is” and “value”"),
    ({"all": [RICH, {**GOLD, "why": "?"}]}, "all[1]", "“why”"),
    ({"all": [GOLD] * 51}, "all[50]", "more than 50"),
]


@pytest.mark.parametrize(("condition", "place", "says"), WRONG)
def test_refused_with_its_place(condition: Any, place: str, says: str) -> None:
    with pytest.raises(RuleError) as refusal:
        rules.parse(condition)
    assert refusal.value.place == place
    assert says in str(refusal.value)
    assert len(str(refusal.value)) < 600


def nested(deep: int) -> Json:
    return GOLD if deep == 1 else {"not": nested(deep - 1)}


def test_six_levels_and_no_more() -> None:
    assert rules.holds(rules.parse(nested(6)), {"segment": "silver"})
    with pytest.raises(RuleError, match=r"^not(\.not){5}: too deep"):
        rules.parse(nested(7))
    with pytest.raises(RuleError, match="too deep"):
        rules.parse(nested(900))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"all": [', "line 1, column 10: this is no JSON"),
        ("", "line 1, column 1"),
        ("[" * 40_000, "JSON|list"),
        (
            '{"attribute": "balance_cents", "is": "=", "value": ' + "9" * 5000 + "}",
            "cannot be read",
        ),
        (" " * 50_001, "50,000 characters"),
        ('{"attribute": "balance_cents", "is": "=", "value": NaN}', "whole cents"),
    ],
)
def test_typed_json_that_is_none(text: str, says: str) -> None:
    with pytest.raises(RuleError, match=says):
        rules.parse_text(text)


def test_typed_json() -> None:
    rule = rules.parse_text('{"attribute": "tenure_days", "is": ">", "value": 1e3}')
    assert rule == rules.Test("tenure_days", ">", 1000)


IMPOSSIBLE = [
    ({"all": [is_("balance_cents", "<", 10), is_("balance_cents", ">", 20)]}, "all[0] (balance"),
    ({"all": [GOLD, RICH, is_("segment", "=", "blue")]}, "all[0] (segment is gold) and all[2]"),
    (is_("segment", "in", []), "never true"),
    ({"all": [is_("segment", "in", ["a", "b"]), is_("segment", "in", ["c"])]}, "exclude each"),
    ({"all": [is_("balance_cents", ">", 1), is_("balance_cents", "<", 2)]}, "exclude each"),
    ({"all": [GOLD, {"not": GOLD}]}, "all[1].not (not (segment is gold))"),
    ({"not": {"any": [GOLD, is_("segment", "!=", "gold")]}}, "exclude each other"),
    ({"all": [is_("suspended", "=", True), {"not": is_("suspended", "=", True)}]}, "suspended"),
    (is_("calls_30d", "<", 0), "never true"),
    ({"all": [GOLD, {"any": [is_("segment", "=", x) for x in "ab"]}]}, "every alternative"),
    (
        {
            "all": [
                is_("accounts", ">=", 1),
                is_("accounts", "<=", 2),
                is_("accounts", "!=", 1),
                is_("accounts", "!=", 2),
            ]
        },
        "leave no value together",
    ),
]


@pytest.mark.parametrize(("condition", "says"), IMPOSSIBLE)
def test_what_nobody_can_match(condition: Json, says: str) -> None:
    reason = rules.contradiction(rules.parse(condition))
    assert reason is not None
    assert reason.startswith("Nobody can match: ")
    assert says in reason


def test_what_somebody_can_match() -> None:
    possible = [
        GOLD,
        {"all": [is_("balance_cents", ">", 1), is_("balance_cents", "<", 3)]},
        {"any": [is_("segment", "in", []), RICH]},
        {"not": is_("segment", "in", [])},
        {"all": [is_("segment", "!=", x) for x in "abcdef"]},
        is_("balance_cents", "<", 0),
        {"all": [GOLD, {"any": [is_("segment", "=", "a"), is_("segment", "=", "gold")]}]},
    ]
    assert [rules.contradiction(rules.parse(one)) for one in possible] == [None] * len(possible)


def test_a_rule_too_involved_to_look_through_is_taken_as_possible() -> None:
    numbers = [name for name, one in ATTRIBUTES.items() if one.type == "number"]
    never = {"any": [{"all": [GOLD, is_("segment", "=", x)]} for x in "ab"]}
    free = [{"any": [is_(name, "=", n) for n in (1, 2, 3)]} for name in numbers]
    assert rules.contradiction(rules.parse({"all": [never, *free[:4]]}))
    assert rules.contradiction(rules.parse({"all": [never, *free]})) is None


SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(rule_pairs.rules, st.lists(rule_pairs.customers, min_size=5, max_size=5))
def test_nobody_matches_what_is_called_impossible(rule: rules.Rule, people: list[Json]) -> None:
    """Of attributes as they are: counts are never below zero."""
    for one in people:
        real = {n: max(v, 0) if ATTRIBUTES[n].least == 0 else v for n, v in one.items()}
        assert not (rules.contradiction(rule) and rules.holds(rule, real))


@SOME
@given(rule_pairs.rules)
def test_json_and_back(rule: rules.Rule) -> None:
    assert rules.parse(rules.as_json(rule)) == rule
    assert rules.words(rule)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(rule_pairs.rules, min_size=32, max_size=32),
    st.lists(rule_pairs.customers, min_size=32, max_size=32),
)
def test_duckdb_agrees(several: list[rules.Rule], people: list[Json]) -> None:
    """10,240 pairs of a rule and a customer, 1,024 of them in one query."""
    parts: list[str] = []
    values: list[Any] = []
    for rule in several:
        one = rules.to_sql(rule, first=len(values) + 1)
        parts.append(one.text)
        values += one.values
    with duckdb.connect() as conn:
        conn.execute(f"CREATE TABLE customer_feature ({duckdb_columns()})")
        marks = ", ".join("?" * len(ATTRIBUTES))
        conn.executemany(
            f"INSERT INTO customer_feature VALUES (?, {marks})",
            [[n, *(one[name] for name in ATTRIBUTES)] for n, one in enumerate(people)],
        )
        query = f"SELECT {', '.join(parts)} FROM customer_feature ORDER BY n"
        found = conn.execute(query, values).fetchall()
    assert found == [tuple(rules.holds(rule, one) for rule in several) for one in people]


def duckdb_columns() -> str:
    kinds = {"number": "BIGINT", "text": "VARCHAR", "flag": "BOOLEAN"}
    return ", ".join(["n INTEGER", *(f"{n} {kinds[a.type]}" for n, a in ATTRIBUTES.items())])


def test_parameters_go_on_where_another_rule_ended() -> None:
    one = rules.to_sql(rules.parse({"not": {"any": [GOLD, RICH]}}), first=4, table="f")
    assert one.text == '(NOT (f."segment" = $4::text OR f."balance_cents" >= $5::bigint))'
    assert one.values == ("gold", 5000)
    assert one.psycopg == '(NOT (f."segment" = %s::text OR f."balance_cents" >= %s::bigint))'
    with pytest.raises(ValueError, match="no alias"):
        rules.to_sql(rules.parse(GOLD), table="f; DROP TABLE offer; --")


def test_no_rule_is_for_everybody() -> None:
    everybody = rules.both([])
    assert rules.holds(everybody, {})
    assert rules.to_sql(everybody).text == "TRUE"
    assert rules.words(everybody) == "everybody"
    assert rules.both([rules.parse(GOLD)]) == rules.parse(GOLD)


def test_in_words() -> None:
    rule = rules.parse(
        {
            "all": [
                {"any": [GOLD, is_("segment", "in", ["silver", "blue", ""])]},
                is_("tenure_days", ">=", 1000),
                {"not": is_("suspended", "=", True)},
                {"not": RICH},
            ]
        }
    )
    assert rules.words(rule) == (
        "(segment is gold, or segment is silver, blue or empty), tenure is at least 1,000 days,"
        " no account is suspended, and not (balance is at least 50.00)"
    )
