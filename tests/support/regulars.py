"""Regular customers in telephone tests: clients with a history, and calls in which they order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import orjson
from psycopg.types.json import Jsonb

from ari_app.verbs.listen import length_s
from cordboard import keys
from cordboard.orders.basket import Basket, Line, parse
from cordboard.orders.catalogue import catalogue_from_json
from cordboard.orders.dialogue import again, memory_from_json
from cordboard.orders.facts import callers_facts, client_facts
from cordboard.orders.pricing import price
from cordboard.prompts import TEXTS, read_texts
from cordboard.sipp import Caller, eventually
from cordboard.tts import speak
from db.demo.world import LOCATION_IDS
from support.agent import now_ms
from support.database import Database, Json
from support.people import ORDER_LINE
from support.world import Given

SHOP = "pantry"
#: What a regular of these tests usually has; at the locations that never close.
LOOP, LAKE = "PANTRY-LOOP", "PANTRY-LAKE"
FLAT_WHITE = Basket((Line("FLAT-WHITE", ("OAT",), 2),), "pick_up", LOOP)
CROISSANTS = Basket((Line("CROISSANT", (), 4),), "pick_up", LAKE)

_numbers = count(1)


@dataclass(slots=True)
class Regular:
    """A client of the shop."""

    id: int
    name: str
    number: str
    database: Database

    def orders(self) -> list[Json]:
        """What this client ordered or began by telephone, oldest first."""
        return self.database.rows(
            "SELECT o.*, l.code AS location FROM sales_order o LEFT JOIN location l"
            " ON l.id = o.location_id WHERE o.customer_id = %s AND o.call_id IS NOT NULL"
            " ORDER BY o.created_at, o.number",
            self.id,
        )

    def lines(self, order: Json) -> list[tuple[str, list[str], int]]:
        """Lines of an order: product, options, quantity."""
        rows = self.database.rows(
            "SELECT p.code, n.quantity, n.options FROM order_line n JOIN product p"
            " ON p.id = n.product_id WHERE n.order_id = %s ORDER BY n.line",
            order["id"],
        )
        return [(r["code"], [o["code"] for o in r["options"]], r["quantity"]) for r in rows]

    def speed_dials(self) -> dict[int, Basket]:
        """What this client orders by a star and digits."""
        rows = self.database.rows("SELECT * FROM speed_dial WHERE customer_id = %s", self.id)
        return {row["digits"]: parse(row["basket"]) for row in rows}

    def web_codes(self) -> int:
        """How many codes for the web there are."""
        query = "SELECT count(*) FROM web_code WHERE customer_id = %s"
        return int(self.database.value(query, self.id))

    def audio(self) -> dict[str, bytes]:
        """What was recorded of this client."""
        rows = self.database.rows("SELECT * FROM client_audio WHERE customer_id = %s", self.id)
        return {row["what"]: bytes(row["wav"]) for row in rows}

    def preference(self, name: str) -> Any:
        """A column of the client's preference."""
        rows = self.database.rows("SELECT * FROM preference WHERE customer_id = %s", self.id)
        return rows[0][name] if rows else None


