"""The demo shop keeps to what it shows others how to do."""

from __future__ import annotations

import re
import time
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from cordboard import webhooks
from cordboard.secrets import signing_key
from cordboard.shopsite.app import create_app
from cordboard.shopsite.pages import load
from cordboard.tag1 import Tag1, parse, verify

PLATFORM = "https://calls.example.com"
SECRET = "cb_a_secret_of_the_shop_that_only_tests_know"
KEY = signing_key(SECRET)


@pytest.fixture
def shop() -> FlaskClient:
    origins = ("https://shop.example.com",)
    return create_app(PLATFORM, "pantry", SECRET, origins).test_client()


def links(page: str) -> list[Tag1]:
    found = re.findall(r'data-cordboard-talk="([^"]+)"', page)
    parts = [urlsplit(unescape(link)) for link in found]
    assert all(f"{part.scheme}://{part.netloc}" == PLATFORM for part in parts)
    signed = [parse(*part.path.split("/")[2:4], part.query) for part in parts]
    return [verify(one, [KEY], time.time()) for one in signed]


@pytest.mark.parametrize("path", load())
def test_each_page_has_talk_links_of_its_own(shop: FlaskClient, path: str) -> None:
    tags = links(shop.get(path).text)
    assert tags
    assert {tag.page_url for tag in tags} == {f"http://localhost{path}"}
    assert len({tag.nonce for tag in tags}) == len(tags)


def test_each_view_has_new_links(shop: FlaskClient) -> None:
    one, two = (links(shop.get("/cheese").text) for _ in range(2))
    assert one[0].nonce != two[0].nonce


def test_the_policy_is_strict(shop: FlaskClient) -> None:
    policy = shop.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert f"script-src 'self' {PLATFORM};" in policy
    assert f"frame-src {PLATFORM};" in policy
    page = shop.get("/").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", page)


def test_an_unknown_page_is_not_found(shop: FlaskClient) -> None:
    assert shop.get("/nothing").status_code == 404


@pytest.mark.parametrize(("cookie", "code"), [("PAN-1", "PAN-1"), ("'; DROP", ""), ("x" * 40, "")])
def test_the_customer_who_is_logged_in_is_in_the_link(
    shop: FlaskClient, cookie: str, code: str
) -> None:
    shop.set_cookie("customer", cookie)
    assert links(shop.get("/cheese").text)[0].customer_code == code


def test_a_webhook_is_believed_with_the_right_signature_only(shop: FlaskClient) -> None:
    body = b'{"event": "entry.saved", "id": "1"}'
    right = {"X-CB-Signature": webhooks.signature(KEY, body, int(time.time()))}
    old = {"X-CB-Signature": webhooks.signature(KEY, body, int(time.time()) - 4000)}
    assert shop.post("/hooks", data=body, headers=right).status_code == 204
    assert shop.post("/hooks", data=body + b" ", headers=right).status_code == 401
    assert shop.post("/hooks", data=body, headers=old).status_code == 401
    assert shop.post("/hooks", data=b"\xff\xfe").status_code == 401
    told = shop.get("/hooks.json").json
    assert told is not None
    assert [hook["proved"] for hook in told] == [False, False, False, True]
    assert "entry.saved" in shop.get("/hooks").text


def test_a_huge_webhook_is_refused(shop: FlaskClient) -> None:
    assert shop.post("/hooks", data=b"x" * 300_000).status_code == 413
