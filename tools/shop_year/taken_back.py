"""What tills take back: whole orders, single lines, halves, lines of several orders; or against something else."""
from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from .till_orders import TillOrders, Wanted


class TakenBack:
    def __init__(self, orders: TillOrders, random: Random) -> None:
        self._orders, self._random = orders, random

    def make(self, sold: Any) -> Any:
        """Takes back of about one paid order in twelve; returns what does so."""
        paid = sold.filtered(lambda order: order.state == "paid" and order.amount_total > 0)
        wanted = []
        for place, order in enumerate(paid[5::12]):
            lines, kind = order.lines, place % 5
            if kind == 0:
                wanted.append(self.of(lines))
            elif kind == 1:
                wanted.append(self.of(lines[:1]))
            elif kind == 2:
                wanted.append(self.of(lines[:1], half=True))
            elif kind == 3:
                wanted += [self.of(lines[:1], half=True, days=2), self.of(lines[-1:], half=True, days=9)]
            else:
                wanted.append(self.of(lines[:1], also=self._random.choice(self._orders.shelf.products)))
        return self._orders.add(wanted)

    def of(self, lines: Any, *, half: bool = False, also: Any = None, pay: bool = True, days: int = 2) -> Wanted:
        """An order that takes lines back, as Odoo's own button makes it."""
        first = lines[0].order_id
        till = first.config_id
        values = [
            {
                **self._orders.line(till, line.product_id, qty=-line.qty / (2 if half else 1)),
                "price_unit": line.price_unit,
                "discount": line.discount,
                "tax_ids": [(6, 0, line.tax_ids.ids)],
                "refunded_orderline_id": line.id,
            }
            for line in lines
        ]
        if also:
            values.append(self._orders.line(till, also, qty=2, discount=0))
        return Wanted(
            till, first.partner_id, first.date_order + timedelta(days=days), values, state="paid" if pay else "draft",
            is_refund=not also,
        )  # fmt: skip
