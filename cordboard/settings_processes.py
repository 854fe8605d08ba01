"""Settings: how the processes of one machine run."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Processes(BaseModel):
    """Threads, deadlines, speech and logs."""

    agi_threads: int = Field(
        16,
        ge=1,
        le=256,
        description="Threads, and database connections, of the FastAGI server.",
    )
    agi_deadline_ms: int = Field(
        1000,
        ge=50,
        le=10_000,
        description="Longest time one AGI question may take, milliseconds.",
    )
    web_workers: int = Field(
        1,
        ge=1,
        le=32,
        description="Gunicorn worker processes of the web desk.",
    )
    web_proxies: int = Field(
        0,
        ge=0,
        le=4,
        description="Trusted proxies before the web desk; their `X-Forwarded-*` headers count.",
    )
    webhook_private_targets: bool = Field(
        False,
        description=(
            "Whether webhooks may go to loopback and private addresses; the local stack sets it."
        ),
    )
    tls: bool = Field(
        False,
        description=(
            "Whether the local web desk speaks https, with the certificate of `cordboard tls`."
        ),
    )
    tts_engine: str = Field(
        "espeak-ng",
        description="Text-to-speech engine: `espeak-ng` or `piper`.",
    )
    tts_voice: str = Field(
        "",
        description="Voice of the engine; for piper, the path of its voice file.",
    )
    tts_words_per_minute: int = Field(
        155,
        ge=80,
        le=450,
        description="How fast prompts and announcements are spoken.",
    )
    log_level: str = Field(
        "info",
        description="Least severe level logged: debug, info, warning, error.",
    )
