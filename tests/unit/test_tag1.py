"""Talk links: what is minted is read again, and whatever is done to a link is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cordboard import tag1
from cordboard.tag1 import (
    ChangedTag,
    ExpiredTag,
    MalformedTag,
    Tag1,
    TagError,
    make_nonce,
    mint,
    parse,
    verify,
)

NOW = 1_780_000_000
KEY, OLD_KEY, STRANGE_KEY = b"k" * 32, b"o" * 32, b"s" * 32
WEB = "https://talk.example.com"
TAG = Tag1(
    sid="pantry",
    sc="ORDERS",
    expires=NOW + 3600,
    nonce="abcdefghijklmnop",
    title="Gift baskets & more",
    page_url="https://shop.example.com/baskets?a=1&b=é",
    whisper_code="VIP-1",
    number="+1 (312) 555-0150",
    customer_code="P10008",
)


def read(url: str, keys: tuple[bytes, ...] = (KEY,), now: float = NOW) -> Tag1:
    parts = urlsplit(url)
    _, talk, sid, sc = parts.path.split("/")
    assert talk == "talk"
    return verify(parse(sid, sc, parts.query), keys, now)


def signed(key: bytes = KEY, sid: str = "pantry", sc: str = "ORDERS", **changed: str) -> str:
    """A link of any parameters, rightly signed."""
    says = {**TAG.parameters(), **changed}
    says = {name: value for name, value in says.items() if value != "-"}
    says["s"] = tag1.sign(sid, sc, says, key)
    return f"{WEB}/talk/{sid}/{sc}?{urlencode(says)}"


#: Text without control characters and halves of characters.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")))
TAGS = st.builds(
    Tag1,
    sid=st.from_regex(r"[a-z][a-z0-9-]{1,31}", fullmatch=True),
    sc=st.from_regex(r"[A-Z0-9-]{2,32}", fullmatch=True),
    expires=st.integers(NOW + 1, NOW + tag1.LONGEST_LIFE_S),
    nonce=st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True),
    title=TEXT.map(lambda text: text[:200]),
    page_url=st.from_regex(
        r"https?://[a-zäöß.:0-9]{1,30}(/[a-zéß%&=?#~+ü/]{0,60})?", fullmatch=True
    ),
    whisper_code=st.from_regex(r"[A-Za-z0-9-]{0,32}", fullmatch=True),
    number=st.from_regex(r"[+0-9 ().-]{0,32}", fullmatch=True),
    customer_code=TEXT.map(lambda text: text[:64]),
)


@settings(deadline=None)  # a busy machine is no failure
@given(tag=TAGS)
def test_what_is_minted_is_read_again(tag: Tag1) -> None:
    assert read(mint(WEB, tag, KEY)) == tag


@settings(deadline=None)  # a busy machine is no failure
@given(tag=TAGS, place=st.integers(0), character=st.characters(codec="ascii"))
def test_one_changed_character_is_noticed(tag: Tag1, place: int, character: str) -> None:
    url = mint(WEB, tag, KEY)
    path, _, query = url.removeprefix(f"{WEB}/talk/").partition("?")
    text = f"{path}?{query}"
    place %= len(text)
    changed = text[:place] + character + text[place + 1 :]
    assume(changed.count("?") == 1 and changed.partition("?")[0].count("/") == 1)
    (sid, _, sc), new_query = changed.partition("?")[0].partition("/"), changed.partition("?")[2]
    same = parse_qsl(new_query, keep_blank_values=True) == parse_qsl(query, keep_blank_values=True)
    assume(not (same and f"{sid}/{sc}" == path))  # another spelling of the same
    with pytest.raises((ChangedTag, MalformedTag)):
        verify(parse(sid, sc, new_query), (KEY,), NOW)


def test_the_form_of_the_contract() -> None:
    import base64
    import hashlib
    import hmac

    lines = (
        "v1\npantry\nORDERS\nc=P10008\nn=abcdefghijklmnop\np=+1 (312) 555-0150\n"
        "t=Gift baskets & more\nu=https://shop.example.com/baskets?a=1&b=é\nw=VIP-1\nx=1780003600"
    )
    digest = hmac.new(KEY, lines.encode(), hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    url = mint(WEB, TAG, KEY)
    assert url.startswith("https://talk.example.com/talk/pantry/ORDERS?")
    assert dict(parse_qsl(urlsplit(url).query))["s"] == expected
    assert read(url) == TAG


def test_either_live_key_counts_and_no_other() -> None:
    assert read(mint(WEB, TAG, OLD_KEY), (KEY, OLD_KEY)) == TAG
    assert read(mint(WEB, TAG, KEY), (KEY, OLD_KEY)) == TAG
    for keys in ((KEY,), ()):
        with pytest.raises(ChangedTag):
            read(mint(WEB, TAG, OLD_KEY), keys)


def test_another_subscriber_cannot_sign_for_this_one() -> None:
    query = urlsplit(mint(WEB, TAG, KEY)).query
    with pytest.raises(ChangedTag):
        verify(parse("halyard", "ORDERS", query), (KEY,), NOW)
    with pytest.raises(ChangedTag):
        verify(parse("pantry", "HELP", query), (KEY,), NOW)


def test_it_expires_and_not_before() -> None:
    url = mint(WEB, TAG, KEY)
    assert read(url, now=TAG.expires - 0.01) == TAG
    with pytest.raises(ExpiredTag, match="Reload"):
        read(url, now=TAG.expires)


def test_who_did_not_sign_it_does_not_learn_that_it_expired() -> None:
    with pytest.raises(ChangedTag):
        read(mint(WEB, TAG, STRANGE_KEY), now=TAG.expires + 1)


def test_it_is_valid_for_seven_days_at_most() -> None:
    far = NOW + tag1.LONGEST_LIFE_S + tag1.CLOCK_SKEW_S
    assert read(mint(WEB, replace(TAG, expires=far), KEY)).expires == far
    with pytest.raises(MalformedTag, match="seven days"):
        read(mint(WEB, replace(TAG, expires=far + 1), KEY))


def test_an_empty_parameter_is_signed_as_empty() -> None:
    assert read(signed(t="")).title == ""


@pytest.mark.parametrize(
    "url",
    [
        lambda: signed(x="-"),
        lambda: signed(n="-"),
        lambda: signed().rpartition("&")[0],  # no signature
        lambda: signed() + "x",
        lambda: signed()[:-1],
        lambda: signed() + "&s=" + "a" * 43,
        lambda: signed(utm_source="mail"),
        lambda: signed(x="12.5"),
        lambda: signed(x="-1"),
        lambda: signed(x="1" * 12),
        lambda: signed(x="١٢٣"),
        lambda: signed(n="short"),
        lambda: signed(n="x" * 65),
        lambda: signed(n="with spaces in it…"),
        lambda: signed(t="x" * 201),
        lambda: signed(t="two\nlines"),
        lambda: signed(t="nul\x00"),
        lambda: signed(c="line\u2028separator"),
        lambda: signed(c="x" * 65),
        lambda: signed(w="no_underscores"),
        lambda: signed(p="call me"),
        lambda: signed(u="javascript:alert(1)"),
        lambda: signed(u="//shop.example.com"),
        lambda: signed(u="https://shop.example.com/a b"),
        lambda: signed(u='https://shop.example.com/"onclick'),
        lambda: signed(u="https:///nohost"),
        lambda: signed(u="https://shop.example.com/" + "x" * 1000),
        lambda: signed(sid="Pantry"),
        lambda: signed(sid="p"),
        lambda: signed(sc="orders"),
        lambda: signed(sc="O" * 33),
        lambda: WEB + "/talk/pantry/ORDERS?" + "t=%ff&" + urlsplit(signed(t="-")).query,
        lambda: WEB + "/talk/pantry/ORDERS?" + "x=1&" * 30,
        lambda: WEB + "/talk/pantry/ORDERS?" + "t=" + "x" * 7000,
        lambda: WEB + "/talk/pantry/ORDERS?",
        lambda: WEB + "/talk/pantry/ORDERS?;;;&&&===",
    ],
)
def test_malformed(url: Callable[[], str]) -> None:
    with pytest.raises(MalformedTag) as caught:
        read(url())
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "tag",
    [
        replace(TAG, title="x" * 201),
        replace(TAG, title="a\nx=99"),
        replace(TAG, page_url="javascript:alert(1)"),
        replace(TAG, sc="orders"),
        replace(TAG, sid="../pantry"),
        replace(TAG, customer_code="\ud800"),
    ],
)
def test_what_would_be_refused_is_not_minted(tag: Tag1) -> None:
    with pytest.raises(MalformedTag):
        mint(WEB, tag, KEY)


@settings(deadline=None)  # a busy machine is no failure
@given(query=st.one_of(st.text(), st.binary()), sid=st.text(max_size=40), sc=st.text(max_size=40))
def test_any_text_is_refused_in_words(query: str | bytes, sid: str, sc: str) -> None:
    with pytest.raises(TagError) as caught:
        verify(parse(sid, sc, query), (KEY,), NOW)
    assert caught.value.code in {"malformed", "changed"}


def test_nonces_differ_and_fit() -> None:
    nonces = {make_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert all(16 <= len(nonce) <= 64 for nonce in nonces)
