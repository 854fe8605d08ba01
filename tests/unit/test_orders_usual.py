"""What is suggested: habits by hour and day, changes of taste at once, nothing that is not sold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Option, Product
from cordboard.orders.usual import Past, Weights, likeness, usual

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=CHICAGO)
DAY = timedelta(days=1)


def basket(*products: str, method: str = "pick_up") -> Basket:
    return Basket(tuple(Line(product) for product in products), method, "LOOP")


COFFEE, PIZZA, TEA = basket("COFFEE"), basket("PIZZA", "COLA"), basket("TEA")


def weeks(what: Basket, first: datetime, *days: int, of: int = 4) -> list[Past]:
    """Orders on these days (0 is the first) of so many weeks before ``first``."""
    return [Past(what, first - (7 * week - day) * DAY) for week in range(1, of + 1) for day in days]


BREAKFASTS = weeks(COFFEE, MONDAY, 0, 1, 2, 3)
PARTIES = weeks(PIZZA, MONDAY.replace(hour=19), 4)


def first(history: list[Past], now: datetime, **more: Any) -> Basket:
    return usual(history, now, **more)[0].basket


def test_who_never_ordered_has_no_usual() -> None:
    assert usual([], MONDAY) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (MONDAY, COFFEE),
        (MONDAY + DAY, COFFEE),
        (MONDAY.replace(hour=19) + 4 * DAY, PIZZA),
        (MONDAY.replace(hour=18) + 4 * DAY, PIZZA),
        (MONDAY + 3 * DAY, COFFEE),
    ],
)
def test_the_hour_and_the_day_decide(now: datetime, expected: Basket) -> None:
    assert first(BREAKFASTS + PARTIES, now) == expected


def test_hours_are_those_of_the_clients_location_whatever_zone_the_history_is_in() -> None:
    utc = [Past(past.basket, past.at.astimezone(UTC)) for past in BREAKFASTS + PARTIES]
    for now in (MONDAY, MONDAY.replace(hour=19) + 4 * DAY):
        assert usual(utc, now) == usual(BREAKFASTS + PARTIES, now)


def test_midnight_is_near_to_both_of_its_sides() -> None:
    late, early = MONDAY.replace(hour=23, minute=30), MONDAY.replace(hour=0, minute=30)
    assert likeness(late, early) == likeness(early, late)
    assert likeness(late, early) > 10 * likeness(late.replace(hour=12), early)


def test_an_hour_and_a_half_is_half_as_like() -> None:
    assert likeness(MONDAY, MONDAY) == 1
    assert likeness(MONDAY, MONDAY + timedelta(minutes=88)) == pytest.approx(0.5, abs=0.02)


def test_a_new_taste_is_learned_from_a_few_orders_however_long_the_old_one_lasted() -> None:
    coffee = [Past(COFFEE, MONDAY - days * DAY) for days in range(10, 200) if days % 7 < 5]
    tea = [Past(TEA, MONDAY - days * DAY) for days in (7, 6, 5, 4, 3)]
    assert first(coffee + tea[:2], MONDAY) == COFFEE
    assert first(coffee + tea, MONDAY) == TEA


def test_what_was_ordered_in_other_cases_makes_no_habit_older() -> None:
    """A party once a month is the usual one again, after thirty breakfasts."""
    party = [Past(PIZZA, MONDAY.replace(hour=19) - 31 * DAY)]
    breakfasts = [Past(COFFEE, MONDAY - days * DAY) for days in range(1, 31)]
    assert first(party + breakfasts, MONDAY.replace(hour=19) - 3 * DAY) == PIZZA


def test_what_else_may_be_meant_is_a_habit_and_not_what_was_ordered_once() -> None:
    lunch, other = basket("SOUP"), basket("ROLL")
    habits = [Past(lunch if days % 2 else other, MONDAY - days * DAY) for days in range(8, 60)]
    just_now = [Past(COFFEE, MONDAY - days * DAY) for days in (3, 4, 5, 6)]
    once = Past(PIZZA, MONDAY - 7 * DAY)
    found = [one.basket for one in usual([*habits, *just_now, once], MONDAY)]
    assert found[0] == COFFEE
    assert set(found[1:]) == {lunch, other}


def test_an_order_counts_from_the_moment_it_is_in_the_history() -> None:
    order = Past(TEA, MONDAY - timedelta(minutes=1))
    assert first([order], MONDAY) == TEA
    assert order.basket in [one.basket for one in usual([*BREAKFASTS, order], MONDAY)]


def test_scores_are_shares_and_the_best_comes_first() -> None:
    found = usual(BREAKFASTS + PARTIES + weeks(TEA, MONDAY, 5), MONDAY)
    assert sum(one.score for one in found) == pytest.approx(1)
    assert found[0].score == max(one.score for one in found)
    assert len(usual(BREAKFASTS + PARTIES, MONDAY, most=1)) == 1


def test_one_sentence_says_why() -> None:
    history = [*BREAKFASTS, Past(TEA, MONDAY - DAY), Past(PIZZA, MONDAY - timedelta(hours=1))]
    why = {one.basket: one.why for one in usual(history, MONDAY)}
    assert why[COFFEE] == "ordered 16 times, last 4 days ago, 4 times on a Monday"
    assert why[TEA] == "ordered once, last yesterday"
    assert why[PIZZA] == "ordered once, last today"


PASTS = st.lists(
    st.builds(
        Past,
        st.sampled_from([COFFEE, PIZZA, TEA, basket("COLA", "PIZZA"), basket("COFFEE", "CAKE")]),
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    ),
    max_size=30,
)


@given(PASTS, st.randoms(use_true_random=False))
def test_the_order_of_the_history_does_not_matter(history: list[Past], random: Any) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    before = [(one.basket.key, one.score) for one in usual(history, MONDAY)]
    assert [(one.basket.key, one.score) for one in usual(shuffled, MONDAY)] == before
    assert len({key for key, _ in before}) == len(before)


@given(PASTS)
def test_far_history_and_far_future_give_finite_scores(history: list[Past]) -> None:
    for now in (MONDAY - 5000 * DAY, MONDAY + 5000 * DAY):
        assert all(0 <= one.score <= 1 for one in usual(history, now))


def test_of_equals_the_one_ordered_last_comes_first_and_then_the_same_each_time() -> None:
    flat = Weights(half_life=1e12, sharpness=0, far=1, same_kind=1, other_kind=1)
    history = [Past(TEA, MONDAY - 2 * DAY), Past(COFFEE, MONDAY - 3 * DAY)]
    assert first(history, MONDAY, first=flat) == TEA
    same = [Past(TEA, MONDAY - DAY), Past(COFFEE, MONDAY - DAY)]
    assert first(same, MONDAY) == first(same[::-1], MONDAY)


def test_the_basket_is_as_it_was_ordered_last() -> None:
    turned = basket("COLA", "PIZZA")
    found = usual([Past(PIZZA, MONDAY - 2 * DAY), Past(turned, MONDAY - DAY)], MONDAY)
    assert [one.basket for one in found] == [turned]


CATALOGUE = Catalogue(
    (),
    (
        Product("COFFEE", "C", "Coffee", 300, options=(Option("Milk", "COW", "milk"),)),
        Product("CAKE", "C", "Cake", 400),
        Product("PIZZA", "C", "Pizza", 900),
        Product("COLA", "C", "Cola", 200, active=False),
    ),
)
WITH_MILK = Basket((Line("COFFEE", ("COW",)),), "pick_up", "LOOP")


def test_what_is_not_sold_is_not_suggested() -> None:
    found = usual([*PARTIES, Past(basket("COLA"), MONDAY)], MONDAY, catalogue=CATALOGUE)
    assert [one.basket for one in found] == [basket("PIZZA")]


def test_baskets_that_are_the_same_now_are_one() -> None:
    history = [Past(COFFEE, MONDAY - DAY), Past(WITH_MILK, MONDAY - 2 * DAY)]
    found = usual(history, MONDAY, catalogue=CATALOGUE)
    assert [(one.basket, one.why) for one in found] == [
        (WITH_MILK, "ordered twice, last yesterday")
    ]


def test_the_rest_of_an_order_counts_for_a_whole_one_that_has_it() -> None:
    lost, whole = basket("CAKE", "COLA"), basket("CAKE", "PIZZA")
    history = [Past(lost, MONDAY - DAY), Past(whole, MONDAY - 2 * DAY)]
    found = usual(history, MONDAY, catalogue=CATALOGUE)
    why = "ordered once, once with something that is not sold any more, last yesterday"
    assert [(one.basket, one.why) for one in found] == [(whole, why)]
    (rest,) = usual([Past(lost, MONDAY)], MONDAY, catalogue=CATALOGUE)
    assert rest.why == "ordered once with something that is not sold any more, last today"
    # Delivered it is another thing, and what was ordered whole is a habit of its own.
    elsewhere = Past(basket("CAKE", "PIZZA", method="delivery"), MONDAY)
    assert len(usual([Past(lost, MONDAY), elsewhere], MONDAY, catalogue=CATALOGUE)) == 2
    alone = Past(basket("CAKE"), MONDAY)
    assert len(usual([*history, alone], MONDAY, catalogue=CATALOGUE)) == 2
