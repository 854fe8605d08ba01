"""Whatever the caller does, and whatever happens meanwhile, an order call keeps its promises.

It ends, in a person, a good-bye or an order; it never fails; it orders nothing that was not read
back and confirmed; and no half-made order is lost on the way to a person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.orders.basket import Basket
from cordboard.orders.dialogue import Keys, Pressed, Record, again, begin, memory_from_json
from cordboard.orders.dialogue import acts as do
from cordboard.orders.dialogue.engine import MOST_TURNS
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Moved, Preference
from cordboard.orders.phrases import money
from cordboard.tts import LONGEST_TEXT
from support.order_world import LATTE, NOW, ROSA_PHONE, Shop, client, last_order, places
from support.ordering import Play, keys_offered

#: What happens beside the caller, at any moment.
MEANWHILE = st.sampled_from(
    ["nothing"] * 8
    + ["dearer", "withdrawn", "closes", "full", "taken", "too_late", "crash", "time", "failed"]
)


@st.composite
def shops(draw: st.DrawFn) -> tuple[Shop, str]:
    """A shop, and the number that is called from."""
    preference = Preference(
        no_automation=draw(st.sampled_from([False, False, False, True])),
        zero_at_once=draw(st.integers(0, 2)),
        location=draw(st.sampled_from(["", "OAK", "GONE"])),
    )
    before = Draft("0b5e2f0a-53d9-4a8e-8f3b-222222222222", Basket((LATTE,)))
    rosa = client(
        preference=preference,
        draft=draw(st.sampled_from([None, None, before])),
        last_order=draw(st.sampled_from([None, last_order(), last_order(change_until=None)])),
        moved=draw(st.sampled_from([None, None, Moved(before.order, 1198, "LAKE", NOW)])),
        postcode=draw(st.sampled_from(["60601", "", "90210"])),
        places=draw(st.sampled_from([places(), places()[:1]])),
    )
    people = {n: replace(rosa, id=n) for n in range(7, 7 + draw(st.sampled_from([1, 1, 12])))}
    number = draw(st.sampled_from([*[ROSA_PHONE] * 6, "+13125550177", ""]))
    return Shop(people, {ROSA_PHONE: list(people)}), number


def happen(play: Play, what: str) -> None:
    shop = play.shop
    if what in ("taken", "too_late", "failed"):
        shop.refuse.setdefault(do.Place, []).append(what)
    elif what == "crash":
        play.crash()
    elif what == "time":
        play.now += timedelta(minutes=7)
    for one in list(shop.clients.values()):
        sold, there = one.catalogue, one.places
        if what == "dearer":
            products = tuple(replace(p, price_cents=p.price_cents + 10) for p in sold.products)
            shop.change(one.id, catalogue=replace(sold, products=products))
        elif what == "withdrawn":
            products = tuple(replace(p, active=p.code != "BAGEL") for p in sold.products)
            shop.change(one.id, catalogue=replace(sold, products=products))
        elif what in ("closes", "full"):
            shut: dict[str, Any] = {"active": False} if what == "closes" else {"open_orders": 20}
            shop.change(one.id, places=(replace(there[0], **shut), *there[1:]))


class Witness:
    """Looks at each turn of a call, as the caller hears it."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.orders = 0
        self.offer: tuple[str, ...] = ()

    def confirmed(self, heard: str | None, listens: bool) -> None:
        """Every new order is what was read back last, and the caller pressed 1 upon it.

        What it costs and where it is made was said then, or by the suggestion that was heard out.
        """
        before = self.play.before
        if before.memory.at == "main":
            self.offer = before.turn.say if listens else ()
        new = list(self.play.shop.placed.values())[self.orders :]
        assert len(new) <= 1
        for order in new:
            turn = self.play.before.turn
            assert heard == "1"
            assert self.play.before.memory.at == "readback"
            assert order == self.play.before.memory.draft
            said, client = " ".join(turn.say), self.play.facts.client
            assert client is not None
            assert all(client.catalogue.name(line) in said for line in order.basket.lines)
            cost, code = money(order.total_cents), order.basket.location
            place = next(place.name for place in client.places if place.code == code)
            told = (*turn.say, *(text for text in self.offer if f", {cost}, " in text))
            assert f"{cost} with tax" in said or len(told) > len(turn.say)
            assert any(f" {place} " in text for text in told)
        self.orders += len(new)

    def kept(self) -> None:
        """Whoever goes to a person takes along what there is of an order, and it is stored."""
        draft = self.play.memory.draft
        said = self.play.step.turn.say
        assert all(len(text) <= LONGEST_TEXT and any(c.isalnum() for c in text) for text in said)
        if draft.basket.lines and not self.play.over:
            assert self.play.shop.drafts[draft.order] == draft

    def ended(self) -> None:
        end, draft = self.play.end, self.play.memory.draft
        assert isinstance(end, do.ToPerson | do.Hangup)
        if isinstance(end, do.ToPerson) and draft.basket.lines:
            assert end.order == draft.order
            assert self.play.shop.drafts[draft.order] == draft


