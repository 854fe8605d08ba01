"""A merchant's server asks by the API; the customer is called; webhook and statement tell of it.

The request is signed as docs/api.md shows it and goes to the real web server; the worker hands it
to the app, the demo shop is the merchant's server that gets the webhook.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from cordboard.agent_state import State
from cordboard.settings import ROOT, Settings
from cordboard.sipp import eventually
from db.demo.web import SECRETS
from db.demo.world import HALYARD, PANTRY
from db.queries import sql
from support.people import ROSA
from support.refusals import BY_API, refusing
from support.world import Given

Json = dict[str, Any]
Ask = Callable[..., Json]


@pytest.fixture
def ask(stack: Settings, given: Given) -> Iterator[Ask]:
    """Corner Pantry's server: the snippet of docs/api.md, as it stands there."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)

    def ask(
        method: str,
        path: str,
        body: Json | None = None,
        secret: str = SECRETS[PANTRY],
        **headers: str,
    ) -> Json:
        sent = json.dumps(body).encode() if body else b""
        target = f"/api/v1{path}"
        with names["ask"](stack.web, "pantry", secret, method, target, sent, **headers) as answer:
            found: Json = json.load(answer)
        return found

    yield ask
    # After a failure nobody must be called again.
    waiting = (
        "SELECT id FROM call_request WHERE state IN ('waiting', 'dialling') AND source = 'api'"
    )
    for row in given.database.rows(waiting):
        given.database.connection.execute(sql.cancel_request, {"request": row["id"], "by": "test"})


def hooks(settings: Settings) -> list[Json]:
    """Webhooks that the demo shop got, newest first."""
    url = f"http://127.0.0.1:{settings.port('shop')}/hooks.json"
    with urllib.request.urlopen(url, timeout=5) as answer:
        found: list[Json] = json.load(answer)
    return found


def test_from_the_request_to_the_statement(given: Given, ask: Ask) -> None:
    gus = given.agent("gus")
    rosa = given.answering(ROSA.phone)
    given.network_opens()
    wish = {"subject": "ORDERS", "number": ROSA.phone, "note": "Two baskets"}
    key = {"Idempotency-Key": uuid4().hex}
    made = ask("POST", "/call-requests", wish, **key)
    assert ask("POST", "/call-requests", wish, **key)["id"] == made["id"]

    rosa.rings()
    gus.phone.rings()
    eventually(gus.phone.talks)
    eventually(gus.phone.media.hears_something, what="the agent is asked to sign on")
    gus.phone.media.key("#")
    gus.becomes(State.ON_CALL)
    rosa.go_on()

    story = f"/call-requests/{made['id']}"
    eventually(lambda: ask("GET", story)["state"] == "completed", within=20, what="it is completed")
    told = ask("GET", story)
    assert (told["outcome"], told["attempts"]) == ("answered", 1)
    assert told["timeline"][0]["event"] == "request.made"

    attempt = "SELECT id FROM callback_attempt WHERE request_id = %s"
    call = str(given.database.value(attempt, made["id"]))
    eventually(lambda: lines_of(ask, call), what="the customer's leg is on the statement")
    (line,) = lines_of(ask, call)
    leg = next(
        leg
        for leg in (given.database.call(call) or {})["legs"]
        if leg["channel"] == line["channel"]
    )
    assert (line["role"], line["party"]) == ("customer", ROSA.phone)
    assert (line["answered"], line["ended"]) == (leg["answered"], leg["ended"])
    cost = Decimal(line["billed_seconds"]) * Decimal(line["cents_per_minute"]) / 60
    assert Decimal(line["amount_cents"]) == cost > 0

    def delivered() -> list[Json]:
        return [
            hook
            for hook in hooks(given.settings)
            if hook["event"] == "call_request.completed" and made["id"] in hook["body"]
        ]

    eventually(delivered, within=15, what="the shop gets the webhook")
    (hook,) = delivered()
    assert hook["proved"] is True
    data = json.loads(hook["body"])["data"]
    assert data == {name: told[name] for name in data}


def lines_of(ask: Ask, call: str) -> list[Json]:
    """The lines of one call, of the present month."""
    found: list[Json] = []
    after: int | None = 0
    while after is not None:
        page = ask("GET", f"/usage?limit=500&after={after}")
        found += [line for line in page["lines"] if line["call_id"] == call]
        after = page["next"]
    return found


def test_a_wrong_signature_and_a_huge_body_over_the_wire(given: Given, ask: Ask) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask("GET", "/usage", secret=SECRETS[HALYARD])
    with pytest.raises(urllib.error.HTTPError, match="413"):
        ask("POST", "/policy-checks", {"number": "1" * 70_000})


def test_each_reason_of_the_policy(given: Given, ask: Ask) -> None:
    for reason in BY_API:
        with refusing(given.database, reason) as number:
            wish = {"subject": "ORDERS", "number": number}
            with pytest.raises(urllib.error.HTTPError, match="422") as refused:
                ask("POST", "/call-requests", wish, **{"Idempotency-Key": uuid4().hex})
        with refused.value as answer:
            told = json.load(answer)
        assert reason in [one["code"] for one in told["reasons"]], told
        latest = "SELECT reason FROM policy_refusal ORDER BY id DESC LIMIT 5"
        assert {"reason": reason} in given.database.rows(latest), f"{reason} is recorded"


@pytest.mark.parametrize(("size", "status"), [(20, 200), (70_000, 413)])
def test_a_body_that_does_not_tell_its_length(stack: Settings, size: int, status: int) -> None:
    both = base64.b64encode(f"pantry:{SECRETS[PANTRY]}".encode()).decode()
    body = b'{"number": "+13125550150"' + b" " * size + b"}"
    with closing(
        http.client.HTTPConnection("127.0.0.1", stack.port("web"), timeout=10)
    ) as connection:
        connection.request(
            "POST",
            "/api/v1/policy-checks",
            body=iter([body]),
            headers={"Authorization": f"Basic {both}", "Content-Type": "application/json"},
            encode_chunked=True,
        )
        with connection.getresponse() as answer:
            assert answer.status == status, answer.read()
