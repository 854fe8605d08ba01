"""Settings: the page in docs/ equals the code, ports do not collide, bad values are named."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from cordboard.settings import INSTANCES, PORTS, ROOT, Settings, UnknownInstance, load_settings

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def row(name: str) -> str:
    """The line of docs/settings.md that documents a setting."""
    field = Settings.model_fields[name]
    default = (
        field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    )
    shown = "empty" if default in ("", Path()) else f"`{default}`"
    return f"| `CORDBOARD_{name.upper()}` | {shown} | {field.description} |"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_as_it_is(name: str) -> None:
    assert row(name) in PAGE.splitlines()


def test_every_documented_setting_exists() -> None:
    documented = re.findall(r"^\| `CORDBOARD_(\w+)`", PAGE, re.MULTILINE)
    assert {name.lower() for name in documented} == set(Settings.model_fields)


def test_every_port_is_documented() -> None:
    for name, (offset, transport) in PORTS.items():
        numbers = " | ".join(str(base + offset) for base in INSTANCES.values())
        assert f"| {name} | {offset} | {transport} | {numbers} |" in PAGE


def test_no_two_components_share_a_port() -> None:
    assert len(set(PORTS.values())) == len(PORTS)


def test_instances_keep_their_distance() -> None:
    furthest = max(offset for offset, _ in PORTS.values())
    assert all(second - first > furthest for first, second in pairwise(sorted(INSTANCES.values())))


@pytest.mark.parametrize("name", ["", "Dev", "a b", "../x", "x" * 40, "-a"])
def test_an_instance_name_is_plain(name: str) -> None:
    with pytest.raises(ValidationError, match="instance"):
        Settings(instance=name)


def test_an_unknown_instance_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORDBOARD_PORT_BASE", raising=False)
    with pytest.raises(UnknownInstance, match="CORDBOARD_PORT_BASE"):
        Settings(instance="other").port("sip")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "127.0.0.1:80"])
def test_a_web_address_is_http(url: str) -> None:
    for name in ("web_url", "decider_url"):
        with pytest.raises(ValidationError, match="http"):
            Settings(**{name: url})


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDBOARD_RUN_DIR", str(tmp_path))
    (tmp_path / "secrets.env").write_text("CORDBOARD_ARI_USER=file\nCORDBOARD_SIP_REALM=file\n")
    monkeypatch.setenv("CORDBOARD_ARI_USER", "environment")
    settings = load_settings("dev")
    assert (settings.ari_user, settings.sip_realm) == ("environment", "file")


def test_offers_are_with_the_customers_unless_told_otherwise() -> None:
    here = Settings(database_url="postgresql://a/b?sslmode=require")
    assert here.offers_database == here.database
    assert not here.is_split
    split = Settings(database_url="postgresql://a/b", offers_database_url="postgresql://c/d")
    assert split.is_split
    assert (split.database, split.offers_database) == ("postgresql://a/b", "postgresql://c/d")


def test_a_second_database_of_the_same_server() -> None:
    split = Settings(database_url="postgresql://u:p@a/b?x=y", offers_database_url="local")
    assert split.offers_database == "postgresql://u:p@a/b_offers?x=y"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", ""),
        ("local", "http://127.0.0.1:15082"),
        ("https://decider.example/", "https://decider.example"),
    ],
)
def test_the_decision_service_is_nowhere_here_or_elsewhere(given: str, meant: str) -> None:
    assert Settings(port_base=15000, decider_url=given).decider == meant
