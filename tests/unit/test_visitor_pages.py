"""Pages viewed, as any browser may claim them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard.visitor_pages import clean_pages

PAGE = {"url": "https://shop.example/a", "title": "A", "at_ms": 1_700_000_000_000, "seconds": 12}


def test_a_proper_page_stays_as_it_is() -> None:
    assert clean_pages([PAGE]) == [PAGE]


def test_what_is_no_page_is_left_out() -> None:
    bad = [None, 7, [], {}, {**PAGE, "url": "javascript:alert(1)"}, {**PAGE, "url": 5}]
    bad += [{**PAGE, "url": "https://shop.example/" + "a" * 500}, {**PAGE, "url": "https:///x"}]
    assert clean_pages([*bad, PAGE]) == [PAGE]


def test_text_and_numbers_are_tamed() -> None:
    wild = {**PAGE, "title": "a\nb" + "c" * 500, "at_ms": -5, "seconds": float("inf")}
    [page] = clean_pages([wild])
    assert page["title"].startswith("a bc")
    assert len(page["title"]) == 200
    assert page["at_ms"] == 0
    assert page["seconds"] == 24 * 3600


def test_numbers_that_are_none_are_zero() -> None:
    [page] = clean_pages([{**PAGE, "at_ms": True, "seconds": float("nan")}])
    assert (page["at_ms"], page["seconds"]) == (0, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*PAGE, "x"]), inner),
    max_leaves=20,
)


@given(st.lists(JSON))
def test_nothing_that_is_json_can_break_it(pages: list[object]) -> None:
    for page in clean_pages(pages):
        assert set(page) == set(PAGE)
        assert "\n" not in page["title"]