@settings(max_examples=100, deadline=None)
@given(shops(), st.lists(MEANWHILE, min_size=15, max_size=40), st.integers(0, 2**32))
def test_every_call_keeps_its_promises(
    begun: tuple[Shop, str], happens: list[str], seed: int
) -> None:
    play, random = Play(*begun), Random(seed)
    witness = Witness(play)
    # Whoever says nothing more is let go, or led to a person: by silence alone the call ends.
    for meanwhile in [*happens, *[""] * 9]:
        if play.over:
            break
        heard = _keys(play, random) if meanwhile else None
        happen(play, meanwhile)
        listens = random.random() < 0.5
        _say(play, heard, listens)
        witness.confirmed(heard, listens)
        witness.kept()
    witness.ended()


def _keys(play: Play, random: Random) -> str | None:
    """A caller who listens takes something that is offered; now and then anything, or nothing."""
    offered = keys_offered(play.step.turn.say)
    if random.random() < 0.1 or not offered:
        return random.choice([None, "", *"0123456789*#", "12345678901234567890"])
    if play.memory.at == "readback" and random.random() < 0.5:
        return "1"
    return random.choice([key for key in offered if key != "0"] or ["0"])


def _say(play: Play, heard: str | None, listens: bool = False) -> None:
    then = play.step.turn.then
    if isinstance(then, Record) and heard != "0":
        play.record(silent=heard is None)
    elif heard is None:
        play.wait()
    elif listens:
        play.answer(heard)
    else:
        play.press(heard)


@settings(max_examples=10, deadline=None)
@given(shops(), st.lists(st.sampled_from("1245*"), min_size=1, max_size=6))
def test_no_call_goes_on_for_ever(begun: tuple[Shop, str], habit: list[str]) -> None:
    play = Play(*begun)
    for turn in range(MOST_TURNS + 1):
        if play.over:
            break
        _say(play, habit[turn % len(habit)])
    assert play.over


@settings(max_examples=25, deadline=None)
@given(shops(), st.integers(0, 2**32))
def test_a_crash_at_any_turn_changes_nothing(begun: tuple[Shop, str], seed: int) -> None:
    """What is stored is all that is needed: the turn is said again as it was."""
    play, random = Play(*begun), Random(seed)
    for _ in range(20):
        if play.over:
            break
        _say(play, _keys(play, random))
        stored = memory_from_json(play.memory.as_json())
        assert stored == play.memory
        if isinstance(play.step.turn.then, Keys):
            assert again(stored, play.facts, play.now).turn.then == play.step.turn.then


def test_what_comes_after_the_end_changes_nothing() -> None:
    play = Play().press("0")
    for heard in (Pressed("1"), Pressed("0")):
        play._hear(heard)
        assert play.end == do.ToPerson("asked", "")


def test_the_first_turn_asks_for_the_client() -> None:
    facts = Shop().facts(ROSA_PHONE)
    assert begin(facts, NOW).acts == (do.Choose(7),)
