"""The form of a rule: rows of attribute, comparison and value, or JSON for what is nested."""

from __future__ import annotations

import json
import re
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from cordboard import rules
from cordboard.attributes import ATTRIBUTES
from cordboard.rules import AllOf, AnyOf, Rule, RuleError, Test
from webdesk.ops.forms import EditForm, Line, one_line, options

Json = dict[str, Any]

OPERATORS = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "in": "is one of",
}
COMBINED = {"all": "All rows hold", "any": "At least one row holds"}
#: Rows to fill in besides those that are filled.
SPARE_ROWS = 2
#: Characters of a number that are read.
LONGEST_NUMBER = 60

_ROW = re.compile(r"(?:all|any)\[(\d+)\]")
_GROUPED = re.compile(r"[-−]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,30}")
_WHOLE = re.compile(r"[-−]?[0-9]{1,3}(?:,?[0-9]{3})*|[-−]?[0-9]{1,30}")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class Row(Form):  # type: ignore[misc]
    """One condition."""

    attribute = SelectField(
        "Attribute", choices=options({"": "…", **{n: n for n in ATTRIBUTES}}), validate_choice=False
    )
    op = SelectField("Comparison", choices=options(OPERATORS), validate_choice=False)
    value = Line("Value")


class RuleForm(EditForm):
    """One rule of an offer; valid, ``rule`` is what it says."""

    name = Line(
        "Name",
        [InputRequired("Give the rule a name: it is the reason that people read."), Length(max=120),
         one_line],
    )  # fmt: skip
    written = RadioField(
        "Written as", choices=options({"rows": "Rows", "json": "JSON"}), default="rows"
    )
    combine = RadioField("Together", choices=options(COMBINED), default="all")
    rows = FieldList(FormField(Row), "Conditions", max_entries=100)
    json = TextAreaField("JSON", filters=[lambda text: (text or "").replace("\r\n", "\n")])
    active = BooleanField("In use", default=True)

    rule: Rule | None = None
    #: Index of the row that was refused.
    wrong_row: int | None = None

    def blank_rows(self) -> range:
        """Numbers of the empty rows to show after those that there are."""
        entries = list(self.rows)
        filled = [n for n, row in enumerate(entries, start=1) if row.value.data]
        return range(len(entries), max(filled, default=0) + SPARE_ROWS)

    def validate_rows(self, _: Field) -> None:
        """Rows that make a rule which somebody can match, when rows count."""
        if self.written.data == "json":
            return
        filled = [n for n, row in enumerate(self.rows) if row.attribute.data or row.value.data]
        if not filled:
            raise ValidationError("Fill in at least one row. A rule for everybody is no rule.")
        word = "any" if self.combine.data == "any" else "all"
        condition = {word: [row_as_json(self.rows[n].data) for n in filled]}
        try:
            self.rule = possible(rules.parse(condition))
        except RuleError as refusal:
            found = _ROW.match(refusal.place)
            self.wrong_row = filled[int(found[1])] if found else None
            row = "" if self.wrong_row is None else f"Row {self.wrong_row + 1}, "
            raise ValidationError(f"{row}{refusal}") from None

    def validate_json(self, field: Field) -> None:
        """JSON that makes a rule which somebody can match, when it counts."""
        if self.written.data != "json":
            return
        try:
            self.rule = possible(rules.parse_text(field.data or ""))
        except RuleError as refusal:
            raise ValidationError(str(refusal)) from None


def possible(rule: Rule) -> Rule:
    """The rule, if it does not contradict itself.

    Raises:
        RuleError: nobody can match it.
    """
    reason = rules.contradiction(rule)
    if reason:
        raise RuleError("", f"{reason} Change one of them.")
    return rule


def row_as_json(row: Json) -> Json:
    """A row as a condition; what is wrong with it is found by ``rules.parse``."""
    name, op, text = row["attribute"] or "", row["op"] or "", row["value"] or ""
    about = ATTRIBUTES.get(name)
    value: Any = text
    if op == "in":
        value = [part.strip() for part in text.split(",") if part.strip()]
    elif about and about.type == "number":
        value = _number(text)
    elif about and about.type == "flag":
        value = _YES_NO.get(text.lower(), text)
    return {"attribute": name, "is": op, "value": value}


def _number(text: str) -> Any:
    """A number as people type it; None for nothing, the text itself when it is none."""
    if not text:
        return None
    if _WHOLE.fullmatch(text):
        # Whatever is longer is too large as well, and int() has a limit of its own.
        return int(text[:LONGEST_NUMBER].replace(",", "").replace("−", "-"))
    try:
        return float(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except ValueError:
        return text


def row_as_data(row: Json) -> Json:
    """A stored rule in the form's words. One that cannot be read any more is shown as JSON."""
    data = {"name": row["name"], "active": row["active"], "version": row["version"]}
    pretty = json.dumps(row["condition"], indent=2, ensure_ascii=False)
    try:
        rule = rules.parse(row["condition"])
    except RuleError:
        return {**data, "written": "json", "json": pretty}
    found = _as_rows(rule)
    if found is None:
        return {**data, "written": "json", "json": pretty}
    combine, tests = found
    return {**data, "written": "rows", "combine": combine, "json": pretty,
            "rows": [_as_row(test) for test in tests]}  # fmt: skip


def _as_rows(rule: Rule) -> tuple[str, list[Test]] | None:
    """The rule as rows, if it has one level."""
    if isinstance(rule, Test):
        return "all", [rule]
    if isinstance(rule, AllOf | AnyOf):
        tests = [part for part in rule.parts if isinstance(part, Test)]
        if len(tests) == len(rule.parts) and all(map(_typed_alike, tests)):
            return ("all" if isinstance(rule, AllOf) else "any"), tests
    return None


def _typed_alike(test: Test) -> bool:
    """Whether a row says the same: it trims texts, and parts lists at commas."""
    texts = test.value if isinstance(test.value, tuple) else (test.value,)
    return all(
        not isinstance(text, str) or (text == text.strip() and text and "," not in text)
        for text in texts
    )


def _as_row(test: Test) -> Json:
    value = test.value
    if isinstance(value, tuple):
        text = ", ".join(value)
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = str(value)
    return {"attribute": test.attribute, "op": test.op, "value": text}
