"""What the forms of the operations pages share: a version, one way to save, one way to refuse.

A form that is refused comes back with all that was typed, the reason next to its field, and a
status: 422 for what is wrong, 409 for what somebody else has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash
from flask_wtf import FlaskForm
from psycopg import errors as pg
from wtforms import Field, Form, IntegerField, SelectChoice, StringField, ValidationError
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from webdesk.ops.edits import EditedMeanwhile, Gone
from webdesk.problems import Problem

Json = dict[str, Any]

_SAME = "Somebody saved another one like this. Choose something else."


class EditForm(FlaskForm):  # type: ignore[misc]
    """A form that edits one row, as it was when it had ``version``."""

    version = IntegerField(widget=HiddenInput(), default=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Field -> what is stored now, of fields that somebody else changed meanwhile.
        self.stored: dict[str, str] = {}
        #: Who changed it meanwhile, "" when nobody did.
        self.changed_by = ""

    @property
    def status(self) -> int:
        """The status of a page that shows this form."""
        if self.changed_by:
            return 409
        return 422 if self.errors or self.form_errors else 200

    @property
    def seen(self) -> int:
        """The version that was edited."""
        return self.version.data or 0

    def content(self) -> Json:
        """What the fields say, without the bookkeeping."""
        kept = (f for f in self if f.name not in ("version", "csrf_token"))
        return {field.name: field.data for field in kept}

    def meanwhile(self, now: EditForm, news: EditedMeanwhile) -> None:
        """Keep what was typed, show beside it what is stored; saved again, what was typed wins."""
        self.changed_by = news.editor
        self.version.data = news.row["version"]
        mine = self.content()
        self.stored = {f.name: shown(f) for f in now if f.name in mine and f.data != mine[f.name]}


def shown(field: Field) -> str:
    """What a field says, in words."""
    value = field.data
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_line, value)) or "nothing"
    labels = {one.value: one.label for one in getattr(field, "choices", None) or ()}
    return labels.get(str(value), "" if value is None else str(value)) or "nothing"


def _line(one: object) -> str:
    """A line of several fields; of TAG2 and skills ``key = value``."""
    if isinstance(one, dict):
        return (" = " if "key" in one else " ").join(str(part) for part in one.values())
    return str(one)


def first_sentence(errors: object) -> str:
    """The first of a field's errors, also of one that is made of lines of fields."""
    if isinstance(errors, dict):
        errors = list(errors.values())
    if isinstance(errors, list | tuple):
        return next(filter(None, map(first_sentence, errors)), "")
    return str(errors)


def save(
    form: EditForm,
    act: Callable[[], Json],
    *,
    unique: Mapping[str, tuple[str, str]] | None = None,
    as_form: Callable[[Json], EditForm] | None = None,
) -> Json | None:
    """Validate and store; None when the form goes back to its author.

    Args:
        form: what was sent.
        act: stores it and answers the row.
        unique: constraint -> field and sentence, for what must not be there twice.
        as_form: a row as a form of this kind.

    Raises:
        Problem: 404, the row is gone.
    """
    if not form.validate_on_submit():
        return None
    try:
        return act()
    except EditedMeanwhile as news:
        if as_form is None:
            raise
        form.meanwhile(as_form(news.row), news)
    except Gone:
        raise no_such("row") from None
    except pg.UniqueViolation as error:
        field, sentence = (unique or {}).get(error.diag.constraint_name or "", ("", _SAME))
        refuse(form, field, sentence)
    except (pg.CheckViolation, pg.ForeignKeyViolation, pg.DataError) as error:
        refuse(
            form, error.diag.column_name or "", f"The database refuses this: {error}".split("\n")[0]
        )
    return None


def refuse(form: Form, field: str, sentence: str) -> None:
    """Say what is wrong, next to its field where there is one."""
    if field in form:
        form[field].errors = [*form[field].errors, sentence]
    else:
        form.form_errors.append(sentence)


def no_such(what: str) -> Problem:
    """The refusal for something that does not exist (any more)."""
    return Problem(404, "gone", f"There is no such {what} (any more). Go back to the list.")


def saved(sentence: str) -> None:
    """Say on the next page that it is stored."""
    flash(sentence, "good")


def whole_number(label: str, least: int, most: int, default: int | None = None) -> IntegerField:
    """A field for a whole number."""
    sentence = f"A whole number from {least} to {most}."
    rules = [InputRequired(sentence), NumberRange(least, most, sentence)]
    return IntegerField(label, rules, default=default)


def options(pairs: Mapping[str, str]) -> list[SelectChoice]:
    """The choices of a field: value -> words."""
    return [SelectChoice(value, label) for value, label in pairs.items()]


class Line(StringField):  # type: ignore[misc]
    """One line of text, without spaces around it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the value as it was sent, trimmed."""
        super().process_formdata([value.strip() for value in valuelist])


def readable(read: Callable[[str], Any]) -> Callable[[Form, Field], None]:
    """A validator by one of the readers of ``words.py``."""

    def validate(_: Form, field: Field) -> None:
        try:
            read(field.data or "")
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from None

    return validate


def one_line(_: Form, field: Field) -> None:
    """Refuse what PostgreSQL's ``label`` refuses."""
    text = field.data or ""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValidationError("Use one line, without control characters.")
