"""Any colour a company chooses stays readable, by day and by night."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.colour import DAY, NIGHT, TEXT, contrast, legible, mix, theme

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_a_readable_colour_stays_as_it_is() -> None:
    assert legible("#0a5a6e", DAY) == "#0a5a6e"


def test_a_mixture_lies_between() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 0) == "#102030"


@given(COLOURS, st.sampled_from([DAY, NIGHT]))
def test_every_accent_becomes_readable(accent: str, background: str) -> None:
    made = theme(accent, background)
    assert contrast(made.accent, background) >= TEXT
    assert contrast(made.accent, made.soft) >= TEXT
    assert contrast(made.ink, made.accent) >= TEXT
