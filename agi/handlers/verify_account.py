"""``verify-account``: the caller keyed an account number, a social security number, or both."""

from __future__ import annotations

from collections.abc import Mapping

from agi import variables as v
from agi.handlers.common import call_id
from agi.services import Services
from agi.session import AgiSession
from cordboard.identity import hash_ssn, valid_account, valid_ssn
from db.queries import sql


def answer(session: AgiSession, services: Services) -> Mapping[str, str]:
    """Compare the digits; attach the offers that they open. The SSN goes no further than here."""
    account = session.get_variable(v.ACCOUNT)
    ssn = session.get_variable(v.SSN)
    if not _can_be_right(account, ssn):
        return {v.VERIFY_STATUS: "INVALID"}
    key = services.settings.ssn_key.get_secret_value().encode()
    row = services.database.one(
        sql.verify_account,
        {
            "call": call_id(session),
            "account": account or None,
            "ssn_hash": hash_ssn(ssn, key) if ssn else None,
        },
    )
    return {v.VERIFY_STATUS: row["status"] if row else v.UNAVAILABLE}


def _can_be_right(account: str, ssn: str) -> bool:
    if not (account or ssn):
        return False
    return (not account or valid_account(account)) and (not ssn or valid_ssn(ssn))
