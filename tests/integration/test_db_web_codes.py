"""A code that was spoken in a call makes a browser a client's."""

from __future__ import annotations

import pytest

from db import errors
from db.demo import regulars
from db.queries import sql
from support.enrolments import STRANGER
from support.shop import ROSA, Json, Shop


class TestWebCode:
    RIGHT, WRONG = bytes(32), bytes([1]) * 32

    @pytest.fixture
    def visitor(self, shop: Shop) -> str:
        return self.new_visitor(shop)

    def new_visitor(self, shop: Shop, subscriber: int = 2) -> str:
        made = "INSERT INTO visitor_session (id, subscriber_id) VALUES (gen_random_uuid(), %s)"
        return str(shop.sql(f"{made} RETURNING id", subscriber))

    def make(self, shop: Shop, customer: int, number: str, code: bytes) -> None:
        shop.ask(sql.make_web_code, customer=customer, number=number, hash=code)

    def use(self, shop: Shop, visitor: str, code: bytes, number: str = regulars.FAMILY) -> Json:
        used: Json = shop.ask(sql.use_web_code, visitor=visitor, number=number, hash=code)
        return used

    def test_links_a_browser_once(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.WRONG)
        self.make(shop, regulars.MAX, regulars.FAMILY, self.RIGHT)
        linked = {"status": "LINKED", "customer": regulars.MAX}
        assert self.use(shop, visitor, self.RIGHT) == linked
        assert shop.ask(sql.web_client, visitor=visitor, sid="pantry") == regulars.MAX
        assert self.use(shop, visitor, self.RIGHT)["status"] == "WRONG"  # Nora's is left
        assert self.use(shop, visitor, self.WRONG)["customer"] == regulars.NORA
        assert self.use(shop, visitor, self.WRONG)["status"] == "NONE"
        assert shop.ask(sql.web_client, visitor=visitor, sid="pantry") == regulars.NORA

    def test_five_tries(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        tries = [self.use(shop, visitor, self.WRONG)["status"] for _ in range(5)]
        assert tries == ["WRONG"] * 4 + ["LOCKED"]
        assert self.use(shop, visitor, self.RIGHT) == {"status": "LOCKED", "customer": None}
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        assert self.use(shop, visitor, self.RIGHT)["status"] == "LINKED"

    def test_ten_minutes(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        shop.sql("UPDATE web_code SET expires_at = expires_at - interval '10 minutes'")
        assert self.use(shop, visitor, self.RIGHT)["status"] == "NONE"

    def test_not_for_another_number_or_company(self, shop: Shop, visitor: str) -> None:
        self.make(shop, regulars.NORA, regulars.FAMILY, self.RIGHT)
        assert self.use(shop, visitor, self.RIGHT, STRANGER)["status"] == "NONE"
        assert self.use(shop, self.new_visitor(shop, 1), self.RIGHT)["status"] == "NONE"
        with pytest.raises(errors.UnknownCustomer):
            self.make(shop, ROSA, regulars.FAMILY, self.RIGHT)
