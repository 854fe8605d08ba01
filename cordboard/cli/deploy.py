"""``render``, ``prompts``, ``tls``: what a machine needs once (docs/production.md)."""

from __future__ import annotations

from pathlib import Path

import click

from cordboard.settings import load_settings
from cordboard.stack.errors import StackError
from cordboard.stack.hold_music import ensure_hold_music
from cordboard.stack.progress import step
from cordboard.stack.templates import rendered, write_changed
from cordboard.stack.tones import ensure_tones


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def render(folder: Path) -> None:
    """Write Asterisk's configuration, filled in for these settings, to FOLDER.

    Files of other names in FOLDER stay.
    """
    changed = sorted(write_changed(folder, rendered(load_settings())))
    for name in changed:
        click.echo(folder / name)
    what = f"{len(changed)} files written" if changed else "nothing has changed"
    click.echo(f"{what}. Next: 'asterisk -rx \"core reload\"', or restart Asterisk.")


@click.command()
def prompts() -> None:
    """Speak the prompts whose text or recording has changed; write hold music if there is none."""
    from cordboard import prompts as spoken

    settings = load_settings()
    with step(click.echo, "prompts: speaking what is not spoken yet"):
        made = spoken.build(settings)
    ensure_hold_music(settings)
    ensure_tones(settings)
    click.echo(f"{made} made in {settings.sounds}.")


@click.command()
@click.argument("name", nargs=-1)
@click.option("--new", is_flag=True, help="Make another one, also when the present one will do.")
def tls(name: tuple[str, ...], new: bool) -> None:
    """Make a certificate for the local web desk; NAMEs of this machine besides localhost."""
    from cordboard.stack import certificate

    settings = load_settings()
    try:
        made = certificate.ensure(settings, name, anew=new)
    except ValueError as error:
        raise StackError(f"no certificate for these names: {error}") from error
    found = certificate.files(settings)
    click.echo(f"{found.certificate} {'made' if made else 'is still good'}.")
    click.echo("Next:")
    click.echo("  CORDBOARD_TLS=1 cordboard up        the web desk speaks https (keep it set)")
    click.echo(
        f"  curl --cacert {found.authority} https://localhost:{settings.port('web')}/healthz"
    )
    click.echo(f"  browsers: import {found.authority} as an authority; its key is not kept")


COMMANDS = (render, prompts, tls)
