"""The snippets of docs/talk-links.md, run as they stand: they sign what the platform signs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cordboard import tag1
from cordboard.secrets import make_secret, signing_key
from cordboard.settings import ROOT

PAGE = (ROOT / "docs" / "talk-links.md").read_text(encoding="utf-8")
WEB = "https://talk.example.com"

#: What a page may have to say, awkward things too.
SAYINGS = [
    {},
    {"t": "Gift baskets", "u": "https://shop.example.com/baskets", "w": "VIP-1"},
    {"t": "A & B = C + D % E ~ * ' ( ) ! ; / ? : @ $ , # [ ]", "c": "Ä-7 ü/ñ"},
    {"t": "日本語 🧺 ‎emoji", "u": "https://shop.example.com/ü?a=%20&b=c#d"},
    {"p": "+1 (312) 555-0150", "c": "P10008", "t": ""},
]

Mint = Callable[[str, dict[str, str]], str]


def snippet(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def in_python(secret: str, says: dict[str, str]) -> str:
    names: dict[str, Callable[..., str]] = {"__name__": "snippet"}  # type: ignore[dict-item]
    exec(snippet("python"), names)
    return names["talk_link"](WEB, "pantry", "ORDERS", secret, **says)


def in_node(folder: Path, secret: str, says: dict[str, str]) -> str:
    (folder / "talk-link.mjs").write_text(snippet("js"), encoding="utf-8")
    runner = 'import { talkLink } from "./talk-link.mjs";\n' + (
        f"console.log(talkLink({json.dumps(WEB)}, 'pantry', 'ORDERS', {json.dumps(secret)},"
        f" {json.dumps(says)}));\n"
    )
    (folder / "run.mjs").write_text(runner, encoding="utf-8")
    return output([node(), "run.mjs"], folder)


def node() -> str:
    found = shutil.which("node")
    assert found, "node is missing: `make setup` installs it"
    return found


def output(command: list[str], folder: Path, **more: str) -> str:
    found = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **more},
    )
    return found.stdout.strip()


@pytest.fixture(params=["python", "node"])
def mint(request: pytest.FixtureRequest, tmp_path: Path) -> Mint:
    if request.param == "python":
        return in_python
    return lambda secret, says: in_node(tmp_path, secret, says)


@pytest.mark.parametrize("says", SAYINGS)
def test_it_signs_what_the_platform_signs(mint: Mint, says: dict[str, str]) -> None:
    secret, began = make_secret(), int(time.time())
    parts = urlsplit(mint(secret, says))
    signed = tag1.parse("pantry", "ORDERS", parts.query)
    tag = tag1.verify(signed, [signing_key(secret)], time.time())
    assert {n: v for n, v in says.items() if v} == {
        name: value for name, value in tag.parameters().items() if name not in "xn"
    }
    assert began + 3600 <= tag.expires <= time.time() + 3600
    ours = tag1.mint(WEB, tag, signing_key(secret))
    assert tag1.parse("pantry", "ORDERS", urlsplit(ours).query).signature == signed.signature
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "talk.example.com",
                                                        "/talk/pantry/ORDERS")  # fmt: skip


def test_each_link_has_a_nonce_of_its_own(mint: Mint) -> None:
    secret = make_secret()
    links = [urlsplit(mint(secret, {})).query for _ in range(2)]
    assert len({tag1.parse("pantry", "ORDERS", link).tag.nonce for link in links}) == 2


def test_both_are_programs_as_they_stand(tmp_path: Path) -> None:
    secret = make_secret()
    (tmp_path / "talk_link.py").write_text(snippet("python"), encoding="utf-8")
    (tmp_path / "talk-link.mjs").write_text(snippet("js"), encoding="utf-8")
    for command in ([sys.executable, "talk_link.py"], [node(), "talk-link.mjs"]):
        query = urlsplit(output(command, tmp_path, CORDBOARD_SECRET=secret)).query
        signed = tag1.parse("pantry", "ORDERS", query)
        tag = tag1.verify(signed, [signing_key(secret)], time.time())
        assert tag.title == "Gift baskets"
