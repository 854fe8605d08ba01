"""Which mirror this machine's apt sources name, in both of their formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.stack.apt import Source, find_mirror, parse_deb822, parse_one_line
from cordboard.stack.errors import StackError

DEB822 = """\
Types: deb deb-src
# an older address
URIs: http://mirror.example/debian/
Suites: bookworm
 bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
"""


def test_deb822_reads_folded_fields_and_leaves_out_what_is_disabled() -> None:
    found = list(parse_deb822(DEB822))
    assert found == [Source("http://mirror.example/debian/", ("bookworm", "bookworm-updates"))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("deb http://m.example/debian trixie main", Source("http://m.example/debian", ("trixie",))),
        ("deb [arch=amd64 signed-by=/k] https://m/d sid main", Source("https://m/d", ("sid",))),
        ("  deb file:/srv/debian stable main", Source("file:/srv/debian", ("stable",))),
    ],
)
def test_one_line_sources(line: str, expected: Source) -> None:
    assert list(parse_one_line(line)) == [expected]


@pytest.mark.parametrize(
    "line",
    ["# deb http://m/d sid main", "deb-src http://m/d sid main", "deb cdrom:[Debian]/ sid main"],
)
def test_lines_that_are_no_source_of_packages(line: str) -> None:
    assert list(parse_one_line(line)) == []


def test_the_mirror_is_debians_own_archive(tmp_path: Path) -> None:
    lists = tmp_path / "sources.list.d"
    lists.mkdir()
    (tmp_path / "sources.list").write_text("deb http://sec.example/debian-security bookworm main\n")
    (lists / "a-vendor.list").write_text("deb https://vendor.example/apt tools main\n")
    (lists / "debian.sources").write_text(DEB822)
    (lists / "debian.sources.save").write_text("Types: deb\nURIs: http://old/\nSuites: sid\n")
    assert find_mirror(tmp_path) == "http://mirror.example/debian"


@pytest.mark.parametrize("slashes", ["", "//"])
def test_a_list_of_mirrors_stands_for_its_first(tmp_path: Path, slashes: str) -> None:
    mirrors = tmp_path / "debian.list"
    mirrors.write_text("# near first\n\nhttps://near.example/debian/\tpriority:1\nhttps://far/\n")
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/debian.sources").write_text(
        f"Types: deb\nURIs: mirror+file:{slashes}{mirrors}\nSuites: bookworm bookworm-updates\n"
    )
    assert find_mirror(tmp_path) == "https://near.example/debian"


@pytest.mark.parametrize("content", [None, "", "# none\n", "https://security.example/\n"])
def test_a_list_without_a_mirror_is_passed_over(tmp_path: Path, content: str | None) -> None:
    mirrors = tmp_path / "mirrors"
    if content is not None:
        mirrors.write_text(content)
    (tmp_path / "sources.list").write_text(
        f"deb mirror+file:{mirrors} sid main\ndeb http://other.example/debian sid main\n"
    )
    assert find_mirror(tmp_path) == "http://other.example/debian"


def test_without_a_debian_archive_it_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no Debian archive") as caught:
        find_mirror(tmp_path)
    assert "deb MIRROR" in caught.value.hint
