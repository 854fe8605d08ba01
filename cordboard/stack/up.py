"""`cordboard up`: bring a stack up, or what is missing of it.

Three things begin at once: the stores with their tables and demo data, Asterisk, and the prompts.
The processes that need all three follow, also at once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cordboard.settings import Settings
from cordboard.stack import (
    components,
    postgres,
    processes,
    ready,
    redis_server,
    sandbox,
    supervisor,
    templates,
)
from cordboard.stack.bring_data import bring_data
from cordboard.stack.credentials import ensure_secrets
from cordboard.stack.errors import StackError
from cordboard.stack.hold_music import ensure_hold_music
from cordboard.stack.lock import only_one
from cordboard.stack.progress import Say, silent, step
from cordboard.stack.rootfs import ensure_root
from cordboard.stack.start import starter
from cordboard.stack.tones import ensure_tones

STORES = ("postgres", "redis")
OURS = ("agi", "decider", "ari_app", "worker", "web", "shop")


def up(settings: Settings, say: Say = silent, only: Collection[str] = components.NAMES) -> Settings:
    """Bring the instance up; answer the settings with the secrets made for it.

    ``only`` names the components wanted, for experiments with a part of the stack; what runs
    already stays. Tables, demo data and prompts come with those that use them, ``OURS``.

    Raises:
        StackError: a component did not come up; the last lines of its log are in the message.
    """
    with only_one(settings):
        settings = ensure_secrets(settings)
        _check_elsewhere(settings, only)
        _stop_orphans(settings, say)
        # What runs already is brought up to date too: it may be of an older version.
        local = set(components.names(settings)) - components.elsewhere(settings).keys()
        wanted = local & (set(only) | supervisor.running(settings))
        root = ensure_root(say) if "asterisk" in wanted else Path("/")
        changed = _prepare(settings, root, wanted, say)
        _at_once(
            lambda: _bring_up_stores(settings, wanted, say),
            lambda: _bring_up_asterisk(settings, root, wanted, changed, say),
            lambda: _speak_prompts(settings, wanted, say),
        )
        ours = [name for name in OURS if name in wanted]
        _at_once(*(starter(settings, name, say) for name in ours))
        return settings


def _check_elsewhere(settings: Settings, only: Collection[str]) -> None:
    """Raise when a service that the settings point at does not answer."""
    for name in components.elsewhere(settings).keys() & set(only):
        if problem := ready.problem(settings, name):
            variable = components.ADDRESS_OF[name]
            raise StackError(
                f"{name} at {ready.address(settings, name)} does not answer: {problem}",
                f"Start it there, or unset {variable} to have one of this stack's own.",
            )


def _at_once(*jobs: Callable[[], None]) -> None:
    """Run the jobs side by side; raise the first error when all have ended."""
    with ThreadPoolExecutor() as pool:
        for running in [pool.submit(job) for job in jobs]:
            running.result()


def _prepare(settings: Settings, root: Path, wanted: set[str], say: Say) -> set[str]:
    """Files, folders and supervisord; answer which of Asterisk's files changed."""
    sandbox.make_folders(settings)
    postgres.check_reach(settings)
    ensure_hold_music(settings)
    ensure_tones(settings)
    changed = templates.render_all(settings)
    redis_server.write_configuration(settings)
    if settings.tls:
        from cordboard.stack import certificate

        certificate.ensure(settings)
    if "postgres" in wanted:
        if not postgres.data_folder(settings).exists():
            say("postgres: making a private cluster …")
        postgres.make_cluster(settings)
    supervisor.start_daemon(settings, components.describe(settings, root, wanted))
    return changed


def _stop_orphans(settings: Settings, say: Say) -> None:
    """End what a supervisord that died has left: nobody would restart it."""
    if supervisor.is_running(settings):
        return
    orphans = processes.of_instance(settings)
    if orphans:
        say(f"ending {len(orphans)} processes whose supervisor has died …")
        processes.stop_all(orphans, seconds=10)


def _bring_up_stores(settings: Settings, wanted: set[str], say: Say) -> None:
    _at_once(*(starter(settings, name, say) for name in STORES if name in wanted))
    if wanted.intersection(OURS):
        bring_data(settings, say, own="postgres" not in components.elsewhere(settings))


def _speak_prompts(settings: Settings, wanted: set[str], say: Say) -> None:
    if wanted.intersection(OURS):
        from cordboard import prompts, tts

        try:
            with step(say, "prompts: speaking what is not spoken yet"):
                prompts.build(settings)
        except (prompts.PromptError, tts.SpeechError) as error:
            raise StackError(f"prompts: {error}", "Mend it and run this again.") from error


def _bring_up_asterisk(
    settings: Settings, root: Path, wanted: set[str], changed: set[str], say: Say
) -> None:
    if "asterisk" not in wanted:
        return
    before = supervisor.states(settings)["asterisk"]["pid"]
    starter(settings, "asterisk", say)()
    # Not the state: supervisor calls a process RUNNING only when it has lived for a while.
    goes_on = before != 0 and supervisor.states(settings)["asterisk"]["pid"] == before
    if goes_on and any(map(components.is_reloadable, changed)):
        say("asterisk: reading the changed dialplan; calls go on")
        for command in ("dialplan reload", "queue reload all"):
            line = sandbox.console_command(settings, root, command)
            subprocess.run(line, check=True, capture_output=True)
