"""Pools survive a server that cuts them off, and do not block when there is none."""

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from db.pool import open_async_pool, open_pool
from db.queries import sql

NOBODY = "postgresql://cordboard@127.0.0.1:1/cordboard"


def cut_off(url: str, name: str) -> None:
    """What a restart of the server does to open connections."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
            " AND datname = current_database()",
            [f"cordboard-{name}"],
        )


def test_rows_are_dicts_and_a_cut_connection_is_replaced(database_url: str) -> None:
    with open_pool(database_url, size=4, name="test-pool") as pool:
        pool.wait()
        for _ in range(3):
            # Four broken ones are found and replaced within the time of one question to the IVR.
            with pool.connection(timeout=0.9) as conn:
                row = conn.execute(sql.find_user, {"username": "ava"}).fetchone()
                assert row is not None
                assert row["display_name"] == "Ava Lindqvist"
                assert row["password_hash"].startswith("$argon2id$")
            cut_off(database_url, "test-pool")


def test_no_server_costs_no_more_than_the_time_given() -> None:
    with open_pool(NOBODY, size=2, name="nobody", timeout_s=0.3) as pool:
        before = time.monotonic()
        with pytest.raises(PoolTimeout), pool.connection():
            pytest.fail("there is no server")
        with pytest.raises(PoolTimeout), pool.connection(timeout=0.1):
            pytest.fail("there is no server")
        assert time.monotonic() - before < 2


def test_a_statement_has_an_end(database_url: str) -> None:
    with (
        open_pool(database_url, size=1, name="slow", statement_ms=100) as pool,
        pytest.raises(psycopg.errors.QueryCanceled),
        pool.connection() as conn,
    ):
        conn.execute("SELECT pg_sleep(5)")


async def test_async(database_url: str) -> None:
    pool = await open_async_pool(database_url, size=4, name="test-async")
    try:
        await pool.wait()
        for _ in range(3):
            async with pool.connection(timeout=0.9) as conn:
                cursor = await conn.execute(sql.agent_directory)
                agents = {row["username"]: row for row in await cursor.fetchall()}
            assert agents["ava"]["groups"] == {"halyard-sales": 1, "halyard-service": 1}
            assert agents["ava"]["device"] == "phone-ava"
            cut_off(database_url, "test-async")
    finally:
        await pool.close()


async def test_async_without_a_server() -> None:
    pool = await open_async_pool(NOBODY, size=2, name="nobody", timeout_s=0.3)
    try:
        with pytest.raises(PoolTimeout):
            async with pool.connection():
                pytest.fail("there is no server")
    finally:
        await pool.close()
