"""What a basket costs, in integer cents. Prices are without tax; tax is added a rate at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cordboard.orders.basket import Basket, Line
from cordboard.orders.catalogue import Catalogue, Option, Product

BASIS_POINTS = 10_000


class Unpriceable(ValueError):
    """Something in the basket is not sold; ``Catalogue.usable`` leaves it out first."""


def dollars(cents: int) -> str:
    """An amount as it is written.

    >>> dollars(123456)
    '$1,234.56'
    """
    return f"${cents // 100:,}.{cents % 100:02}"


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its price as it is now.

    Attributes:
        line: what is ordered.
        name: of the product.
        options: chosen, in the order of the line.
        unit_cents: for one with its options, without tax.
        tax_basis_points: 825 is 8.25 %.
    """

    line: Line
    name: str
    options: tuple[Option, ...]
    unit_cents: int
    tax_basis_points: int

    @property
    def cents(self) -> int:
        """For all of them, without tax."""
        return self.unit_cents * self.line.quantity

    def as_json(self) -> dict[str, Any]:
        """As a row of ``order_line``."""
        return {
            "product": self.line.product,
            "name": self.name,
            "options": [
                {
                    "choice": option.choice,
                    "code": option.code,
                    "name": option.name,
                    "extra_cents": option.extra_cents,
                }
                for option in self.options
            ],
            "quantity": self.line.quantity,
            "unit_cents": self.unit_cents,
            "tax_basis_points": self.tax_basis_points,
        }


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its price; ``total_cents`` is what the client pays."""

    lines: tuple[PricedLine, ...]
    subtotal_cents: int
    tax_cents: int

    @property
    def total_cents(self) -> int:
        """With tax."""
        return self.subtotal_cents + self.tax_cents

    def as_json(self) -> dict[str, Any]:
        """As ``place_order_v1`` takes it."""
        return {
            "lines": [line.as_json() for line in self.lines],
            "subtotal_cents": self.subtotal_cents,
            "tax_cents": self.tax_cents,
            "total_cents": self.total_cents,
        }


def price(basket: Basket, catalogue: Catalogue) -> Priced:
    """What the basket costs now.

    Raises:
        Unpriceable: a product or an option in it is not sold.
    """
    lines = tuple(_priced(line, catalogue) for line in basket.lines)
    subtotal = sum(line.cents for line in lines)
    return Priced(lines, subtotal, _tax(lines))


def tax_of(cents: int, basis_points: int) -> int:
    """Tax on a sum that is not negative, rounded half up to a cent.

    >>> tax_of(600, 825)  # 49.5 cents
    50
    """
    return (cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS


def _tax(lines: tuple[PricedLine, ...]) -> int:
    """Rounded once a rate: rounding each line would tax two halves other than the whole."""
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.tax_basis_points] = sums.get(line.tax_basis_points, 0) + line.cents
    return sum(tax_of(cents, rate) for rate, cents in sums.items())


def _priced(line: Line, catalogue: Catalogue) -> PricedLine:
    product = catalogue.product(line.product)
    if product is None or not product.active:
        raise Unpriceable(f"{catalogue.name(line)} is not sold; leave it out.")
    options = tuple(_option(product, code) for code in line.options)
    unit = product.price_cents + sum(option.extra_cents for option in options)
    return PricedLine(line, product.name, options, unit, product.tax_basis_points)


def _option(product: Product, code: str) -> Option:
    option = product.option(code)
    if option is None or not option.active:
        name = option.name if option else code
        raise Unpriceable(f"{product.name} is not sold with {name}; choose something else.")
    return option