@dataclass(slots=True)
class OrderCall:
    """A call to the order line: its prompts by their names in ``cordboard/orders/dialogue``."""

    given: Given
    caller: Caller
    turn: int = field(default=-1)
    said: list[str] = field(default_factory=list)
    recorded: str = ""

    def call_id(self) -> str:
        """Our id of the call."""
        return self.caller.call_id()

    def notes(self) -> Json:
        """What is stored of the dialogue now; nothing before it has begun, and after the call."""
        stored: Any = self.given.redis.hget(keys.call(self.call_id()), "order")
        return orjson.loads(stored) if stored else {}

    def client(self) -> int:
        """Id of the client whose call it is."""
        return int(self.notes()["client"])

    def hears(self, prompt: str, within: float = 20.0) -> Json:
        """Wait until this is being asked; answers the dialogue's memory."""

        def look() -> Json:
            notes = self.notes()
            memory: Json = notes.get("memory") or {}
            assert memory, f"no prompt, timeline {self.given.timeline(self)}"
            assert (memory["at"], memory["turns"] > self.turn) == (prompt, True), memory["at"]
            assert 0 < notes["open_ms"] <= now_ms(), "keys do not count yet"
            self.said = notes["playing"]
            return memory

        memory = eventually(look, within=within, what=f"{prompt!r} is asked")
        self.turn = memory["turns"]
        return memory

    def hears_out(self, until: str) -> list[str]:
        """Wait for the end of the text in which these words are; answers all texts up to it."""
        texts = self.texts()
        last = next((n for n, text in enumerate(texts) if until in text), None)
        assert last is not None, f"{until!r} is not in {texts}"
        # Each text is a playback, after what may have been said before, such as the welcome.
        name = self.said[len(self.said) - len(texts) + last]
        over = f"{until!r} has been said"
        eventually(lambda: self.given.switch.playback(name) is None, within=20, what=over)
        return texts[: last + 1]

    def texts(self) -> list[str]:
        """Texts of what is being asked."""
        call, value = self.call_id(), self.given.database.value
        callers = value("SELECT order_callers_v1(%s, NULL)", call)
        facts = callers_facts(call, callers, by_link=bool(self.given.settings.payment_provider))
        facts = client_facts(facts, value("SELECT order_facts_v1(%s)", self.client()))
        memory = memory_from_json(self.notes()["memory"])
        return list(again(memory, facts, datetime.now(facts.shop.zone)).turn.say)

    def goes_on(self, prompt: str) -> None:
        """After a crash: the prompt that was heard last is said once more."""

        def look() -> bool:
            notes = self.notes()
            assert notes["memory"]["at"] == prompt, notes["memory"]["at"]
            return 0 < notes["open_ms"] <= now_ms() and notes["playing"] != self.said

        eventually(look, within=20, what=f"{prompt!r} is said once more")

    def records(self) -> str:
        """Wait until the caller is recorded, after the last recording; the recording's name."""

        def look() -> str:
            name: str = self.notes().get("recording") or ""
            live = self.given.switch.recording(name) if name and name != self.recorded else None
            return name if live else ""

        self.recorded = eventually(look, within=20, what="the caller is recorded")
        return self.recorded

    def speaks(self, seconds: float) -> None:
        """Say something for so long."""
        media = self.caller.media
        media.speak(440)
        eventually(lambda: media.spoken_s() >= seconds, within=seconds + 5, what="it is said")
        media.hush()

    def says_at(self, prompt: str, *, seconds: float) -> None:
        """Cut a prompt short, speak for so long after the tone, and end it by #."""
        self.answers(prompt, "#")
        self.records()
        self.speaks(seconds)
        self.caller.key("#")

    def answers(self, prompt: str, digits: str, within: float = 20.0) -> None:
        """Wait for a prompt, and key into it at once."""
        self.hears(prompt, within)
        self.caller.key(digits)

    def goes(self, *answers: tuple[str, str]) -> None:
        """One prompt and its answer after the other."""
        for prompt, digits in answers:
            self.answers(prompt, digits)

    def hang_up(self) -> None:
        """Hang up now."""
        self.caller.hang_up()

    def over(self, outcome: str) -> Json:
        """The call is over, by whoever ended it: SIPp says so, and the database."""
        return self.given.ended(self.caller, outcome, within=40)

    def leaves(self, outcome: str) -> Json:
        """The caller hangs up; the record of the call."""
        self.hang_up()
        return self.over(outcome)


