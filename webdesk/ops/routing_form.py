"""The form of a routing rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp

from cordboard import web_rules
from webdesk.ops.forms import EditForm, Line, one_line, options, whole_number

Json = dict[str, Any]

WHISPER = "{company}. Web call about {subject}. {page_title}."


def usable(check: Callable[[], Any]) -> Any:
    """What a rule of the domain answers; its refusal becomes the field's error."""
    try:
        return check()
    except web_rules.Unusable as refusal:
        raise ValidationError(str(refusal)) from None


class Pair(Form):  # type: ignore[misc]
    """One line of TAG2."""

    key = Line("Key")
    value = Line("Value")


class Need(Form):  # type: ignore[misc]
    """One skill, and the poorest level that will do."""

    key = Line("Skill")
    value = IntegerField("Poorest level", [Optional()])


class RuleForm(EditForm):
    """One rule."""

    #: For checks: the subscriber's country, and the numbers that lead back to us.
    region = "US"
    own_numbers: set[str]

    subject_code = Line(
        "Subject code (SC)",
        [
            InputRequired("Give the subject code that talk links carry."),
            Regexp(
                r"^[A-Z0-9-]{2,32}\Z", message="2 to 32 capitals, digits and -, as in FIBER-NEW."
            ),
        ],
    )
    name = Line("Name", [InputRequired("Give the rule a name."), Length(max=120), one_line])
    destination = RadioField(
        "Who is called",
        choices=options({"group": "A group of ours", "external": "A call centre elsewhere"}),
        default="group",
    )
    group_id = SelectField("Agent group", validate_choice=False)
    external = Line("Number or SIP address")
    dnis = Line(
        "DNIS code",
        [
            Optional(),
            Regexp(r"^[+0-9A-Za-z*#._-]{1,64}\Z", message="Digits, letters and + * # . _ - only."),
        ],
    )
    tag2 = FieldList(FormField(Pair), "TAG2: data that goes with the call", max_entries=100)
    placement = RadioField(
        "Who is dialled first",
        choices=options(
            {
                "customer_first": "The customer first",
                "agent_first": "The agent first",
                "both": "Both at once",
            }
        ),
        default="customer_first",
    )
    sign_on = RadioField(
        "The agent signs on with",
        choices=options({"digit": "the # key", "pin": "PIN and #"}),
        default="digit",
    )
    whisper_template = TextAreaField(
        "Spoken to the agent",
        [InputRequired("Say what the agent hears."), Length(max=600)],
        default=WHISPER,
        filters=[lambda text: " ".join((text or "").split())],
    )
    ring_customer_seconds = whole_number("Ring the customer for", 5, 120, 30)
    ring_agent_seconds = whole_number("Ring an agent for", 1, 120, 15)
    sign_on_seconds = whole_number("Wait for the sign-on for", 3, 120, 15)
    detect_voicemail = BooleanField("Find out whether a machine answered")
    needs = FieldList(FormField(Need), "Skills that the agent needs", max_entries=100)
    priority = whole_number("Priority", 0, 9, 0)
    active = BooleanField("In use", default=True)

    def tag2_pairs(self) -> dict[str, str]:
        """The data that goes with the call."""
        lines = (line for line in self.tag2.data if line["key"] or line["value"])
        return web_rules.check_pairs([(line["key"] or "", line["value"] or "") for line in lines])

    def needed_skills(self) -> dict[str, int]:
        """Skill -> poorest level."""
        lines = (line for line in self.needs.data if line["key"])
        return web_rules.check_needs([(line["key"], line["value"] or 9) for line in lines])

    def validate_group_id(self, field: Field) -> None:
        """A group of this subscriber, when a group is to be called."""
        known = {one.value for one in field.choices if one.value}
        if self.destination.data == "group" and field.data not in known:
            raise ValidationError("Choose the group whose agents are called.")

    def validate_external(self, field: Field) -> None:
        """A number or SIP address, when somebody elsewhere is to be called."""
        if self.destination.data == "external":
            field.data = usable(
                lambda: web_rules.check_destination(
                    field.data or "", self.region, self.own_numbers
                ),
            )

    def validate_sign_on(self, field: Field) -> None:
        """A PIN is asked of people whose PIN we know."""
        if self.destination.data == "external" and field.data == "pin":
            raise ValidationError(
                "Nobody at a call centre elsewhere has a PIN here. Choose the # key, or a group of"
                " ours: its people may be called at any number."
            )

    def validate_tag2(self, _: Field) -> None:
        """Keys and values that can travel."""
        usable(self.tag2_pairs)

    def validate_needs(self, _: Field) -> None:
        """Skills and levels."""
        usable(self.needed_skills)

    def validate_whisper_template(self, field: Field) -> None:
        """Only known placeholders."""
        usable(lambda: web_rules.check_template(field.data, web_rules.WHISPER_WORDS))


def row_as_data(row: Json) -> Json:
    """A stored rule in the form's words."""
    return {
        **row,
        "group_id": str(row["group_id"] or ""),
        "external": row["external"] or "",
        "dnis": row["dnis"] or "",
        "tag2": [{"key": key, "value": value} for key, value in sorted(row["tag2"].items())],
        "needs": [{"key": key, "value": value} for key, value in sorted(row["needs"].items())],
    }
