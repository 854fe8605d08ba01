"""What one subscriber sells: categories, products and their options.

As JSON: ``{"categories": [{"code", "name", "sort"}], "products": [{"code", "category", "name",
"price_cents", "tax_basis_points", "max_quantity", "by_appointment", "active", "sort", "options":
[{"choice", "code", "name", "extra_cents", "active", "sort"}]}]}``; each list is read out in order
of ``sort``. What was withdrawn is still in it, ``active`` false, so that it has a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from cordboard.orders.basket import Basket, Line


@dataclass(frozen=True, slots=True)
class Category:
    """A part of the list."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a choice, such as Oat to Milk.

    Attributes:
        extra_cents: added to the price of one, without tax.
        active: false when it was withdrawn.
    """

    choice: str
    code: str
    name: str
    extra_cents: int = 0
    active: bool = True


@dataclass(frozen=True)
class Product:
    """Goods, or a service.

    Attributes:
        category: code.
        price_cents: for one without options' extras, without tax.
        tax_basis_points: 825 is 8.25 %.
        max_quantity: on one line.
        by_appointment: a service at a time: method appointment, and no other.
        active: false when it was withdrawn.
        options: of each choice the first that is active is the usual one.
    """

    code: str
    category: str
    name: str
    price_cents: int
    tax_basis_points: int = 0
    max_quantity: int = 20
    by_appointment: bool = False
    active: bool = True
    options: tuple[Option, ...] = ()

    @cached_property
    def choices(self) -> dict[str, tuple[Option, ...]]:
        """Choice -> what can be answered, the usual answer first."""
        choices: dict[str, list[Option]] = {}
        for option in self.options:
            if option.active:
                choices.setdefault(option.choice, []).append(option)
        return {choice: tuple(options) for choice, options in choices.items()}

    def option(self, code: str) -> Option | None:
        """The option with this code, withdrawn or not."""
        return next((option for option in self.options if option.code == code), None)


class Why(Enum):
    """Why a line cannot be ordered."""

    PRODUCT = "product"  # it was withdrawn
    OPTION = "option"  # an option was withdrawn
    CHOICE = "choice"  # two answers to one choice
    QUANTITY = "quantity"  # of this product fewer are sold at once


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that cannot be ordered (any more); ``name`` is what to call it."""

    line: Line
    name: str
    why: Why


@dataclass(frozen=True)
class Catalogue:
    """All that a subscriber sells, and what it sold."""

    categories: tuple[Category, ...]
    products: tuple[Product, ...]

    @cached_property
    def _by_code(self) -> dict[str, Product]:
        return {product.code: product for product in self.products}

    def product(self, code: str) -> Product | None:
        """The product with this code, withdrawn or not."""
        return self._by_code.get(code)

    def in_category(self, code: str) -> tuple[Product, ...]:
        """What can be ordered of one category."""
        return tuple(one for one in self.products if one.active and one.category == code)

    def filled(self) -> tuple[Category, ...]:
        """Categories of which something can be ordered."""
        return tuple(one for one in self.categories if self.in_category(one.code))

    def usable(self, basket: Basket) -> tuple[Basket, tuple[Dropped, ...]]:
        """What of the basket can be ordered now, and what had to be left out.

        A choice that the basket does not answer is answered as usual. A method that does not go
        with what is left is forgotten, so that it is asked again.
        """
        checked = [self._checked(line) for line in basket.lines]
        dropped = [one for one in checked if isinstance(one, Dropped)]
        lines = tuple(one for one in checked if isinstance(one, Line))
        # Only now are lines equal that differ in what was left to be answered as usual.
        merged = replace(basket, lines=lines).merged().lines
        many = [line for line in merged if line.quantity > self._by_code[line.product].max_quantity]
        dropped += [Dropped(line, self.name(line), Why.QUANTITY) for line in many]
        left = replace(basket, lines=tuple(line for line in merged if line not in many))
        fits = basket.method in self.methods(left)
        return replace(left, method=basket.method if fits else ""), tuple(dropped)

    def methods(self, basket: Basket) -> tuple[str, ...]:
        """Delivery methods that go with everything in it; none when goods and services mix."""
        kinds = {
            product.by_appointment
            for line in basket.lines
            if (product := self.product(line.product)) is not None
        }
        if len(kinds) > 1:
            return ()
        return ("appointment",) if True in kinds else ("pick_up", "delivery")

    def name(self, line: Line) -> str:
        """``Latte with oat milk, large``: what is not as usual; the code where there is no name."""
        product = self.product(line.product)
        if product is None:
            return line.product
        usual = {options[0].code for options in product.choices.values()}
        options = (product.option(code) for code in line.options if code not in usual)
        named = [option.name for option in options if option]
        return f"{product.name} with {', '.join(named)}" if named else product.name

    def _checked(self, line: Line) -> Line | Dropped:
        """The line with every choice answered, in the product's order, or why it cannot be."""
        product = self.product(line.product)
        if product is None or not product.active:
            return Dropped(line, self.name(line), Why.PRODUCT)
        answers: dict[str, Option] = {}
        for code in line.options:
            option = product.option(code)
            if option is None or not option.active:
                return Dropped(line, self.name(line), Why.OPTION)
            if option.choice in answers:
                return Dropped(line, self.name(line), Why.CHOICE)
            answers[option.choice] = option
        chosen = (answers.get(choice, usual[0]) for choice, usual in product.choices.items())
        return replace(line, options=tuple(option.code for option in chosen))


def catalogue_from_json(data: Mapping[str, Any]) -> Catalogue:
    """A catalogue from what the database answers.

    Raises:
        KeyError, TypeError: it is not of the form above.
    """
    return Catalogue(
        tuple(Category(**one) for one in _sorted(data["categories"])),
        tuple(_product(one) for one in _sorted(data["products"])),
    )


def _product(data: Mapping[str, Any]) -> Product:
    options = tuple(Option(**one) for one in _sorted(data.get("options") or ()))
    return Product(**{**data, "options": options})


def _sorted(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows in order, without what they are ordered by."""
    for row in sorted(rows, key=lambda row: row.get("sort", 0)):
        yield {name: value for name, value in row.items() if name != "sort"}
