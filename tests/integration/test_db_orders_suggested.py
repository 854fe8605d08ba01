"""How often what was suggested is what was ordered."""

from __future__ import annotations

import pytest

from db.queries import sql
from support.shop import BREAD, LAKE, LATTE, Json, Shop, cancel, draft

HALF = {**BREAD, "quantity": 1}


def test_how_often_a_suggestion_is_taken(shop: Shop) -> None:
    suggested = [draft(LATTE)["basket"], draft()["basket"]]
    for suggestion, lines in ((1, [LATTE]), (1, [LATTE]), (2, None), (None, None)):
        shop.place(suggested=suggested, suggestion=suggestion, lines=lines)
    shop.place()  # to whom nothing was suggested
    cancel(shop, shop.place(suggested=suggested, suggestion=1, lines=[LATTE]))
    old = shop.place(suggested=suggested, suggestion=1, lines=[LATTE])
    shop.long_ago(old["order"], 31 * 1440)
    assert share(shop) == {"orders": 4, "first_taken": 2, "any_taken": 3, "none_taken": 1}


def share(shop: Shop) -> Json | None:
    return shop.conn.execute(sql.suggestion_share, {"subscriber": 2, "days": 30}).fetchone()


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ([LATTE, BREAD], 1),
        ([HALF, LATTE, HALF], 1),  # the same, said in another way
        ([LATTE], None),
        ([LATTE, BREAD, BREAD], None),
        ([{**LATTE, "options": ["LARGE"]}, BREAD], None),
    ],
)
def test_a_suggestion_that_was_changed_was_not_taken(
    shop: Shop, lines: list[Json], taken: int | None
) -> None:
    placed = shop.place(suggested=[draft(LATTE, BREAD)["basket"]], suggestion=1, lines=lines)
    assert placed["suggestion"] == taken


def test_an_order_that_is_changed_counts_once_as_what_it_became(shop: Shop) -> None:
    suggested = [draft(LATTE)["basket"]]
    first = shop.place(suggested=suggested, suggestion=1, lines=[LATTE])
    # Later the same day something else is usual; it is asked of the first what was suggested.
    later = {"suggested": [draft()["basket"]], "suggestion": None}
    moved = shop.place(replaces=first["order"], lines=[LATTE], location=LAKE, **later)
    assert (moved["suggested"], moved["suggestion"]) == (suggested, 1)
    assert share(shop) == {"orders": 1, "first_taken": 1, "any_taken": 1, "none_taken": 0}
    shop.place(replaces=moved["order"], lines=[LATTE, BREAD], **later)
    assert share(shop) == {"orders": 1, "first_taken": 0, "any_taken": 0, "none_taken": 1}
