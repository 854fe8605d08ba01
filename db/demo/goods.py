"""Reads ``goods.toml``: what Corner Pantry sells, and how each of its locations serves."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from cordboard.orders.catalogue import Catalogue, catalogue_from_json
from db.demo.tables import Tables
from db.demo.world import LOCATION_IDS, PANTRY

FILE = Path(__file__).with_suffix(".toml")

_file = tomllib.loads(FILE.read_text(encoding="utf-8"))

CATEGORY_IDS = {one["code"]: id_ for id_, one in enumerate(_file["category"], start=1)}
PRODUCT_IDS = {one["code"]: id_ for id_, one in enumerate(_file["product"], start=1)}


def sold() -> Catalogue:
    """Everything that was ever on the list, with what was withdrawn since still on it."""
    return catalogue_from_json(
        {"categories": _file["category"], "products": [*map(_sold, _file["product"])]}
    )


def fill(tables: Tables) -> None:
    """Categories, products and options; methods of the locations and what they lack."""
    for sort, one in enumerate(_file["category"], start=1):
        id_ = CATEGORY_IDS[one["code"]]
        tables.add("product_category", id=id_, subscriber_id=PANTRY, sort=sort, **one)
    for sort, one in enumerate(_file["product"], start=1):
        tables.add("product", id=PRODUCT_IDS[one["code"]], sort=sort, **_product(one))
        _add_options(tables, one)
    for one in _file["location"]:
        _add_methods(tables, one)
        for code in one.get("without", ()):
            tables.add(
                "location_without",
                location_id=LOCATION_IDS[one["code"]],
                product_id=PRODUCT_IDS[code],
            )


def _product(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "subscriber_id": PANTRY,
        "category_id": CATEGORY_IDS[one["category"]],
        "code": one["code"],
        "name": one["name"],
        "price_cents": one["price_cents"],
        "tax_basis_points": one.get("tax", 0),
        "max_quantity": one.get("max_quantity", 20),
        "by_appointment": one.get("by_appointment", False),
        "active": one.get("active", True),
    }


def _add_options(tables: Tables, one: dict[str, Any]) -> None:
    for sort, option in enumerate(_options(one)):
        tables.add(
            "product_option",
            product_id=PRODUCT_IDS[one["code"]],
            sort=sort,
            **{**option, "active": option["code"] not in one.get("withdrawn", ())},
        )


def _options(one: dict[str, Any]) -> list[dict[str, Any]]:
    """In the order of the file, choice by choice."""
    return [
        {"choice": choice, "code": code, "name": name, "extra_cents": extra, "active": True}
        for choice, options in one.get("options", {}).items()
        for code, name, extra in options
    ]


def _sold(one: dict[str, Any]) -> dict[str, Any]:
    """As ``cordboard/orders/catalogue.py`` reads it."""
    known = {key: value for key, value in _product(one).items() if not key.endswith("_id")}
    return {**known, "category": one["category"], "active": True, "options": _options(one)}


def _add_methods(tables: Tables, one: dict[str, Any]) -> None:
    for method in ("pick_up", "delivery", "appointment"):
        if method in one:
            tables.add(
                "location_method",
                location_id=LOCATION_IDS[one["code"]],
                method=method,
                radius_m=one[method].get("radius_m"),
                lead_minutes=one[method]["lead_minutes"],
            )
