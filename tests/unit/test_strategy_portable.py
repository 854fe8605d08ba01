"""A catalogue on its way to another machine."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cordboard import propensity
from cordboard.cli.strategies import strategies
from cordboard.encoding import Number, Text
from cordboard.rules import parse
from cordboard.stack.errors import StackError
from cordboard.strategy import Catalogue, NamedRule, Offer, Reasons
from db.strategies import NotPortable, form_part
from db.strategies.facts import Facts
from db.strategies.portable import digest_of, facts_as_json, facts_from_json, inputs_of

RULE = parse({"any": [{"attribute": "segment", "is": "in", "value": ["gold", "silver"]}]})


def facts(model: propensity.Model | None = None) -> Facts:
    catalogue = Catalogue(
        7,
        (
            Offer(
                propensity.Offer(1, 0.25, 3), "A", 2**40, "service", ("ivr",),
                valid_to=date(2027, 1, 31),
            ),
            Offer(
                propensity.Offer(2, 0.5, 0), "B", 0, active=False, cooldown_days=0, max_exposures=0,
                rules=(NamedRule("Good", RULE), NamedRule("Old", None)),
            ),
        ),
        ((1, 2),),
        date(2026, 3, 1),
    )  # fmt: skip
    return Facts(catalogue, Reasons(catalogue), model, 4 if model else None)


def model() -> propensity.Model:
    parts = (Number("tenure_days", 30, 1, 2, (0.5,)), Text("segment", ("gold",)))
    return propensity.Model(parts, {1: propensity.Known(9, 3, -1.5, (0.1, 0.2, 0.3))})


@pytest.mark.parametrize("known", [None, model()])
def test_it_arrives_as_it_was(known: propensity.Model | None) -> None:
    sent = facts(known)
    arrived = facts_from_json(json.loads(json.dumps(facts_as_json(sent))))
    assert arrived.catalogue == sent.catalogue
    assert arrived.reasons.names == sent.reasons.names
    assert (arrived.model, arrived.model_id) == (sent.model, sent.model_id)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"form": 1}, "run the same release on every machine"),
        ({"offers": [{"id": 1}]}, "damaged"),
        ({"today": "yesterday"}, "damaged"),
        ({"model": {"form": 1, "parts": []}}, "damaged"),
    ],
)
def test_what_is_not_ours_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(NotPortable, match=why):
        facts_from_json({**facts_as_json(facts()), **change})


def test_a_day_alone_is_no_other_digest_but_the_first_day_of_an_offer_is() -> None:
    def on(day: date) -> Facts:
        sent = facts()
        return replace(sent, catalogue=replace(sent.catalogue, today=day))

    first, later, after = (on(date(*day)) for day in ((2026, 3, 1), (2027, 1, 31), (2027, 2, 1)))
    assert digest_of(first) == digest_of(later) != digest_of(after)
    assert inputs_of(first) != inputs_of(later)
    assert inputs_of(first) == f"{digest_of(first)}@2026-03-01"


def test_a_part_without_files_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(strategies, ["form", str(tmp_path)])
    assert isinstance(result.exception, StackError)
    assert "catalogue.json: No such file" in str(result.exception)
    (tmp_path / "catalogue.json").write_text("{", "utf-8")
    with pytest.raises(NotPortable, match="is no JSON"):
        form_part(tmp_path)
