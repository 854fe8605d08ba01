"""Rendering ``asterisk-config/`` for one instance.

A file there may name the placeholders of ``placeholders()`` as ``${NAME}``. Dialplan variables look
the same, so only those names are filled in and every other ``${…}`` is left to Asterisk.
"""

from __future__ import annotations

import re
from pathlib import Path

from cordboard.settings import ROOT, Settings
from cordboard.stack.errors import StackError
from cordboard.stack.paths import asterisk_folder

SOURCE = ROOT / "asterisk-config"

#: In these, a ``${NAME}`` that is no placeholder is a variable of the dialplan.
DIALPLAN = re.compile(r"extensions(\.conf|\.d/.*)$")

#: Asterisk reports an error for each of these when it is missing, though its defaults are wanted.
DEFAULTS_DO = ("acl", "ccss", "features", "pjproject", "stasis", "udptl", "websocket_client")
EMPTY = "; Nothing to set: Asterisk's defaults do.\n"


def placeholders(settings: Settings) -> dict[str, str]:
    """Every name that a file of ``asterisk-config/`` may use, and its value."""
    return {
        "SIP_PORT": str(settings.port("sip")),
        "TRUNK_PORT": str(settings.port("trunk")),
        "SIP_REALM": settings.sip_realm,
        "RTP_FIRST": str(settings.port("rtp_first")),
        "RTP_LAST": str(settings.port("rtp_last")),
        "AGI_PORT": str(settings.port("agi")),
        "ARI_PORT": str(settings.port("ari")),
        "ARI_USER": settings.ari_user,
        "ARI_PASSWORD": settings.ari_password.get_secret_value(),
        "SOUNDS": str(settings.sounds),
        "INSTANCE": settings.instance,
    }


def render(text: str, values: dict[str, str], name: str) -> str:
    """``text`` with the placeholders filled in; ``name`` is for the error.

    Raises:
        StackError: outside the dialplan, a ``${…}`` that is no placeholder.
    """
    known = "|".join(map(re.escape, values))
    filled = re.sub(rf"\$\{{({known})\}}", lambda match: values[match[1]], text)
    left = None if DIALPLAN.search(name) else re.search(r"\$\{[^}]*\}", filled)
    if left:
        raise StackError(
            f"asterisk-config/{name} uses {left[0]}, which is no placeholder",
            f"The placeholders are {', '.join(values)}.",
        )
    return filled


def rendered(settings: Settings) -> dict[str, str]:
    """File name -> text of the whole configuration."""
    values = placeholders(settings)
    texts = {f"{name}.conf": EMPTY for name in DEFAULTS_DO}
    for path in sorted(SOURCE.rglob("*.conf")):
        name = str(path.relative_to(SOURCE))
        texts[name] = render(path.read_text(encoding="utf-8"), values, name)
    return texts


def render_all(settings: Settings) -> set[str]:
    """Write the instance's configuration; answer the names of the files that changed."""
    target = asterisk_folder(settings) / "etc"
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)
    wanted = rendered(settings)
    present = {str(path.relative_to(target)) for path in target.rglob("*.conf")}
    for name in present - wanted.keys():
        (target / name).unlink()
    return (present - wanted.keys()) | write_changed(target, wanted)


def write_changed(target: Path, wanted: dict[str, str]) -> set[str]:
    """Write those texts that differ from the files in ``target``; answer their names."""
    changed = set()
    for name, text in wanted.items():
        path = target / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.add(name)
    return changed
