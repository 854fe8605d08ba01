"""What is typed at ``cordboard phone``."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.sipp.hand import Answering, Hand
from cordboard.sipp.messages import parse

INVITE = parse(
    "INVITE sip:+13125550171@127.0.0.2:5080 SIP/2.0\n"
    'From: "Corner Pantry" <sip:+12025550110@127.0.0.1>;tag=1\n'
    "X-CB-Subject: ORDERS\n\n",
    received=True,
)


class Phone:
    """A telephone whose call the test decides."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.talking = False
        self.keyed: list[str] = []
        self.hung_up = 0
        self.media = self.run = self

    def invites(self) -> list[Any]:
        return self.calls

    def talks(self) -> bool:
        return self.talking

    def go_on(self) -> None:
        self.hung_up += 1

    def key(self, digits: str) -> None:
        self.keyed.append(digits)

    def hush(self) -> None:
        """Silence."""


def holding(phone: Phone) -> tuple[Hand, list[str]]:
    told: list[str] = []
    return Hand(Answering(phone), told.append), told  # type: ignore[arg-type]


def test_what_happens_is_told_once() -> None:
    phone = Phone()
    hand, told = holding(phone)
    hand.look()
    phone.calls.append(INVITE)
    hand.look()
    phone.talking = True
    hand.look()
    hand.look()
    phone.talking = False
    hand.look()
    assert told == [
        'It rings: +13125550171 is called by "Corner Pantry" <sip:+12025550110@127.0.0.1>,'
        " X-CB-Subject ORDERS.",
        "You are connected.",
        "The call is over.",
    ]


@pytest.mark.parametrize(
    ("line", "keyed"), [("#", "#"), ("*12*15#", "*12*15#"), ("4711 #", "4711#")]
)
def test_keys_are_keyed_and_not_repeated_on_the_screen(line: str, keyed: str) -> None:
    phone = Phone()
    phone.talking = True
    hand, told = holding(phone)
    hand.do(line)
    assert phone.keyed == [keyed]
    assert keyed not in " ".join(told)


def test_enter_hangs_up_and_only_that() -> None:
    phone = Phone()
    phone.talking = True
    hand, told = holding(phone)
    hand.do("hello")
    assert (phone.keyed, phone.hung_up) == ([], 0)
    assert "Type digits, * and #." in told[0]
    hand.do("")
    assert phone.hung_up == 1


def test_without_a_call_nothing_is_keyed() -> None:
    phone = Phone()
    hand, told = holding(phone)
    hand.do("*12#")
    hand.do("")
    assert (phone.keyed, phone.hung_up, told) == ([], 0, ["There is no call now."] * 2)
