"""The menu of the operations area."""

from __future__ import annotations

import pytest

from webdesk.ops.menu import SECTIONS, current, visible

ALL = {section.path for section in SECTIONS}


def paths(role: str, served: set[str] = ALL) -> list[str]:
    return [s.path for sections in visible(role, served).values() for s in sections]


def test_ops_see_every_page_and_agents_none() -> None:
    assert paths("ops") == [section.path for section in SECTIONS]
    assert paths("agent") == []


def test_supervisors_see_what_they_may_read() -> None:
    assert "/ops/requests" in paths("supervisor")
    assert "/ops/routing" not in paths("supervisor")


def test_a_page_that_nobody_serves_is_not_in_the_menu() -> None:
    assert paths("ops", {"/ops", "/ops/pages"}) == ["/ops", "/ops/pages"]


def test_the_menu_leads_on_with_the_subscriber() -> None:
    sections = {section.path: section for section in SECTIONS}
    assert sections["/ops/models"].address("halyard") == "/ops/models?subscriber=halyard"
    assert sections["/ops/models"].address("") == "/ops/models"
    assert sections["/ops/audit"].address("halyard") == "/ops/audit", "of everybody"


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/ops", "/ops"),
        ("/ops/routing/new", "/ops/routing"),
        ("/ops/policy/check", "/ops/policy/check"),
        ("/ops/policy", "/ops/policy"),
        ("/floor", ""),
    ],
)
def test_the_current_section_is_the_longest_that_fits(path: str, section: str) -> None:
    assert current(path) == section
