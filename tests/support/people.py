"""Who is who in the demo world, by name (README has the same table for people)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A customer: what they would key, and the number they call from ("" when we know none)."""

    name: str
    account: str
    ssn: str
    phone: str = ""


DANA = Person("Dana Reed", "40010001", "900110001", "+12125550140")
MARCUS = Person("Marcus Bell", "40010002", "900110002")
INES = Person("Ines Ortega", "40010003", "900110003", "+12125550141")
PAUL = Person("Paul Ortega", "40010004", "900110004", "+12125550141")
LENA = Person("Lena Fox", "40010005", "900110005", "+12125550145")
OTTO = Person("Otto Lind", "40010006", "900110006", "+12125550146")
PRIYA = Person("Priya Nair", "40010007", "900110007", "+12125550147")
ROSA = Person("Rosa Klein", "50010001", "", "+13125550150")

EVERYBODY = (DANA, MARCUS, INES, PAUL, LENA, OTTO, PRIYA, ROSA)

#: A number that belongs to nobody we know.
STRANGER = "+12125550199"

# Numbers to dial.
CUSTOMER_LINE = "+12025550100"
ACCOUNT_LINE = "+12025550101"
MENU_LINE = "+12025550102"
NIGHT_DESK = "+12025550103"
HOLIDAY_DESK = "+12025550104"
PANTRY_ORDERS = "+12025550110"
PANTRY_NO_QUESTIONS = "+12025550111"
ORDER_LINE = "+12025550113"
NOBODY = "+12025550199"

# Places in the dialplan, as ``Caller.wait_for`` looks for them.
WELCOME = "prompts/welcome-halyard"
ACCOUNT_PROMPT = "Read(CB_ACCOUNT,"
SSN_PROMPT = "Read(CB_SSN,"
MENU_PROMPT = "prompts/menu-halyard"
QUEUE = "Stasis"
