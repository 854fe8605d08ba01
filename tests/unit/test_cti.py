"""Call data on its way into SIP messages: nothing in it can add a header."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard import cti

texts = st.text(max_size=400)
DATA = {
    "CALL_ID": "7a0d5f2e-0f64-4c1c-9a7e-2f4e6d1f0001",
    "CUSTOMER_NAME": "Dana Reed",
    "SALES_OFFER_CODE": "HAL-FIBER",
    "SERVICE_OFFER_CODE": "HAL-ROUTER",
    "CED_ACCOUNT": "40010001",
}


@given(st.dictionaries(st.sampled_from([*cti.HEADER_KEYS, "X\r\nY", "lower", ""]), texts))
def test_no_value_can_begin_a_header_of_its_own(pairs: dict[str, str]) -> None:
    for name, value in cti.invite_variables(pairs).items():
        assert name.isprintable()
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= cti.MAX_VALUE + len(";encoding=hex")


@given(texts)
def test_a_clean_value_is_short_and_stays_clean(text: str) -> None:
    value = cti.clean_value(text)
    assert len(value) <= cti.MAX_VALUE
    assert not any(ord(c) < 32 or ord(c) == 127 for c in value)
    assert cti.clean_value(value) == value


def test_headers_are_named_after_their_keys() -> None:
    headers = cti.invite_variables(DATA)
    assert headers["PJSIP_HEADER(add,X-CB-Customer-Name)"] == "Dana Reed"
    assert headers["PJSIP_HEADER(add,X-CB-Sales-Offer-Code)"] == "HAL-FIBER"


def test_what_is_not_on_the_list_stays_here() -> None:
    assert not any("Ced" in name for name in cti.invite_variables(DATA))
    assert cti.channel_variables(DATA)["CB_CED_ACCOUNT"] == "40010001"


def test_a_line_end_in_a_name_becomes_a_space() -> None:
    headers = cti.invite_variables({"CUSTOMER_NAME": "Dana\r\nX-Admin: yes"})
    assert headers["PJSIP_HEADER(add,X-CB-Customer-Name)"] == "Dana X-Admin: yes"


def test_accents_are_dropped_rather_than_sent_as_they_are() -> None:
    assert cti.header_value("José Müller") == "Jose Muller"


def test_user_to_user_has_the_call_and_both_codes() -> None:
    content, encoding = cti.user_to_user(DATA).split(";")
    assert encoding == "encoding=hex"
    assert bytes.fromhex(content).decode() == (
        "C=7a0d5f2e-0f64-4c1c-9a7e-2f4e6d1f0001;S=HAL-FIBER;V=HAL-ROUTER"
    )


@given(
    st.dictionaries(st.sampled_from(["CALL_ID", "SALES_OFFER_CODE", "SERVICE_OFFER_CODE"]), texts)
)
def test_user_to_user_is_never_too_long_nor_cut_in_the_middle(pairs: dict[str, str]) -> None:
    content = bytes.fromhex(cti.user_to_user(pairs).split(";")[0])
    assert len(content) <= cti.MAX_UUI


def test_keys_that_are_none_and_empty_values_are_left_out() -> None:
    assert cti.clean({"ani": "1", "A": "", "B": None, "C-D": "x", "OK_1": " y "}) == {"OK_1": "y"}


def test_a_call_centre_elsewhere_gets_what_the_rule_attaches() -> None:
    tag2 = {"CONTRACT": "P-77\r\nX-Evil: 1", "bad key": "x", "LONG": "y" * 200, "LAST": "z"}
    told = cti.tag2_variables("call-1", "pantry", "DESK", tag2)
    assert told["PJSIP_HEADER(add,X-CB-Contract)"] == "P-77 X-Evil: 1"
    assert told["PJSIP_HEADER(add,X-CB-Dnis)"] == "DESK"
    assert not any("bad" in name for name in told)
    uui, encoding = told["PJSIP_HEADER(add,User-to-User)"].split(";")
    assert encoding == "encoding=hex"
    text = bytes.fromhex(uui).decode()
    assert text == "C=call-1;D=DESK;CONTRACT=P-77 X-Evil: 1;LAST=z", "what does not fit is left out"
    assert len(text) <= cti.MAX_UUI
