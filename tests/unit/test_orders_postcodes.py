"""Postcodes: where they are, and that there is no such one."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.orders import postcodes
from cordboard.orders.places import Point, distance_m
from cordboard.orders.postcodes import area, centroid, covers, load
from cordboard.settings import ROOT

LOAD = """
import sys
from cordboard.orders import postcodes
postcodes.load()
print(postcodes.area("US", "60601").postcode, "zipcodes" in sys.modules)
"""


def test_a_postcode_has_a_city_and_a_middle() -> None:
    load()
    found = area("US", "60601")
    assert found is not None
    assert (found.postcode, found.city, found.region) == ("60601", "Chicago", "IL")
    middle = centroid("US", "60601")
    assert middle is not None
    assert distance_m(middle, Point(41.8852, -87.6224)) < 1_000


@pytest.mark.parametrize("postcode", ["60601-1234", " 60601 ", "606011234", "60601 1234"])
def test_further_digits_make_no_difference(postcode: str) -> None:
    assert area("US", postcode) == area("US", "60601")


@pytest.mark.parametrize(
    "postcode", ["00000", "99999", "6060", "606011", "", "sixty", "٦٠٦٠١", "60601\n", "60601-12"]
)
def test_there_is_no_such_postcode(postcode: str) -> None:
    assert area("US", postcode) is None
    assert centroid("US", postcode) is None


def test_a_postcode_of_the_armed_forces_is_nowhere() -> None:
    found = area("US", "09001")
    assert found is not None
    assert found.point is None


def test_of_other_countries_nothing_is_known() -> None:
    assert not covers("DE")
    assert centroid("DE", "10115") is None


@given(st.text(max_size=12))
def test_any_text_is_a_postcode_or_none(text: str) -> None:
    found = area("US", text)
    assert found is None or found.postcode in text


def test_a_thread_that_loads_leaves_the_others_at_work() -> None:
    """The package itself would hold the interpreter: the data come from another process."""
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout == "60601 False\n"


def test_several_who_ask_at_once_wait_for_one_who_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = 0

    def read(*_: Any, **__: Any) -> Any:
        nonlocal reading
        reading += 1
        return SimpleNamespace(stdout=b"60601\tChicago\tIL\t41.88\t-87.62\n")

    monkeypatch.setattr(subprocess, "run", read)
    postcodes._read.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: postcodes.load(), range(4)))
    monkeypatch.undo()
    postcodes._read.cache_clear()
    assert reading == 1
