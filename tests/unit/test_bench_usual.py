"""The world of known habits, and its replay: nobody sees what comes, everybody sees the same."""

from __future__ import annotations

from datetime import timedelta

from bench.usual_replay import POLICIES, most_frequent, ordered_last, replay, share
from bench.usual_world import DAYS, FIRST_DAY, KINDS, make_clients, orders
from cordboard.orders.basket import Basket, Line
from cordboard.orders.usual import Past

SHOWN = replay(7, 1)
TEA, COFFEE, SOUP = (Basket((Line(code),)) for code in ("TEA", "COFFEE", "SOUP"))
#: Tea three times, then coffee twice, then soup.
HISTORY = [
    Past(what, FIRST_DAY + timedelta(days=day))
    for day, what in enumerate((TEA, TEA, TEA, COFFEE, COFFEE, SOUP))
]


def test_a_seed_is_a_world() -> None:
    first, again, other = (
        [orders(client, number) for number, client in enumerate(make_clients(seed, 1))]
        for seed in (3, 3, 4)
    )
    assert first == again != other


def test_each_kind_of_client_orders_in_order_of_time() -> None:
    assert {one.kind for one in SHOWN} == set(KINDS)
    for number, client in enumerate(make_clients(3, 1)):
        times = [order.past.at for order in orders(client, number)]
        assert len(times) > 5
        assert times == sorted(times)
        assert FIRST_DAY <= times[0] <= times[-1] < FIRST_DAY + timedelta(days=DAYS + 1)


def test_tastes_change_only_where_they_are_said_to() -> None:
    changing = {one.kind for one in SHOWN if one.after_change}
    assert changing == {"seasonal", "change of taste"}


def test_nobody_suggests_what_was_never_ordered() -> None:
    assert any(not one.seen for one in SHOWN)
    for one in SHOWN:
        assert one.seen or not any(one.places.values())


def test_the_peers_are_what_their_names_say() -> None:
    now = FIRST_DAY + timedelta(days=9)
    assert most_frequent(HISTORY, now) == [TEA.key, COFFEE.key, SOUP.key]
    assert most_frequent(HISTORY[:2] + HISTORY[3:5], now) == [COFFEE.key, TEA.key]
    assert ordered_last(HISTORY, now) == [SOUP.key, COFFEE.key, TEA.key]


def test_ours_is_better_than_the_simple_peer_in_a_world_of_its_own() -> None:
    shares = {name: share(SHOWN, name, 1) for name in POLICIES}
    assert shares["ours"] > 1.15 * shares["frequent"]
    assert share(SHOWN, "ours", 3) >= shares["ours"]
