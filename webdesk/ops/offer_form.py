"""The form of an offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from cordboard.web_rules import Unusable, check_template
from webdesk.ops.forms import EditForm, Line, one_line, options, readable, whole_number
from webdesk.ops.words import money_text, percent_text, read_date, read_money, read_percent

Json = dict[str, Any]

KINDS = {"sales": "Sales", "service": "Service"}
CHANNELS = {
    "agent": "By an agent",
    "ivr": "By the IVR",
    "web": "On the web",
    "chat": "In a chat",
}
#: What a script, and what the IVR's text may be filled with.
SCRIPT_WORDS = (
    "first_name",
    "last_name",
    "account",
    "product",
    "agent_name",
    "subscriber",
    "expected_end",
)
IVR_WORDS = ("first_name", "subscriber")
URL_WORDS = ("call", "account", "customer")

#: More is a slip of the keyboard; expected values of all offers of a customer stay whole numbers.
DEAREST_CENTS = 1_000_000_000


def read_value(text: str) -> int:
    """A net present value in cents.

    Raises:
        ValueError: with a sentence for whoever typed it.
    """
    cents = read_money(text)
    if cents > DEAREST_CENTS:
        raise ValueError(f"At most {DEAREST_CENTS // 100:,}; write what one acceptance is worth.")
    return cents


read_prior = partial(read_percent, least="0.01", most="99.99")


def filled_with(words: tuple[str, ...]) -> Callable[[Form, Field], None]:
    """A validator of a text with placeholders."""

    def validate(_: Form, field: Field) -> None:
        try:
            check_template(field.data or "", words)
        except Unusable as refusal:
            raise ValidationError(str(refusal)) from None

    return validate


def tidy(text: str | None) -> str:
    """A longer text as it is kept: browsers send lines that end in CR LF."""
    return (text or "").replace("\r\n", "\n").strip()


def checkboxes(label: str, choices: Mapping[str, str], **more: Any) -> SelectMultipleField:
    """A field of which several can be chosen."""
    return SelectMultipleField(
        label,
        choices=options(choices),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        **more,
    )


class OfferForm(EditForm):
    """An offer that there is: its code and kind stay as they are."""

    title = Line("Title", [InputRequired("Give the offer a title."), Length(max=120), one_line])
    description = TextAreaField(
        "Description",
        [InputRequired("Say what the customer gets."), Length(max=4000)],
        filters=[tidy],
    )
    script = TextAreaField(
        "Script",
        [InputRequired("Write what the agent says."), Length(max=8000), filled_with(SCRIPT_WORDS)],
        filters=[tidy],
    )
    url = Line(
        "Page",
        [
            Optional(),
            Length(max=160),
            Regexp(
                r'^https?://[^/\s"<>]+[^\s"<>]*\Z',
                message="An address with https:// or http://, without spaces or quotes.",
            ),
            filled_with(URL_WORDS),
        ],
    )
    value = Line(
        "Net present value",
        [InputRequired("Give the value; 0 is none."), readable(read_value)],
    )
    valid_from = Line("From", [readable(read_date)])
    valid_to = Line("Until", [readable(read_date)])
    channels = checkboxes("Where it is presented", CHANNELS, default=["agent", "web", "chat"])
    group_id = SelectField("Agents who present it", validate_choice=False)
    skill = Line(
        "Skill they need",
        [
            Optional(),
            Regexp(r"^[a-z][a-z0-9-]{0,31}\Z", message="Small letters, digits and -, as in fiber."),
        ],
    )
    cooldown_days = whole_number("Rest after it was presented", 0, 3650, 30)
    max_exposures = whole_number("Presented at most", 0, 1000, 5)
    excludes = checkboxes("Shuts out", {})
    prior = Line(
        "Probability of acceptance",
        [InputRequired("Give a guess, in percent."), readable(read_prior)],
        default="10",
    )
    prior_weight = whole_number("Weight of that guess", 0, 100_000, 20)
    ivr_text = TextAreaField(
        "Spoken by the IVR",
        [Length(max=600), filled_with(IVR_WORDS)],
        filters=[lambda text: " ".join((text or "").split())],
    )
    active = BooleanField("In use", default=True)

    def validate_valid_to(self, field: Field) -> None:
        """It ends after it begins."""
        try:
            begins, ends = read_date(self.valid_from.data or ""), read_date(field.data or "")
        except ValueError:
            return  # said already
        if begins and ends and ends < begins:
            raise ValidationError("It ends before it begins: choose a later day, or none.")

    def validate_channels(self, field: Field) -> None:
        """Somewhere."""
        if not field.data:
            raise ValidationError("Choose at least one; an offer that nobody makes is withdrawn.")

    def validate_group_id(self, field: Field) -> None:
        """A group of this subscriber, or none."""
        if field.data not in {one.value for one in field.choices}:
            raise ValidationError("Choose a group of this subscriber, or none.")

    def validate_ivr_text(self, field: Field) -> None:
        """The IVR has something to say when it presents."""
        if "ivr" in (self.channels.data or []) and not field.data:
            raise ValidationError("Write what the caller hears, or take the IVR out above.")


class NewOfferForm(OfferForm):
    """An offer that is being made."""

    code = Line(
        "Code",
        [
            InputRequired("Give the offer a code."),
            Regexp(
                r"^[A-Z0-9-]{2,32}\Z", message="2 to 32 capitals, digits and -, as in HAL-FIBER."
            ),
        ],
    )
    kind = RadioField("Kind", choices=options(KINDS), default="sales")


def row_as_data(row: Json) -> Json:
    """A stored offer in the form's words."""
    return {
        **row,
        "url": row["url"] or "",
        "value": money_text(row["value_cents"]),
        "valid_from": str(row["valid_from"] or ""),
        "valid_to": str(row["valid_to"] or ""),
        "group_id": str(row["group_id"] or ""),
        "skill": row["skill"] or "",
        "prior": percent_text(row["prior_p"]),
        "prior_weight": round(row["prior_weight"]),
        "ivr_text": row["ivr_text"] or "",
    }


def form_as_row(form: OfferForm) -> Json:
    """The columns, from a form that was found valid."""
    values = form.content()
    return {
        **values,
        "url": values["url"] or None,
        "value_cents": read_value(values["value"]),
        "valid_from": read_date(values["valid_from"] or ""),
        "valid_to": read_date(values["valid_to"] or ""),
        "group_id": int(values["group_id"]) if values["group_id"] else None,
        "skill": values["skill"] or None,
        "prior_p": read_prior(values["prior"]),
        "ivr_text": values["ivr_text"] or None,
    }
