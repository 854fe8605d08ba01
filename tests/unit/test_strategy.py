"""Ranked lists: the order, the reasons, and the rows that are written."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard import propensity
from cordboard.strategy import (
    STATUSES,
    Answers,
    Catalogue,
    NamedRule,
    Offer,
    Ranked,
    Reasons,
    keep_out,
    rank,
    rivals,
)
from cordboard.strategy.reasons import ANOTHER_RULE
from db.strategies.copy_rows import encode

TODAY = date(2026, 3, 1)
DAY_S = 86_400


def offer(id_: int, **more: object) -> Offer:
    return Offer(propensity.Offer(id_, 0.1, 20), f"O{id_}", 1000, **more)  # type: ignore[arg-type]


def catalogue(*offers: Offer, exclusions: Sequence[tuple[int, int]] = ()) -> Catalogue:
    return Catalogue(1, offers, tuple(exclusions), TODAY)


def ranked(
    p: Sequence[Sequence[float]],
    values: Sequence[int],
    open_: object = True,
    best: int = 8,
    sets: Sequence[Sequence[int]] | None = None,
) -> Ranked:
    """Without ``sets`` all are rivals."""
    matrix = np.array(p, np.float32)
    among = [np.array(one) for one in sets or [range(matrix.shape[1])]]
    return rank(matrix, values, np.broadcast_to(open_, matrix.shape), among, best)


class TestRanking:
    def test_by_expected_value_not_by_value_or_probability(self) -> None:
        found = ranked([[0.9, 0.1, 0.5]], [100, 2000, 300])
        assert found.columns.tolist() == [[1, 2, 0]]
        assert found.ev_cents.tolist() == [[200, 150, 90]]
        assert found.p[0].tolist() == pytest.approx([0.1, 0.5, 0.9])

    def test_of_equal_ones_the_first_column_each_time(self) -> None:
        found = ranked([[0.5] * 6] * 5000, [100] * 6, best=4)
        assert (found.columns == [0, 1, 2, 3]).all()

    def test_without_value_comes_last_but_is_there(self) -> None:
        found = ranked([[0.9, 0.1, 0.9]], [0, 5, 0])
        assert found.columns.tolist() == [[1, 0, 2]]
        assert found.counts.tolist() == [3]

    def test_what_is_kept_out_is_in_no_list(self) -> None:
        open_ = np.array([[True, False, True], [False, False, False]])
        found = ranked([[0.1, 0.9, 0.2]] * 2, [10, 10, 10], open_)
        assert found.counts.tolist() == [2, 0]
        assert found.columns[0, :2].tolist() == [2, 0]

    def test_only_the_best_ones(self) -> None:
        p = np.random.default_rng(1).random((9000, 20), np.float32)
        found = ranked(p.tolist(), list(range(100, 2100, 100)), best=5)
        worth = p * np.arange(100, 2100, 100, dtype=np.float32)
        assert (found.columns == np.argsort(-worth, axis=1, kind="stable")[:, :5]).all()

    def test_fifty_offers_leave_room_for_those_without_value(self) -> None:
        """Sales offers with a value and service offers without one do not push each other out."""
        values = [100 * place if place < 40 else 0 for place in range(50)]
        found = ranked([[0.5] * 50] * 5000, values, sets=[range(40), range(40, 50)])
        assert (found.columns == [*range(39, 31, -1), *range(40, 48)]).all()
        assert (found.counts == 16).all()
        assert np.flatnonzero(found.left_out[0]).tolist() == [*range(32), 48, 49]
        assert (found.left_out == found.left_out[0]).all()

    def test_an_offer_among_the_best_of_two_sets_is_there_once(self) -> None:
        found = ranked([[0.5] * 6] * 2, [9, 8, 7, 3, 2, 1], best=2, sets=[range(6), (2, 3, 4)])
        assert found.counts.tolist() == [4, 4]
        assert found.columns[:, :4].tolist() == [[0, 1, 2, 3]] * 2
        assert np.flatnonzero(found.left_out[0]).tolist() == [4, 5]

    def test_what_is_kept_out_is_not_left_out_and_makes_room(self) -> None:
        open_ = [[True, False, True, True, True], [False] * 5]
        found = ranked([[0.5] * 5] * 2, [9, 8, 7, 6, 5], open_, best=2, sets=[range(4), (4,)])
        assert found.counts.tolist() == [3, 0]
        assert found.columns[0].tolist() == [0, 2, 4]
        assert found.left_out.tolist() == [[False, False, False, True, False], [False] * 5]

    @given(st.data())
    def test_as_one_would_do_it_by_hand(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, 12))
        places = st.sets(st.integers(0, number - 1), min_size=1)
        sets = [sorted(one) for one in data.draw(st.lists(places, max_size=3))]
        # Each offer is in one set at least.
        sets.append(sorted(set(range(number)) - {place for one in sets for place in one}) or [0])
        values = data.draw(st.lists(st.integers(0, 5), min_size=number, max_size=number))
        open_ = data.draw(st.lists(st.booleans(), min_size=number, max_size=number))
        best = data.draw(st.integers(1, 4))
        found = ranked([[0.5] * number], values, [open_], best, sets)

        def order(some: Sequence[int]) -> list[int]:
            return sorted((at for at in some if open_[at]), key=lambda at: (-values[at], at))

        listed = {place for one in sets for place in order(one)[:best]}
        assert found.columns[0, : found.counts[0]].tolist() == order(sorted(listed))
        beaten = [place for place in range(number) if open_[place] and place not in listed]
        assert np.flatnonzero(found.left_out[0]).tolist() == beaten

    def test_nobody_and_nothing(self) -> None:
        assert rank(
            np.zeros((1, 0), np.float32), [], np.ones((1, 0), bool), []
        ).counts.tolist() == [0]
        nobody = np.zeros((0, 3), np.float32)
        assert rank(nobody, [1, 2, 3], nobody == 0, [np.arange(3)], 2).counts.size == 0

    def test_more_than_a_number_holds_is_the_most_there_is(self) -> None:
        assert ranked([[1.0]], [2**60]).ev_cents.tolist() == [[2_147_000_000]]


def test_rivals_are_of_one_kind_and_channel() -> None:
    offers = [
        offer(1, channels=("agent", "web")),
        offer(2, channels=("agent", "ivr", "web")),
        offer(3, kind="service", channels=("agent",)),
        offer(4, channels=()),
    ]
    assert [one.tolist() for one in rivals(offers)] == [[0, 1], [1], [2], [3]]


def reason(
    offers: Catalogue,
    by_rule: Mapping[int, str] | None = None,
    **answer: object,
) -> list[str]:
    """The reasons of one customer with one answer about the first offer, '' where there is none."""
    reasons = Reasons(offers)
    found = np.zeros((1, len(offers.offers)), np.uint8)
    for place, name in (by_rule or {}).items():
        found[0, place] = reasons.byte(name)
    told = {"status": "open", "times": 0, "seconds": np.inf, "offer": 0, **answer}
    answers = Answers(
        customers=np.array([0]),
        offers=np.array([told["offer"]], np.int64),
        status=np.array([STATUSES.index(str(told["status"]))]),
        times=np.array([told["times"]], np.int64),
        seconds=np.array([told["seconds"]], np.float64),
    )
    names = ["", *reasons.names]
    return [names[byte] for byte in keep_out(found, answers, offers, reasons)[0]]


class TestReasons:
    def test_nothing_keeps_it_out(self) -> None:
        assert reason(catalogue(offer(1), offer(2))) == ["", ""]

    @pytest.mark.parametrize(
        ("one", "answer", "why"),
        [
            ({"active": False}, {}, "not_active"),
            ({"valid_from": TODAY + timedelta(1)}, {}, "not_valid_today"),
            ({"valid_to": TODAY - timedelta(1)}, {}, "not_valid_today"),
            ({"valid_from": TODAY, "valid_to": TODAY}, {}, ""),
            ({}, {"status": "accepted"}, "accepted"),
            ({}, {"status": "declined"}, "declined"),
            ({}, {"status": "withdrawn"}, "withdrawn"),
            ({}, {"status": "presented", "seconds": 30 * DAY_S + 1, "times": 4}, ""),
            ({}, {"status": "presented", "seconds": 30 * DAY_S - 1, "times": 1}, "cooling_down"),
            ({}, {"status": "later", "seconds": 1, "times": 1}, ""),
            ({}, {"status": "later", "seconds": 1, "times": 5}, "exposure_limit"),
            ({"cooldown_days": 0}, {"seconds": 0, "times": 1}, ""),
            ({"max_exposures": 0}, {"seconds": 31 * DAY_S, "times": 900}, ""),
            ({"active": False}, {"status": "accepted", "times": 9}, "not_active"),
            ({}, {"status": "declined", "times": 9, "seconds": 1}, "declined"),
        ],
    )
    def test_each(self, one: dict[str, object], answer: dict[str, object], why: str) -> None:
        assert reason(catalogue(offer(1, **one), offer(2)), **answer) == [why, ""]

    def test_a_rule_comes_before_how_often_and_after_what_was_answered(self) -> None:
        offers = catalogue(offer(1, rules=(NamedRule("Pays", None),)))
        assert reason(offers, {0: "rule:Pays"}, times=9, seconds=1) == ["rule:Pays"]
        assert reason(offers, {0: "rule:Pays"}, status="accepted") == ["accepted"]

    def test_excluded_by_the_accepted_one_both_ways(self) -> None:
        offers = catalogue(offer(1), offer(2), offer(3), exclusions=[(1, 2), (1, 3)])
        assert reason(offers, status="accepted") == ["accepted", "excluded_by:O1", "excluded_by:O1"]
        assert reason(offers, status="accepted", offer=1) == ["excluded_by:O2", "accepted", ""]
        assert reason(offers, status="declined", offer=1) == ["", "declined", ""]

    def test_an_exclusion_with_another_catalogue_is_nothing(self) -> None:
        assert reason(catalogue(offer(1), exclusions=[(1, 99)]), status="accepted") == ["accepted"]

    def test_more_rules_than_bytes_share_the_last(self) -> None:
        rules = tuple(NamedRule(f"R{n}", None) for n in range(400))
        reasons = Reasons(catalogue(offer(1, rules=rules)))
        assert len(reasons.names) == 255
        assert reasons.names[reasons.byte("rule:R399") - 1] == ANOTHER_RULE
        assert reasons.names[reasons.byte("rule:R0") - 1] == "rule:R0"


def test_rows_are_those_of_the_format() -> None:
    found = Ranked(
        np.array([2, 0]),
        np.array([[1, 0], [0, 0]]),
        np.array([[0.5, 0.25], [0, 0]], np.float32),
        np.array([[7, 6], [0, 0]], np.int32),
        np.zeros((2, 2), np.bool_),
    )
    kept_out = np.array([[0, 0, 3], [1, 2, 3]], np.uint8)
    rows = [
        bytes(piece) for piece in encode(9, np.array([41, 42]), found, np.array([11, 22]), kept_out)
    ]

    def field(value: bytes) -> bytes:
        return struct.pack(">i", len(value)) + value

    def array(kind: int, *elements: bytes) -> bytes:
        head = struct.pack(">iii", bool(elements), 0, kind)
        size = struct.pack(">ii", len(elements), 1) if elements else b""
        return field(head + size + b"".join(map(field, elements)))

    def row(customer: int, offers: bytes, p: bytes, ev: bytes, out: bytes) -> bytes:
        head = struct.pack(">h", 6) + field(struct.pack(">q", customer))
        return head + field(struct.pack(">i", 9)) + offers + p + ev + field(out)

    assert rows == [
        row(42, array(23), array(700), array(23), b"\1\2\3"),
        row(
            41,
            array(23, struct.pack(">i", 22), struct.pack(">i", 11)),
            array(700, struct.pack(">f", 0.5), struct.pack(">f", 0.25)),
            array(23, struct.pack(">i", 7), struct.pack(">i", 6)),
            b"\0\0\3",
        ),
    ]
