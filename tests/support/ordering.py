"""Somebody who calls to order, and the flow's part in the call. No I/O.

``Play`` does the acts in a shop (``order_world.py``), and holds on to what was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from cordboard.orders.dialogue import (
    Answered,
    Answers,
    Heard,
    Pressed,
    Recorded,
    Silence,
    Step,
    again,
    begin,
    hear,
    memory_from_json,
)
from cordboard.orders.dialogue import acts as do
from cordboard.orders.draft import Draft
from cordboard.orders.facts import Client, Facts, Preference
from cordboard.orders.places import Wanted, choose
from cordboard.orders.pricing import price
from support.order_world import NOW, ROSA_PHONE, Shop, catalogue, places

#: What a prompt says -> numbers that may be keyed there.
NUMBERS = {
    "Key the number and": ["", "1", "2", "3", "99"],
    "Key the time": ["930", "1730", "0700", "12", "99"],
    "postcode, and": ["60601", "60614", "00000"],
    "area code": ["3125550150", "7735550123", "12"],
    "its number and pound": ["*5", "*77"],
    "key 1 and pound": ["1", "99", ""],
}
_OFFERED = re.compile(r"press (\w+)\.|Press (\w+) |, press (\w+) for your")
_SPOKEN = {"star": "*", "pound": "#"}


def keys_offered(say: Sequence[str]) -> list[str]:
    """What a caller who listens may key."""
    said = " ".join(say)
    offered = ("".join(keys) for keys in _OFFERED.findall(said))
    keys = [_SPOKEN.get(key, key) for key in offered]
    return keys + [key for words, numbers in NUMBERS.items() if words in said for key in numbers]


@dataclass
class Play:
    """One call: ``press``, ``wait``, ``record`` are the caller; acts are done in ``shop``."""

    shop: Shop = field(default_factory=Shop)
    number: str = ROSA_PHONE
    now: datetime = NOW
    acts: list[do.Act] = field(default_factory=list)
    said: str = ""
    held: Draft | None = None

    def __post_init__(self) -> None:
        self.facts = self.first_facts()
        self._go(begin(self.facts, self.now))

    def first_facts(self) -> Facts:
        return self.shop.facts(self.number)

    def press(self, *keys: str) -> Self:
        for digits in keys:
            self._hear(Pressed(digits))
        return self

    def answer(self, digits: str) -> Self:
        """Press keys after the last word; :meth:`press` interrupts the first."""
        self._hear(Pressed(digits, self.step.turn.say))
        return self

    def wait(self, times: int = 1) -> Self:
        """Hear all of it, and say nothing."""
        for _ in range(times):
            self._hear(Silence(self.step.turn.say))
        return self

    def record(self, silent: bool = False) -> Self:
        then = self.step.turn.then
        self._hear(Recorded(getattr(then, "what", ""), 0.0 if silent else 2.0, silent))
        return self

    def crash(self) -> Self:
        """The app dies and comes back: only what was stored of the memory is left."""
        self.memory = memory_from_json(self.memory.as_json())
        self._go(again(self.memory, self._fresh(), self.now))
        return self

    @property
    def over(self) -> bool:
        return self.step.turn.then is None

    @property
    def end(self) -> do.Act:
        """The act by which the dialogue ended."""
        assert self.over, f"still at {self.memory.at}: {self.said}"
        return self.step.acts[-1]

    def did(self, kind: type) -> list[Any]:
        return [act for act in self.acts if isinstance(act, kind)]

    def _hear(self, heard: Heard) -> None:
        self.before = self.step
        self._go(hear(self.memory, heard, self._fresh(), self.now))

    def _go(self, step: Step) -> None:
        said = list(step.turn.say)
        for _ in range(20):
            self.step, self.memory = step, step.memory
            self.acts += step.acts
            answers = [self._do(act) for act in step.acts]
            if not isinstance(step.turn.then, Answers):
                break
            step = hear(self.memory, answers[-1] or Answered(), self._fresh(), self.now)
            said += step.turn.say
        self.said = " ".join(said)

    def _fresh(self) -> Facts:
        chosen, held = self.facts.client, self.held
        if chosen:
            client = self.shop.clients[chosen.id]
            self.facts = replace(self.facts, client=replace(client, draft=held) if held else client)
            self.held = None
        return self.facts

    def _do(self, act: do.Act) -> Answered | None:
        if refused := self.shop.refuse.get(type(act)):
            return Answered(refused=refused.pop(0))
        return _DOERS[type(act)](self, act)


def _look_up(play: Play, act: do.LookUp) -> Answered:
    play.facts = replace(play.facts, callers=play.shop.callers(act.number))
    return Answered()


def _choose(play: Play, act: do.Choose) -> Answered:
    play.facts = replace(play.facts, client=play.shop.clients[act.customer])
    return Answered()


def _unchoose(play: Play, _act: do.Unchoose) -> None:
    play.facts = replace(play.facts, client=None)


def _take(play: Play, act: do.TakeDraft) -> Answered:
    """As ``hold_draft_v1``; what this call holds is in the facts until they are read again."""
    rosa = play.facts.client
    assert rosa is not None
    held = play.shop.drafts.get(act.order) or rosa.draft
    assert held is not None
    play.shop.drafts[held.order] = held
    play.held = held
    return Answered()


def _save(play: Play, act: do.SaveDraft) -> None:
    assert act.draft.order not in play.shop.placed, "an order was changed after it was placed"
    assert play.facts.client is not None
    price(act.draft.basket, play.facts.client.catalogue)
    play.shop.drafts[act.draft.order] = act.draft


def _drop(play: Play, act: do.DropDraft) -> None:
    assert act.order not in play.shop.placed
    play.shop.drafts.pop(act.order, None)
    play.shop.dropped.add(act.order)


def _place(play: Play, act: do.Place) -> Answered:
    """As ``place_order_v1``: once, at the price that was read back, where it can be made."""
    shop, draft, basket = play.shop, act.draft, act.draft.basket
    now_client = play._fresh().client
    assert now_client is not None
    if draft.order not in shop.placed:
        total = price(basket, now_client.catalogue).total_cents
        if total != draft.total_cents:
            return Answered(refused="price", total_cents=total)
        if draft.replaces in shop.cancelled:
            return Answered(refused="too_late")
        assert shop.drafts[draft.order] == draft, "placed is not what was kept"
        shop.placed[draft.order] = shop.drafts.pop(draft.order)
        if draft.replaces:
            shop.cancelled.add(draft.replaces)
    wanted = Wanted(
        basket.method,
        frozenset(line.product for line in basket.lines),
        own=basket.location,
        due_at=draft.due_at,
    )
    choice = choose(now_client.places, wanted, play.now)
    number = 1200 + list(shop.placed).index(draft.order)
    return Answered(
        number=number,
        location=basket.location,
        due_at=choice.ready_at,
        total_cents=draft.total_cents,
    )


def _cancel(play: Play, act: do.Cancel) -> Answered:
    play.shop.cancelled.add(act.order)
    return Answered()


def _prefer(play: Play, act: do.Prefer) -> None:
    assert play.facts.client is not None
    who = play.facts.client
    preference = replace(who.preference, no_automation=act.no_automation, zero_at_once=0)
    play.shop.change(who.id, preference=preference)


def _assign(play: Play, act: do.AssignSpeedDial) -> None:
    assert play.facts.client is not None
    who = play.facts.client
    play.shop.change(who.id, speed_dials={**who.speed_dials, act.digits: act.basket})


def _enrol(play: Play, act: do.Enrol) -> Answered:
    shop = play.shop
    shop.enrolled.append(act)
    new = Client(99, "", catalogue(), places(), tuple(shop.audio), postcode=act.postcode)
    preference = Preference(method=act.method)
    shop.clients[99] = replace(new, billing=(act.billing,), preference=preference)
    if play.number:
        shop.numbers.setdefault(play.number, []).append(99)
    callers = shop.callers(play.number)
    play.facts = replace(play.facts, callers=callers, client=shop.clients[99])
    return Answered()


_DOERS: dict[type, Callable[..., Answered | None]] = {
    do.LookUp: _look_up,
    do.Choose: _choose,
    do.Unchoose: _unchoose,
    do.TakeDraft: _take,
    do.SaveDraft: _save,
    do.Told: lambda play, act: play.shop.told.append((act.order, act.location)),
    do.DropDraft: _drop,
    do.Place: _place,
    do.Cancel: _cancel,
    do.Prefer: _prefer,
    do.CountZero: lambda play, act: play.shop.zeros.append(act.at_once),
    do.AssignSpeedDial: _assign,
    do.KeepAudio: lambda play, act: play.shop.audio.append(act.what),
    do.Enrol: _enrol,
    do.SpeakWebCode: lambda play, act: Answered(code="123456"),
    do.ToPerson: lambda play, act: None,
    do.Hangup: lambda play, act: None,
}
