"""The list: category, goods, their options, how many, anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cordboard.orders.basket import MOST_LINES, Basket, Line
from cordboard.orders.catalogue import Option, Product
from cordboard.orders.dialogue.checkout import leave
from cordboard.orders.dialogue.memory import Picking
from cordboard.orders.dialogue.talk import Ask, Move, Prompt, Talk
from cordboard.orders.dialogue.turns import NUMBER, Keys
from cordboard.orders.dialogue.words import contents, press, total
from cordboard.orders.phrases import money

#: Things that are named at once, and the key that names the next ones.
A_PAGE, NEXT = 8, "9"
BACK = "*"
ADD, FINISH, TAKE_OUT = "1", "2", "3"


def paged(names: Sequence[str], page: int) -> tuple[str, ...]:
    """``For Bread, press 1.`` and so on, for one page of them."""
    begin = page * A_PAGE
    shown = names[begin : begin + A_PAGE]
    say = [f"For {name}, {press(str(key))}" for key, name in enumerate(shown, start=1)]
    return (*say, f"For more, {press(NEXT)}") if len(names) > A_PAGE else tuple(say)


def chosen(digits: str, page: int, count: int) -> int | None:
    """Which of ``count`` things this key names, from 0; None: none."""
    if not digits.isdecimal() or not 1 <= int(digits) <= A_PAGE:
        return None
    place = page * A_PAGE + int(digits) - 1
    return place if place < count else None


def _turned(talk: Talk, at: str, count: int) -> Move | None:
    """The next page, after the last the first again; None when there is one alone."""
    pages = -(-count // A_PAGE)
    if pages < 2:
        return None
    picking = talk.memory.picking
    return talk.to(at, picking=replace(picking, page=(picking.page + 1) % pages))


def _category(talk: Talk) -> Ask | Move:
    names = [one.name for one in talk.catalogue.filled()]
    if not names:
        return talk.person("nothing_open", "There is nothing on the list now.")
    return Ask(paged(names, talk.memory.picking.page), Keys())


def _category_pressed(talk: Talk, digits: str) -> Move | None:
    found = talk.catalogue.filled()
    if digits == BACK:
        return talk.to("more" if talk.memory.basket.lines else "main", picking=Picking())
    if digits == NEXT:
        return _turned(talk, "category", len(found))
    place = chosen(digits, talk.memory.picking.page, len(found))
    return None if place is None else talk.to("goods", picking=Picking(found[place].code))


def _goods(talk: Talk) -> Ask | Move:
    found = talk.catalogue.in_category(talk.memory.picking.category)
    if not found:
        return talk.to("category", picking=Picking())
    names = [f"{one.name}, {_price(talk, one)}" for one in found]
    return Ask((*paged(names, talk.memory.picking.page), f"To go back, {press(BACK)}"), Keys())


def _price(talk: Talk, product: Product) -> str:
    """Of one as it usually is, with tax."""
    basket, _ = talk.catalogue.usable(Basket((Line(product.code),)))
    return total(basket, talk.catalogue)


def _goods_pressed(talk: Talk, digits: str) -> Move | None:
    picking = talk.memory.picking
    found = talk.catalogue.in_category(picking.category)
    if digits == BACK:
        return talk.to("category", picking=Picking())
    if digits == NEXT:
        return _turned(talk, "goods", len(found))
    place = chosen(digits, picking.page, len(found))
    if place is None:
        return None
    return talk.to("option", picking=Picking(picking.category, found[place].code))


def _option(talk: Talk) -> Ask | Move:
    product, open_ = _product(talk), _open_choice(talk)
    if product is None:
        return talk.to("category", "We do not have it any more.", picking=Picking())
    if open_ is None:
        return talk.to("quantity")
    choice, options = open_
    if len(options) == 1:
        return _with_option(talk, options[0])
    names = [_option_named(option) for option in options]
    return Ask((f"{choice}.", *paged(names, talk.memory.picking.page)), Keys())


def _option_named(option: Option) -> str:
    more = f", {money(option.extra_cents)} more" if option.extra_cents else ""
    return f"{option.name}{more}"


def _product(talk: Talk) -> Product | None:
    product = talk.catalogue.product(talk.memory.picking.product)
    return product if product and product.active else None


def _open_choice(talk: Talk) -> tuple[str, tuple[Option, ...]] | None:
    """The choice that is to be answered next."""
    product = _product(talk)
    choices = list(product.choices.items()) if product else []
    answered = len(talk.memory.picking.options)
    return choices[answered] if answered < len(choices) else None


def _option_pressed(talk: Talk, digits: str) -> Move | None:
    picking, open_ = talk.memory.picking, _open_choice(talk)
    if digits == BACK:
        return talk.to("goods", picking=Picking(picking.category))
    if open_ is None:
        return talk.to("option")
    if digits == NEXT:
        return _turned(talk, "option", len(open_[1]))
    place = chosen(digits, picking.page, len(open_[1]))
    return None if place is None else _with_option(talk, open_[1][place])


def _with_option(talk: Talk, option: Option) -> Move:
    picking = talk.memory.picking
    options = (*picking.options, option.code)
    return talk.to("option", picking=replace(picking, options=options, page=0))


def _quantity(talk: Talk) -> Ask | Move:
    product = _product(talk)
    if product is None:
        return talk.to("option")
    if _room(talk, product) < 1:
        said = f"You have as many {product.name} as we sell at once."
        return talk.to("more", said, picking=Picking())
    if product.max_quantity == 1:
        return _add(talk, 1)
    asked = f"How many {product.name}? Key the number and pound. For one, just pound."
    return Ask((asked,), Keys(2, "#", opens=NUMBER))


def _line(talk: Talk) -> Line:
    return Line(talk.memory.picking.product, talk.memory.picking.options)


def _room(talk: Talk, product: Product) -> int:
    """How many more of it the order takes, with these options."""
    same = (_line(talk).product, sorted(_line(talk).options))
    lines = talk.memory.basket.lines
    there = sum(line.quantity for line in lines if (line.product, sorted(line.options)) == same)
    return product.max_quantity - there if there or len(lines) < MOST_LINES else 0


def _quantity_pressed(talk: Talk, digits: str) -> Move | None:
    if digits == BACK:
        return talk.to("goods", picking=Picking(talk.memory.picking.category))
    product = _product(talk)
    if product is None or (digits and not digits.isdecimal()):
        return None
    number = int(digits or 1)
    if number > _room(talk, product):
        return talk.to("quantity", f"You can have {_room(talk, product)} at most.")
    return _add(talk, number) if number else None


def _add(talk: Talk, number: int) -> Move:
    memory = talk.memory.with_line(replace(_line(talk), quantity=number))
    return Move(replace(memory, at="more", picking=Picking()))


def _more(talk: Talk) -> Ask | Move:
    basket, dropped = talk.catalogue.usable(talk.memory.basket)
    if dropped or not basket.lines:
        return talk.to("settle")
    return Ask(
        (
            f"You have {contents(basket, talk.catalogue)}.",
            f"To finish, {press(FINISH)} To add something, {press(ADD)}",
            f"To take something out, {press(TAKE_OUT)}",
        ),
        Keys(),
    )


def _more_pressed(talk: Talk, digits: str) -> Move | None:
    places = {ADD: "category", FINISH: "settle", TAKE_OUT: "take_out"}
    return talk.to(places[digits], picking=Picking()) if digits in places else None


def _take_out(talk: Talk) -> Ask | Move:
    lines = talk.memory.basket.lines
    if not lines:
        return talk.to("settle")
    names = [contents(Basket((line,)), talk.catalogue) for line in lines]
    say = paged(names, talk.memory.picking.page)
    return Ask(("What shall I take out?", *say, f"To go back, {press(BACK)}"), Keys())


def _take_out_pressed(talk: Talk, digits: str) -> Move | None:
    lines = talk.memory.basket.lines
    if digits == BACK:
        return talk.to("more", picking=Picking())
    if digits == NEXT:
        return _turned(talk, "take_out", len(lines))
    place = chosen(digits, talk.memory.picking.page, len(lines))
    if place is None:
        return None
    left = tuple(line for n, line in enumerate(lines) if n != place)
    if not left:
        return leave(talk, "category", "That was all. Please choose from the list.")
    memory = talk.memory.with_basket(lines=left)
    return Move(replace(memory, at="more", picking=Picking()))


PROMPTS = {
    "category": Prompt(_category, _category_pressed),
    "goods": Prompt(_goods, _goods_pressed),
    "option": Prompt(_option, _option_pressed),
    "quantity": Prompt(_quantity, _quantity_pressed),
    "more": Prompt(_more, _more_pressed),
    "take_out": Prompt(_take_out, _take_out_pressed),
}
