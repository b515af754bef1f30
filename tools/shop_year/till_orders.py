"""Orders of tills, made as the tills themselves send them: with the amounts of their lines, and their payments."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from odoo.tools import SQL
from odoo.tools.float_utils import float_round

from .goods import Shelf
from .moments import moment
from .tills import Tills

_BATCH = 250
_CLOSED_UNTIL = "2025-09-01"
_TRUE_AGAIN = (
    "payment_ids", "state", "name", "amount_total", "amount_tax", "amount_paid", "amount_return", "amount_difference",
)


@dataclass
class Wanted:
    """One order to be made. `state`: draft, cancel or paid; `change`: paid with a larger note."""

    till: Any
    partner: Any
    at: datetime
    lines: list[dict[str, Any]]
    state: str = "paid"
    change: bool = False
    tip: float = 0
    is_refund: bool = False
    parents: dict[int, int] = field(default_factory=dict)


class TillOrders:
    """Makes the orders of one company's tills; `customers` buy there, and people without a name."""

    def __init__(self, shelf: Shelf, tills: Tills, customers: Any, random: Random) -> None:
        self.shelf, self.tills, self.random = shelf, tills, random
        self.env = shelf.env
        self.customers = list(customers.with_env(self.env))
        self.nobody = self.env["res.partner"]
        self._number = 0

    def make(self, count: int) -> Any:
        """`count` orders of every kind; returns them."""
        return self.add([self._wanted(number, count) for number in range(count)])

    def add(self, wanted: Sequence[Wanted]) -> Any:
        made = self.env["pos.order"]
        for start in range(0, len(wanted), _BATCH):
            made += self._batch(wanted[start : start + _BATCH])
        return made

    def customer(self) -> Any:
        return self.random.choice(self.customers) if self.random.random() < 0.65 else self.nobody

    def line(self, till: Any, product: Any, **more: Any) -> dict[str, Any]:
        """Values of a line, but for its amounts."""
        random = self.random
        return {
            "product_id": product.id,
            "full_product_name": product.name,
            "qty": random.choice((1, 1, 1, 2, 3, 0.5, 1.24, 12)),
            "price_unit": self.shelf.price(product, till.currency_id),
            "discount": random.choice((0, 0, 0, 0, 10, 33.33, 100)),
            "tax_ids": [(6, 0, self.shelf.taxes[product.id].ids)],
            "customer_note": random.choice(("", "", "no ice")),
            **more,
        }

    def _wanted(self, number: int, count: int) -> Wanted:
        random, tills = self.random, self.tills
        till = tills.foreign if number % 3 == 0 else tills.own
        lines = [self.line(till, random.choice(self.shelf.products)) for _line in range(random.randint(1, 5))]
        order = Wanted(
            till, self.customer(), moment(number, count), lines,
            state="draft" if number % 37 == 3 else "cancel" if number % 29 == 4 else "paid", change=number % 4 == 0,
        )  # fmt: skip
        if number % 23 == 6:
            self.add_menu(order, self.shelf.menus[number % 2])
        if number % 17 == 9:
            self._add_reward(order)
        if till == tills.own and random.random() < 0.3:
            self._add_tip(order, 1.5)
        return order

    def add_menu(self, order: Wanted, menu: Any) -> None:
        """A menu costs nothing by itself: its price stands on what was chosen, shared out by the choices' prices."""
        price = self.shelf.price(menu, order.till.currency_id)
        items = [combo.combo_item_ids[0] for combo in menu.combo_ids]
        whole = sum(item.product_id.lst_price for item in items)
        parent = len(order.lines)
        order.lines.append(self.line(order.till, menu, qty=1, price_unit=0, discount=0))
        left = price
        for place, item in enumerate(items):
            part = left if place == len(items) - 1 else round(price * item.product_id.lst_price / whole, 2)
            left = round(left - part, 2)
            order.parents[len(order.lines)] = parent
            order.lines.append(
                self.line(order.till, item.product_id, qty=1, price_unit=part, discount=0, combo_item_id=item.id)
            )

    def _add_reward(self, order: Wanted) -> None:
        reward = self.shelf.reward
        worth = sum(line["qty"] * line["price_unit"] * (1 - line["discount"] / 100) for line in order.lines)
        plain = {"qty": 1, "discount": 0, "customer_note": False, "is_reward_line": True, "reward_id": reward.id}
        order.lines.append(
            self.line(order.till, reward.discount_line_product_id, price_unit=-round(worth / 10, 2), **plain)
        )

    def _add_tip(self, order: Wanted, amount: float) -> None:
        order.tip = amount
        plain = {"qty": 1, "discount": 0, "customer_note": False, "tax_ids": False}
        order.lines.append(self.line(order.till, self.shelf.tip, price_unit=amount, **plain))

    # As a till sends them

    def _batch(self, wanted: Sequence[Wanted]) -> Any:
        orders = self.env["pos.order"].create([self._values(order) for order in wanted])
        for order, item in zip(orders, wanted, strict=True):
            for child, parent in item.parents.items():
                order.lines[child].combo_parent_id = order.lines[parent]
        orders._compute_prices()
        payments = [
            values
            for order, item in zip(orders, wanted, strict=True) if item.state == "paid"
            for values in self._payments(order, item.change)
        ]  # fmt: skip
        self.env["pos.payment"].create(payments)
        self._settle(orders, [item.state for item in wanted])
        return orders

    def _values(self, order: Wanted) -> dict[str, Any]:
        self._number += 1
        number, till = self._number, order.till
        lines = [{**line, **self._amounts(order, line), "name": f"L{number}-{place}"}
                 for place, line in enumerate(order.lines)]  # fmt: skip
        return {
            "session_id": till.current_session_id.id,
            "partner_id": order.partner.id,
            "date_order": order.at,
            "pricelist_id": till.pricelist_id.id,
            "lines": [(0, 0, line) for line in lines],
            "name": f"{till.name} - {number:06d}",
            "pos_reference": f"Order {till.id:05d}-001-{number:04d}",
            "tracking_number": f"{number % 1000:03d}",
            "sequence_number": number,
            "amount_total": sum(line["price_subtotal_incl"] for line in lines),
            "amount_tax": 0, "amount_paid": 0, "amount_return": 0,
            "is_tipped": bool(order.tip), "tip_amount": order.tip, "is_refund": order.is_refund,
            "general_customer_note": "Ring twice" if number % 7 == 0 else False,
        }  # fmt: skip

    def _amounts(self, order: Wanted, line: dict[str, Any]) -> dict[str, float]:
        Product, Tax = self.env["product.product"], self.env["account.tax"]
        taxes = Tax.browse(line["tax_ids"][0][2] if line["tax_ids"] else ())
        amounts = taxes.compute_all(
            line["price_unit"] * (1 - line["discount"] / 100), order.till.currency_id, line["qty"],
            product=Product.browse(line["product_id"]), partner=order.partner,
        )  # fmt: skip
        return {"price_subtotal": amounts["total_excluded"], "price_subtotal_incl": amounts["total_included"]}

    def _payments(self, order: Any, change: bool) -> Iterable[dict[str, Any]]:
        """Part by card, the rest in cash; or a larger note, and change."""
        cash, card = order.config_id.payment_method_ids.sorted(lambda method: not method.is_cash_count)
        at = {"pos_order_id": order.id, "payment_date": order.date_order + timedelta(minutes=3)}
        total = order.amount_total
        if change and total > 0:
            yield {**at, "payment_method_id": cash.id, "amount": round(total + 7.35, 2)}
            yield {**at, "payment_method_id": cash.id, "amount": -7.35, "is_change": True, "name": "return"}
        elif total > 20:
            part = float_round(total / 3, precision_rounding=0.01)
            yield {**at, "payment_method_id": card.id, "amount": part, "payment_ref_no": "AUTH-1"}
            yield {**at, "payment_method_id": cash.id, "amount": float_round(total - part, precision_rounding=0.01)}
        else:
            yield {**at, "payment_method_id": card.id, "amount": total}

    def _settle(self, orders: Any, states: Sequence[str]) -> None:
        """The state of the whole batch, and what has been paid. Amounts are cents, as a till sends them."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            UPDATE pos_order SET amount_total = round(amount_total, 2), amount_tax = round(amount_tax, 2)
             WHERE id = ANY(%s)
            """, orders.ids))  # fmt: skip
        for state in set(states):
            ids = [order.id for order, own in zip(orders, states, strict=True) if own == state]
            self.env.cr.execute(SQL("UPDATE pos_order SET state = %s WHERE id = ANY(%s)", state, ids))
        self.env.cr.execute(SQL(
            """
            UPDATE pos_order SET amount_paid = paid.amount, amount_difference = paid.amount - amount_total,
                   amount_return = paid.change
              FROM (SELECT pos_order_id, round(sum(amount), 2) AS amount, -round(sum(least(amount, 0)), 2) AS change
                      FROM pos_payment GROUP BY pos_order_id) paid
             WHERE paid.pos_order_id = pos_order.id AND pos_order.id = ANY(%s)
            """, orders.ids))  # fmt: skip
        orders.invalidate_recordset(_TRUE_AGAIN)

    def close_past_sessions(self) -> None:
        """What was paid long ago is closed with its session, in a shop that is not closed in one evening of ours."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE pos_order SET state = 'done' WHERE state = 'paid' AND company_id = %s AND date_order < %s",
            self.env.company.id, _CLOSED_UNTIL,
        ))  # fmt: skip
        self.env["pos.order"].invalidate_model(["state"])
