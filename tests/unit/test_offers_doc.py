"""docs/offers.md tells of every attribute, and its examples are rules."""

from __future__ import annotations

import json
import re

import pytest

from cordboard import rules
from cordboard.attributes import ATTRIBUTES
from cordboard.rules import MOST_CONDITIONS, MOST_DEEP
from cordboard.settings import ROOT

TEXT = (ROOT / "docs" / "offers.md").read_text(encoding="utf-8")


def test_the_table_has_every_attribute() -> None:
    part = TEXT.split("## What is known of a customer")[1].split("\n\n")[0]
    rows = [re.split(r" *\| *", line.strip())[1:-1] for line in part.splitlines()[3:]]
    wanted = [[f"`{a.name}`", a.type, a.unit or "–", a.meaning] for a in ATTRIBUTES.values()]
    assert rows == wanted


def test_the_example_is_a_rule() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    rule = rules.parse(json.loads(example))
    assert rules.contradiction(rule) is None
    assert f"at most {MOST_DEEP} levels deep and with {MOST_CONDITIONS} conditions" in TEXT


def is_(op: str, value: object, attribute: str = "balance_cents") -> dict[str, object]:
    return {"attribute": attribute, "is": op, "value": value}


@pytest.mark.parametrize(
    "parts", [[is_("<", 1), is_(">", 0), is_("=", 1, "ballance_cents")], [is_("<", "x")]]
)
def test_the_refusals_are_those_of_the_program(parts: list[dict[str, object]]) -> None:
    with pytest.raises(rules.RuleError) as refusal:
        rules.parse({"all": parts})
    assert f"`{refusal.value}`" in TEXT


def test_the_contradiction_is_that_of_the_program() -> None:
    rule = rules.parse({"all": [is_("<", 10), is_(">", 20)]})
    assert f"`{rules.contradiction(rule)}`" in TEXT
