"""The welcome page's form as it was sent."""

from __future__ import annotations

from webdesk.talk import form

OFFER = "2026-11-27T14:00:00+00:00"


def test_an_offered_time_that_was_pressed_stays_chosen_when_the_page_comes_back() -> None:
    typed = {"when": "now", "pick": "own", "at": "2026-11-29T03:00", "offer": OFFER}
    entered = form.read(typed)
    assert (entered.when, entered.pick, entered.offered) == ("later", OFFER, OFFER)

    again = form.read({"when": entered.when, "pick": entered.pick, "at": entered.at})
    assert again.is_later
    assert again.offered == OFFER


def test_a_time_of_ones_own_is_none_that_was_offered() -> None:
    entered = form.read({"when": "later", "pick": "own", "at": "2026-11-29T03:00"})
    assert entered.is_later
    assert entered.offered == ""