class Shop:
    """The shop with its order line; what a test brings is gone at its end."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.database = given.database

    def client(
        self,
        name: str,
        *baskets: Basket,
        number: str = "",
        postcode: str = "60601",
        no_automation: bool = False,
    ) -> Regular:
        """A client with this history, the oldest first: one order a day until yesterday."""
        number = number or self.number()
        customer = self.database.value(
            "INSERT INTO customer (subscriber_id, code, first_name, last_name, postcode, country)"
            " SELECT id, %s, %s, 'Testing', %s, 'US' FROM subscriber WHERE code = %s RETURNING id",
            f"T-{uuid4().hex[:12].upper()}",
            name,
            postcode,
            SHOP,
        )
        self.given.undone(lambda: self.database.forget_customer(customer))
        self._run("INSERT INTO customer_phone VALUES (%s, %s)", customer, number)
        if no_automation:
            self.database.value("SELECT set_preference_v1(%s, true, 'client')", customer)
        begin = datetime.now(UTC) - timedelta(days=len(baskets))
        for day, basket in enumerate(baskets):
            self._ordered(customer, basket, begin + timedelta(days=day))
        return Regular(customer, name, number, self.database)

    def number(self) -> str:
        """A number that nobody has."""
        while True:
            number = f"+1773559{next(_numbers):04}"
            if not self.database.rows("SELECT FROM customer_phone WHERE number = %s", number):
                return number

    def found(self, number: str) -> Regular:
        """The one client of a number, who enrolled in the test."""
        row = eventually(lambda: self._client_of(number), what=f"{number} is a client's")
        self.given.undone(lambda: self.database.forget_customer(row["id"]))
        return Regular(row["id"], row["first_name"], number, self.database)

    def _client_of(self, number: str) -> Json | None:
        rows = self.database.rows(
            "SELECT k.* FROM customer k JOIN customer_phone p ON p.customer_id = k.id"
            " WHERE p.number = %s",
            number,
        )
        assert len(rows) < 2, f"{len(rows)} clients have {number}"
        return rows[0] if rows else None

    def dial(self, number: str) -> OrderCall:
        """Somebody calls the order line from this number ("" when it is withheld)."""
        return OrderCall(self.given, self.given.call(ORDER_LINE, number))

    def call(self, client: Regular) -> OrderCall:
        """A client calls the order line."""
        return self.dial(client.number)

    def prompt(self, name: str) -> str:
        """Text of a prompt."""
        return read_texts(TEXTS)[name]

    def speech_s(self, texts: list[str]) -> float:
        """How long these texts are heard at the usual speed, seconds."""
        usual = type(self.given.settings).model_fields["tts_words_per_minute"].default
        settings = self.given.settings.model_copy(update={"tts_words_per_minute": usual})
        return length_s([f"sound:{speak(text, settings).with_suffix('')}" for text in texts])

    def spoken_names(self, client: Regular) -> list[str]:
        """Copies of recorded names that Asterisk was given to play."""
        folder = self.given.settings.sounds / "clients"
        return [path.name for path in folder.glob(f"{client.id}-*.wav")]

    def _ordered(self, customer: int, basket: Basket, at: datetime) -> None:
        """An order of the past: made, and handed over."""
        facts: Any = self.database.value("SELECT order_facts_v1(%s)", customer)
        priced = price(basket, catalogue_from_json(facts["catalogue"]))
        order = uuid4()
        self._run(
            "INSERT INTO sales_order (id, subscriber_id, customer_id, number, state, source,"
            " location_id, method, billing, due_at, placed_at, ended_at, created_at,"
            " subtotal_cents, tax_cents)"
            " SELECT %s, s.id, %s, next_order_number_v1(s.id), 'handed_over', 'phone', l.id, %s,"
            " 'on_delivery', %s, %s, %s, %s, %s, %s"
            " FROM subscriber s JOIN location l ON l.subscriber_id = s.id AND l.code = %s"
            " WHERE s.code = %s",
            order,
            customer,
            basket.method,
            *[at] * 4,
            priced.subtotal_cents,
            priced.tax_cents,
            basket.location,
            SHOP,
        )
        for n, line in enumerate(priced.as_json()["lines"], start=1):
            self._run(
                "INSERT INTO order_line SELECT %s, %s, p.id, p.name, %s, %s, %s, %s"
                " FROM product p JOIN subscriber s ON s.id = p.subscriber_id"
                " WHERE s.code = %s AND p.code = %s",
                order,
                n,
                Jsonb(line["options"]),
                line["quantity"],
                line["unit_cents"],
                line["tax_basis_points"],
                SHOP,
                line["product"],
            )

    def product(self, code: str, **values: Any) -> None:
        """Until the end of the test, a product is otherwise."""
        self.given.changed("product", {"code": code}, **values)

    def into_category(self, category: str, *codes: str) -> None:
        """Until the end of the test, these goods are in that category."""
        query = "SELECT id FROM product_category WHERE code = %s"
        for code in codes:
            self.product(code, category_id=self.database.value(query, category))

    def all_closed(self, days: int = 3) -> None:
        """Until the end of the test, every location opens on that day of the week and no other."""
        schedule = self.database.value(
            "INSERT INTO schedule (subscriber_id, name, timezone)"
            " SELECT id, 'Closed for now', 'UTC' FROM subscriber WHERE code = %s RETURNING id",
            SHOP,
        )
        self.given.undone(lambda: self._run("DELETE FROM schedule WHERE id = %s", schedule))
        weekday = (datetime.now(UTC) + timedelta(days=days)).weekday()
        self._run("INSERT INTO opening_hours VALUES (%s, %s, 480, 1200)", schedule, weekday)
        for code in LOCATION_IDS:
            self.location(code, schedule_id=schedule)

    def location(self, code: str, **values: Any) -> None:
        """Until the end of the test, a location is otherwise."""
        self.given.changed("location", {"code": code}, **values)

    def _run(self, query: str, *values: Any) -> None:
        self.database.connection.execute(query, values)  # type: ignore[call-overload]
