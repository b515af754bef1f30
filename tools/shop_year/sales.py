"""Sale orders in all states and two currencies: quotations, delivered or not, invoiced, paid, credited, edited."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from odoo.tools import SQL

from .goods import Shelf
from .moments import moment

_BATCH = 200


class Sales:
    """Makes the sale orders of one company."""

    def __init__(self, shelf: Shelf, customers: Any, random: Random) -> None:
        self.shelf, self.random = shelf, random
        self.env = env = shelf.env
        self.customers = list(customers.with_env(env))
        self.pricelists = env["product.pricelist"].create([
            {"name": f"Sales in {name} ({env.company.name})", "currency_id": env.ref(f"base.{name}").id,
             "company_id": env.company.id}
            for name in ("USD", "EUR")
        ])  # fmt: skip

    def make(self, count: int) -> Any:
        """`count` orders of every kind; returns them, the quotations first."""
        orders = self.add([self._values(number, count) for number in range(count)])
        by_fate: dict[str, Any] = {}
        for number, order in enumerate(orders):
            fate = _fate(number, count)
            by_fate[fate] = by_fate.get(fate, self.env["sale.order"]) | order
        for fate, chosen in by_fate.items():
            getattr(self, f"_{fate}")(chosen)
        self.env.flush_all()
        return orders

    def add(self, values: Sequence[dict[str, Any]]) -> Any:
        made = self.env["sale.order"]
        for start in range(0, len(values), _BATCH):
            made += self.env["sale.order"].create(values[start : start + _BATCH])
        return made

    def values(self, at: datetime, lines: list[dict[str, Any]], number: int = 0, **more: Any) -> dict[str, Any]:
        partner = self.random.choice(self.customers)
        return {
            "partner_id": partner.id,
            "date_order": at,
            "pricelist_id": self.pricelists[number % 2].id,
            "user_id": self.env.uid,
            "order_line": [(0, 0, line) for line in lines],
            **more,
        }

    def line(self, product: Any, **more: Any) -> dict[str, Any]:
        random = self.random
        quantity, discount = random.choice((1, 2, 5, 0.25, 1.13)), random.choice((0, 0, 5, 12.5))
        return {"product_id": product.id, "product_uom_qty": quantity, "discount": discount, **more}

    def _values(self, number: int, count: int) -> dict[str, Any]:
        random, shelf = self.random, self.shelf
        currency = self.pricelists[number % 2].currency_id
        products = [random.choice(shelf.products) for _line in range(random.randint(1, 4))]
        if _fate(number, count) in _OF_HOURS:
            products = [shelf.service]
        lines = [self._priced(product, currency) for product in products]
        if number % 9 == 4:
            lines.append(self._discount(lines))
        return self.values(moment(number, count), lines, number)

    def _priced(self, product: Any, currency: Any) -> dict[str, Any]:
        """With all that Odoo would look up for each line."""
        price = self.shelf.price(product, currency)
        return self.line(product, name=product.display_name, product_uom_id=product.uom_id.id, price_unit=price,
                         technical_price_unit=price, tax_ids=[(6, 0, self.shelf.taxes[product.id].ids)])  # fmt: skip

    def _discount(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        """A tenth off the order, on the product that Odoo's own button uses, taxed as the first line is."""
        company = self.env.company
        if not company.sale_discount_product_id:
            company.sale_discount_product_id = self.env["product.product"].create({
                "name": "Discount", "type": "service", "invoice_policy": "order", "list_price": 0, "taxes_id": False,
                "company_id": company.id,
            })  # fmt: skip
        product = company.sale_discount_product_id
        worth = sum(line["product_uom_qty"] * line["price_unit"] * (1 - line["discount"] / 100) for line in lines)
        return {"product_id": product.id, "name": "A tenth off", "product_uom_qty": 1, "discount": 0,
                "price_unit": -round(worth / 10, 2), "tax_ids": lines[0]["tax_ids"]}  # fmt: skip

    # What becomes of them

    def _draft(self, orders: Any) -> None:
        pass

    def _sent(self, orders: Any) -> None:
        orders.write({"state": "sent"})

    def _cancelled(self, orders: Any) -> None:
        orders._action_cancel()

    def _ordered(self, orders: Any) -> None:
        """Confirmed, and nothing further yet."""
        self.confirm(orders)

    def _delivered(self, orders: Any) -> None:
        """Handed over long ago: their deliveries are no longer kept."""
        orders.with_context(skip_procurement=True).write({"state": "sale"})
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE sale_order SET delivery_status = 'full' WHERE id = ANY(%s)", orders.ids))
        self.env.cr.execute(SQL(
            """
            UPDATE sale_order_line SET qty_delivered = product_uom_qty, qty_to_invoice = product_uom_qty
             WHERE order_id = ANY(%s) AND display_type IS NULL
            """, orders.ids))  # fmt: skip
        self.env.invalidate_all()

    def _shipped(self, orders: Any) -> None:
        """Delivered by Odoo itself."""
        self.confirm(orders, deliver=True)

    def _edited(self, orders: Any) -> None:
        """Handed over, then a line was added, one's quantity changed, and the customer of some."""
        self._delivered(orders)
        orders = orders.with_context(skip_procurement=True)
        for place, order in enumerate(orders):
            product = self.random.choice(self.shelf.own)
            if place % 3 == 0:
                order.order_line = [(0, 0, {"product_id": product.id, "product_uom_qty": 1, "qty_delivered": 1})]
            elif place % 3 == 1:
                order.order_line[:1].product_uom_qty += 1
            else:
                order.partner_id = self.random.choice(self.customers)

    def _invoiced(self, orders: Any) -> None:
        self.confirm(orders)
        self.invoice(orders)

    def _credited(self, orders: Any) -> None:
        self.confirm(orders)
        self.invoice(orders, credits=[(0.5, 1)[place % 2] for place in range(len(orders))])

    # By Odoo's own buttons

    def confirm(self, orders: Any, deliver: bool = False) -> None:
        asked_at = {order: order.date_order for order in orders}
        orders.action_confirm()
        for order, at in asked_at.items():
            order.date_order = at
        if deliver:
            pickings = orders.picking_ids
            for move in pickings.move_ids:
                move.quantity = move.product_uom_qty
            pickings.move_ids.picked = True
            pickings._action_done()

    def invoice(self, orders: Any, credits: Sequence[float] = (), pay: bool = False) -> None:
        """An invoice for each order, of its day; `credits` are the parts of them that are given back."""
        invoices = orders._create_invoices(grouped=True)
        for invoice in invoices:
            invoice.invoice_date = invoice.line_ids.sale_line_ids.order_id.date_order.date()
        invoices.action_post()
        if pay:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            ).create({}).action_create_payments()
        if credits:
            notes = invoices._reverse_moves(
                [{"invoice_date": invoice.invoice_date, "ref": "Too much"} for invoice in invoices]
            )
            for note, part in zip(notes, credits, strict=True):
                for line in note.invoice_line_ids:
                    line.quantity *= part
            notes.action_post()


# What becomes of most, and of those few that Odoo takes long for.
_FATES = (
    "draft", "delivered", "delivered", "sent", "delivered", "delivered", "edited", "delivered", "delivered",
    "cancelled", "delivered", "delivered", "delivered",
)  # fmt: skip
_SLOW_FATES = ("shipped", "invoiced", "ordered", "shipped", "credited", "ordered", "shipped", "credited")
_OF_HOURS = ("invoiced", "credited")
_SLOW = 64


def _fate(number: int, count: int) -> str:
    """Of the order with this number among `count`."""
    every = max(3, count // _SLOW)
    return _FATES[number % len(_FATES)] if number % every else _SLOW_FATES[number // every % len(_SLOW_FATES)]
