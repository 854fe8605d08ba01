"""Questions and decisions on their way: whole after the journey, and nothing else is taken."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.decision import Question, decide
from cordboard.question import CHANNELS, KINDS
from decider import DeciderAway
from decider.wire import (
    BadQuestion,
    NotJson,
    answer_of,
    question_json,
    read_decision,
    read_question,
)
from support.decider import FACTS

CALL = "0190b7a4-12ab-7cde-8f01-0123456789ab"
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
SEEN = st.fixed_dictionaries(
    {},
    optional={
        "free": st.integers(0, 500),
        "skills": st.dictionaries(SLUGS, st.integers(0, 50), max_size=3),
        "wait_s": st.none() | st.floats(0, 10_000),
        "skill_waits": st.dictionaries(SLUGS, st.floats(0, 900), max_size=3),
    },
)
QUESTIONS = st.builds(
    Question,
    call=st.sampled_from(["", CALL]),
    customer=st.integers(0, 2**63 - 1),
    subscriber=SLUGS,
    channel=st.sampled_from(CHANNELS),
    kinds=st.sampled_from([(), KINDS, ("sales",), ("service",)]),
    reason=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200),
    group=SLUGS | st.just(""),
    resources=st.dictionaries(SLUGS, SEEN, max_size=4),
    at_ms=st.integers(1, 2_000_000_000_000),
    ivr=st.booleans(),
)
ASKED = Question(CALL, 7, "halyard", group="desk", resources={"desk": {"free": 1}}, at_ms=1)


@given(QUESTIONS)
def test_a_question_arrives_as_it_was_asked(question: Question) -> None:
    assert read_question(question_json(question)) == question


@given(QUESTIONS, st.integers(0, 100))
def test_a_decision_comes_back_as_it_was_made(question: Question, seed: int) -> None:
    made = decide(replace(question, customer=7), FACTS, Random(seed))
    record = orjson.loads(orjson.dumps(made.as_json()))
    assert read_decision(record, made.question).as_json() == made.as_json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("call", "../x"),
        ("call", None),
        ("customer", "7"),
        ("customer", -1),
        ("customer", 2**63),
        ("customer", True),
        ("subscriber", "x' OR true --"),
        ("subscriber", "a" * 100_000),
        ("channel", "fax"),
        ("kinds", ["gifts"]),
        ("kinds", "sales"),
        ("reason", "a\r\nb"),
        ("reason", "x" * 201),
        ("group", "A B"),
        ("resources", []),
        ("resources", {"desk": {"free": -1}}),
        ("resources", {"desk": {"free": 1.5}}),
        ("resources", {"desk": {"wait_s": "soon"}}),
        ("resources", {"desk": {"unknown": 1}}),
        ("resources", {"Desk!": {}}),
        ("at_ms", 1e300),
        ("at_ms", 0),
        ("ivr", 1),
        ("surprise", 1),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    asked = {**orjson.loads(question_json(ASKED)), field: value}
    with pytest.raises(BadQuestion) as caught:
        read_question(orjson.dumps(asked))
    assert caught.value.errors[0]["pointer"].startswith(f"/{field}")
    assert caught.value.errors[0]["detail"]
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_what_is_no_json_is_told_as_that(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_question(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b"NaN", b'"x"', b"[" * 5000 + b"]" * 5000])
def test_what_is_json_of_another_kind_is_refused(body: bytes) -> None:
    with pytest.raises(BadQuestion):
        read_question(body)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "another release"),
        (200, b"{}", "another release"),
        (200, b"null", "another release"),
        (503, b'{"detail": "go on without one"}', "go on without one"),
        (502, b"[]", "502"),
        (502, b"Bad gateway", "another release"),
    ],
)
def test_whatever_a_service_answers_there_is_a_decision_or_one_error(
    status: int, body: bytes, said: str
) -> None:
    with pytest.raises(DeciderAway, match=said):
        answer_of(status, body, ASKED)
