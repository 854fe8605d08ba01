"""Who may ask: secrets, signatures, encryption, and those who guess."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psycopg
import pytest
from flask import Flask

from cordboard.secrets import hash_secret, make_secret, seal, signing_key
from cordboard.settings import Settings
from support.api import BASE, HALYARD_SECRET, PANTRY_SECRET, WISH, Api, problem

Connection = psycopg.Connection[dict[str, Any]]

OUTSIDE = {"REMOTE_ADDR": "203.0.113.5"}


def test_nobody_is_told_how_to_prove_oneself(api: Api) -> None:
    answer = api.client.get(f"{BASE}/call-requests")
    assert problem(answer, 401) == "credentials-missing"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("business", "secret"),
    [
        ("pantry", "cb_wrong"),
        ("pantry", ""),
        ("pantry", HALYARD_SECRET),
        ("nobody", PANTRY_SECRET),
        ("", PANTRY_SECRET),
        ("PANTRY", PANTRY_SECRET),
        ("pantry' OR true --", PANTRY_SECRET),
        ("pantry\x00", PANTRY_SECRET),
        ("pantry", PANTRY_SECRET + "\x00"),
    ],
)
def test_a_wrong_secret(app: Flask, business: str, secret: str) -> None:
    answer = Api(app, business, secret).get("/call-requests")
    assert problem(answer, 401) == "wrong-secret"
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic " + "A" * 9]
)
def test_a_header_of_another_form(api: Api, header: str) -> None:
    answer = api.client.get(f"{BASE}/call-requests", headers={"Authorization": header})
    problem(answer, 401)


@pytest.fixture
def second(db: Connection, web_settings: Settings) -> Iterator[str]:
    """A second live secret of Corner Pantry."""
    secret = make_secret()
    sealed = seal(signing_key(secret), web_settings.secret_key.get_secret_value())
    db.execute(
        "INSERT INTO subscriber_secret (subscriber_id, label, secret_hash, signing_key)"
        " VALUES (2, 'next', %s, %s)",
        [hash_secret(secret), sealed],
    )
    yield secret
    db.execute("DELETE FROM subscriber_secret WHERE label = 'next'")
    db.execute("UPDATE subscriber_secret SET revoked_at = NULL WHERE label = 'demo'")


def test_two_live_secrets_until_one_is_revoked(app: Flask, db: Connection, second: str) -> None:
    both = [Api(app), Api(app, secret=second)]
    for one in both:
        assert one.get("/call-requests").status_code == 200
        headers = one.signed("GET", f"{BASE}/call-requests")
        assert one.client.get(f"{BASE}/call-requests", headers=headers).status_code == 200
    db.execute("UPDATE subscriber_secret SET revoked_at = now() WHERE label = 'demo'")
    assert problem(both[0].get("/call-requests"), 401) == "wrong-secret"
    headers = both[0].signed("GET", f"{BASE}/call-requests")
    answer = both[0].client.get(f"{BASE}/call-requests", headers=headers)
    assert problem(answer, 401) == "wrong-signature"
    assert both[1].get("/call-requests").status_code == 200


class TestEncryption:
    def test_a_secret_in_the_clear_is_refused(self, api: Api) -> None:
        answer = api.get("/call-requests", environ_base=OUTSIDE)
        assert problem(answer, 403) == "tls-needed"

    def test_also_a_wrong_one_so_that_nothing_is_learned(self, app: Flask) -> None:
        answer = Api(app, secret="cb_wrong").get("/call-requests", environ_base=OUTSIDE)
        assert problem(answer, 403) == "tls-needed"

    def test_tls_is_taken(self, api: Api) -> None:
        answer = api.get("/call-requests", environ_base=OUTSIDE, base_url="https://desk.example")
        assert answer.status_code == 200

    def test_a_trusted_proxy_tells(self, make_app: Callable[..., Flask]) -> None:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"}
        near = Api(make_app(web_proxies=1))
        assert near.get("/call-requests", headers=headers).status_code == 200
        headers["X-Forwarded-Proto"] = "http"
        assert problem(near.get("/call-requests", headers=headers), 403) == "tls-needed"

    def test_a_header_of_somebody_else_does_not_count(self, api: Api) -> None:
        headers = {"X-Forwarded-Proto": "https"}
        answer = api.get("/call-requests", headers=headers, environ_base=OUTSIDE)
        assert problem(answer, 403) == "tls-needed"

    def test_a_signature_tells_no_secret(self, api: Api) -> None:
        headers = api.signed("GET", f"{BASE}/call-requests")
        answer = api.client.get(f"{BASE}/call-requests", headers=headers, environ_base=OUTSIDE)
        assert answer.status_code == 200


class TestSignature:
    def send(self, api: Api, headers: dict[str, str], body: bytes, target: str = "") -> Any:
        headers = {**headers, "Idempotency-Key": "signed-request"}
        return api.client.post(
            target or f"{BASE}/policy-checks",
            data=body,
            headers=headers,
            content_type="application/json",
        )

    def test_a_body_and_a_query_are_signed(self, api: Api) -> None:
        body = orjson.dumps({"number": "+13125550150"})
        headers = api.signed("POST", f"{BASE}/policy-checks", body)
        assert self.send(api, headers, body).status_code == 200
        target = f"{BASE}/usage?month=2026-10&limit=5"
        headers = api.signed("GET", target)
        assert api.client.get(target, headers=headers).status_code == 200
        other = target.replace("limit=5", "limit=6")
        assert problem(api.client.get(other, headers=headers), 401) == "wrong-signature"

    def test_percent_encoding_is_signed_as_sent(self, api: Api) -> None:
        target = f"{BASE}/usage?month=2026%2D10"
        answer = api.client.get(target, headers=api.signed("GET", target))
        assert answer.status_code == 200

    @pytest.mark.parametrize("changed", ["body", "method", "path", "business", "mac", "stamp"])
    def test_whatever_is_changed_is_noticed(self, app: Flask, api: Api, changed: str) -> None:
        body = orjson.dumps({"number": "+13125550150"})
        method, path = "POST", f"{BASE}/policy-checks"
        headers = api.signed(
            "GET" if changed == "method" else method,
            path + "x" if changed == "path" else path,
            body + b" " if changed == "body" else body,
        )
        if changed == "business":
            headers["X-CB-Business"] = "halyard"
        if changed == "mac":
            headers["X-CB-Signature"] = headers["X-CB-Signature"].upper() + "é"
        if changed == "stamp":
            headers["X-CB-Timestamp"] = str(int(headers["X-CB-Timestamp"]) - 1)
        assert problem(self.send(api, headers, body), 401) == "wrong-signature"

    @pytest.mark.parametrize("late", [-310, 310, -(10**9)])
    def test_a_replay_after_the_window_is_refused(self, api: Api, late: int) -> None:
        body = orjson.dumps({"number": "+13125550150"})
        headers = api.signed("POST", f"{BASE}/policy-checks", body, at=int(time.time()) + late)
        assert problem(self.send(api, headers, body), 401) == "stale-signature"

    @pytest.mark.parametrize("stamp", ["", "soon", "-1", "1e9", "9" * 13, "١٢٣"])
    def test_a_timestamp_that_is_none(self, api: Api, stamp: str) -> None:
        body = orjson.dumps({"number": "+13125550150"})
        headers = api.signed("POST", f"{BASE}/policy-checks", body)
        headers["X-CB-Timestamp"] = stamp
        assert problem(self.send(api, headers, body), 401) == "stale-signature"

    def test_a_replay_within_the_window_makes_no_second_request(
        self, api: Api, db: Connection
    ) -> None:
        body = orjson.dumps(WISH)
        target = f"{BASE}/call-requests"
        headers = api.signed("POST", target, body)
        first, again = (self.send(api, headers, body, target) for _ in range(2))
        assert first.status_code == again.status_code == 201
        assert first.get_json()["id"] == again.get_json()["id"]
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_the_link_key_of_another_business_signs_nothing(self, app: Flask) -> None:
        other = Api(app, "pantry", HALYARD_SECRET)
        headers = other.signed("GET", f"{BASE}/call-requests")
        answer = other.client.get(f"{BASE}/call-requests", headers=headers)
        assert problem(answer, 401) == "wrong-signature"


def test_who_guesses_is_slowed_down_and_others_are_not(app: Flask) -> None:
    wrong, right = Api(app, secret="cb_wrong"), Api(app)
    answers = [wrong.get("/call-requests") for _ in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {401}
    assert problem(answers[30], 429) == "too-many-tries"
    assert int(answers[30].headers["Retry-After"]) > 0
    assert problem(wrong.get("/usage"), 429) == "too-many-tries"
    elsewhere = {"REMOTE_ADDR": "127.0.0.9"}
    assert right.get("/call-requests", environ_base=elsewhere).status_code == 200


def test_no_cookie_and_no_form_token_is_wanted(api: Api) -> None:
    answer = api.post("/policy-checks", {"number": "+13125550150"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
