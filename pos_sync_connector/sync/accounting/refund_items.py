from collections import defaultdict
from dataclasses import dataclass, replace

from odoo import models
from odoo.tools import SQL

from ...connectors.records import ChargeKind
from ...models.sales.connection_sales import CHANNEL_TAX
from ..sales.sold import is_sold
from .day_amounts import OWED


@dataclass(frozen=True, slots=True)
class RefundItem:
    """What a refund returns of one thing. `included`: `price_unit` is an amount with tax, of all pieces; else it is the
    price that the order has."""

    product_id: int
    fiscal_position_id: int
    tax_ids: tuple
    price_unit: float
    name: str
    pieces: float = 1.0
    quantity: float = -1.0
    discount: float = 0.0
    included: bool = True

    @property
    def line(self):
        """As a line for `_work_out`."""
        return (
            self.product_id,
            self.fiscal_position_id,
            self.tax_ids,
            self.price_unit,
            self.quantity,
            self.discount,
            self.quantity < 0,
            self.included,
        )

    @property
    def back(self):
        """What is refunded, with tax where it is `included`."""
        return -self.price_unit * self.quantity


class PosSyncDayAmounts(models.AbstractModel):
    """What refunds are of: the goods, shipping, tips and fees that the system names, with the tax that it states.

    A refund of all that an order comes to reverses the order itself. An amount that names nothing is a price reduction,
    where the order leaves no doubt about its tax; else a person decides.
    """

    _inherit = "pos.sync.day_amounts"

    def _refund_items(self, work, refunds):
        """{refund: (items, amount that they come to)} of those that reduce sales; what is unclear is a problem of
        `work`. The number of queries does not grow with the refunds."""
        refunds = refunds.filtered(lambda refund: not refund.gone)
        if not refunds:
            return {}
        before = self._refunds_before(refunds)
        everything = refunds.union(*before.values())
        rows = self._rows_by_order(everything)
        self._find_accounts(work, rows.values())
        self._find_charge_accounts(work, rows.values())
        sold = self._sold_ids(everything.order_id)
        found, known = {}, {}
        for refund in everything.sorted(lambda item: (item.refunded_at, item.id)):
            if refund.order_id.id not in sold:
                # Money without a sale, as a deposit that is returned, reverses none.
                continue
            earlier = [item for other in before.get(refund, ()) for item in known.get(other, ())]
            items, problem = self._items_of(work, refund, rows[refund.order_id.id], earlier)
            known[refund] = items if all(item.included for item in items) else self._wholes(rows[refund.order_id.id])
            if refund in refunds:
                found[refund] = (items, work.day.currency_id.round(refund.gross - refund.overpayment))
                if problem:
                    work.problems[refund._trace_key()] = (refund.number, problem)
        return found

    def _refunds_before(self, refunds):
        """{refund: earlier ones on its order}."""
        others = self.env["pos.sync.refund"].search(
            [("order_id", "in", refunds.order_id.ids), ("gone", "=", False)], order="refunded_at, id"
        )
        by_order = others.grouped("order_id")
        return {
            refund: by_order.get(refund.order_id, others.browse()).filtered(
                lambda other, refund=refund: (other.refunded_at, other.id) < (refund.refunded_at, refund.id)
            )
            for refund in others
        }

    def _sold_ids(self, orders):
        """Those that are sales: imported ones by what their system says, all others as they are in Odoo."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT sale.id FROM sale_order sale"
                " WHERE sale.id IN %s AND (%s OR sale.pos_sync_connection_id IS NULL)",
                tuple(orders.ids) or (0,),
                is_sold(),
            )
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def _rows_by_order(self, refunds):
        """{order id: rows of its lines} of the orders that the refunds are on."""
        sold = defaultdict(list)
        for row in self._order_lines(SQL("sale.id IN %s", tuple(refunds.order_id.ids) or (0,))):
            sold[row["order_id"]].append(row)
        return sold

    def _find_charge_accounts(self, work, orders):
        """A refund may name a charge that its order has not."""
        positions = {row["fiscal_position_id"] for rows in orders for row in rows}
        self._find_accounts(
            work,
            [
                [
                    {"product_id": product_id, "fiscal_position_id": position}
                    for product_id in work.charges
                    for position in positions
                ]
            ],
        )

    # One refund

    def _items_of(self, work, refund, rows, earlier):
        """(items, sentence of what is unclear or none)."""
        rounded = work.day.currency_id.round
        target = rounded(refund.gross - refund.overpayment)
        if not target and not refund.charge_ids:
            return [], ""
        if not earlier and rows and not rounded(target - rows[0]["amount_total"]):
            items = [self._reversal(row) for row in rows if row["product_uom_qty"]]
            return items, self._tax_problem(work, refund, items)
        items = self._stated_items(work, refund, rows)
        rest = rounded(target - sum(item.back for item in items))
        if abs(rest) > self._tolerance(work, len(items)):
            left = self._left_over(rows, earlier)
            if not rounded(target - sum(item.back for item in left)):
                return left, self._tax_problem(work, refund, left)
            left = self._left_over(rows, [*earlier, *items])
            reduced = self._part_of_tip(work, left, rest)
            reduced = reduced or self._price_reduction(work, refund, rows, earlier, items, left, rest)
            if not reduced:
                return items, self._nameless(work, refund, rest, left)
            items = [*items, *reduced]
        return items, self._tax_problem(work, refund, items)

    def _reversal(self, row):
        return RefundItem(
            row["product_id"],
            row["fiscal_position_id"],
            tuple(row["tax_ids"]),
            row["price_unit"],
            row["name"],
            quantity=-row["product_uom_qty"],
            discount=row["discount"],
            included=False,
        )

    def _wholes(self, rows):
        """The rows of an order as amounts with tax."""
        return [
            RefundItem(
                row["product_id"], row["fiscal_position_id"], tuple(row["tax_ids"]), row["price_total"], row["name"]
            )
            for row in rows
        ]

    def _left_over(self, rows, earlier):
        """What an order holds less what earlier refunds have returned of it, by product and taxes."""
        left = {}
        for item in (*self._wholes(rows), *(replace(item, price_unit=-item.back) for item in earlier)):
            key = (item.product_id, item.fiscal_position_id, item.tax_ids)
            known = left.get(key)
            amount = item.price_unit + (known.price_unit if known else 0.0)
            left[key] = replace(known or item, price_unit=amount, pieces=1.0)
        return [item for item in left.values() if round(item.price_unit, 6)]

    def _stated_items(self, work, refund, rows):
        """The lines and charges that the system names."""
        by_id = {row["id"]: row for row in rows}
        by_key = {row["pos_sync_line_id"]: row for row in rows if row["pos_sync_line_id"]}
        position = rows[0]["fiscal_position_id"] if rows else False
        priced = any(refund.line_ids.mapped("gross"))
        items = []
        for line in refund.line_ids:
            row = by_id.get(line.order_line_id.id)
            channel = by_key.get(f"{row['pos_sync_line_id']}:{CHANNEL_TAX}") if row else None
            gross, owed = line.gross, line.channel_tax
            if not priced and row:
                share = line.quantity / (row["product_uom_qty"] or 1)
                gross = work.day.currency_id.round(row["price_total"] * share)
                owed = work.day.currency_id.round(channel["price_total"] * share) if channel else 0.0
                gross += owed
            elif channel and not owed and not row["tax_ids"]:
                owed = line.tax
            if not row and line.tax and not line.tax_ids:
                # Its tax is unknown: it stays with what names nothing.
                continue
            items += self._named_items(
                work,
                gross,
                owed,
                product_id=row["product_id"] if row else line.product_id.id or self._charge_id(work, "unknown"),
                fiscal_position_id=row["fiscal_position_id"] if row else position,
                tax_ids=tuple(line.tax_ids.ids) or (tuple(row["tax_ids"]) if row else ()),
                name=line.name or (row["name"] if row else ""),
                pieces=line.quantity or 1.0,
            )
        for charge in refund.charge_ids:
            product_id = self._charge_id(work, charge.kind)
            charged = [row for row in rows if row["product_id"] == product_id]
            sold = {tuple(row["tax_ids"]) for row in charged}
            owed = charge.channel_tax
            if not owed and not charge.tax_ids and sold == {()}:
                remitted = any(f"{row['pos_sync_line_id']}:{CHANNEL_TAX}" in by_key for row in charged)
                owed = charge.tax if remitted else 0.0
            items += self._named_items(
                work,
                charge.gross,
                owed,
                product_id=product_id,
                fiscal_position_id=position,
                tax_ids=tuple(charge.tax_ids.ids) or (sold.pop() if len(sold) == 1 else ()),
                name=charge.name or self._label(charge.kind),
            )
        return items

    def _named_items(self, work, gross, channel_tax, **values):
        """An amount, and beside it the tax in it that the channel remits."""
        items = [RefundItem(price_unit=gross - channel_tax, **values)] if gross - channel_tax else []
        if channel_tax:
            owed = {**values, "product_id": self._charge_id(work, CHANNEL_TAX), "tax_ids": (), "pieces": 1.0}
            items.append(RefundItem(price_unit=channel_tax, **owed))
        return items

    def _charge_id(self, work, kind):
        return next((product_id for product_id, known in work.charges.items() if known == kind), False)

    # An amount that names nothing

    def _part_of_tip(self, work, left, rest):
        """`rest` as a part of the tip, where nothing else is left of the order."""
        if {work.charges.get(item.product_id) for item in left} != {ChargeKind.TIP.value} or len(left) > 1:
            return []
        return [replace(left[0], price_unit=rest)] if 0 < rest <= left[0].price_unit else []

    def _price_reduction(self, work, refund, rows, earlier, named, left, rest):
        """`rest` as a reduction of the price, or where less was returned than is named as a fee that was kept: with the
        one treatment for tax that `earlier` refunds have left, or with the one that gives the stated tax; none where it
        is unclear, or more than is `left`.
        """
        sold = self._weights(work, self._wholes(rows))
        kind = ChargeKind.DISCOUNT.value if rest > 0 else ChargeKind.FEE.value
        values = {
            "product_id": self._charge_id(work, kind),
            "fiscal_position_id": rows[0]["fiscal_position_id"] if rows else False,
            "name": refund.reason or self._label(kind),
        }
        if refund.accepted:
            return self._shared(work, sold if round(sum(sold.values()), 6) else {(): 1.0}, rest, values)
        weights = most = sold
        if rest > 0:
            weights = self._weights(work, self._left_over(rows, earlier))
            weights = {taxes: weight for taxes, weight in weights.items() if taxes in sold}
            most = self._weights(work, left)
        if not round(sum(weights.values()), 6) or abs(rest) > sum(most.values()) + self._tolerance(work, len(rows)):
            return []
        shares = [self._shared(work, by, rest, values) for by in (weights, sold) if round(sum(by.values()), 6)]
        if len(weights) == 1:
            return shares[0]
        if not refund.tax_stated:
            return []
        candidates = [*shares, *([RefundItem(tax_ids=taxes, price_unit=rest, **values)] for taxes in weights)]
        missing = [abs(self._tax_of(work, [*named, *items]) - refund.tax) for items in candidates]
        return candidates[missing.index(min(missing))] if min(missing) <= self._tolerance(work, len(weights)) else []

    def _weights(self, work, items):
        """{taxes: amount of the prices in `items` that have them}, without what is owed to somebody."""
        weights = defaultdict(float)
        for item in items:
            if work.charges.get(item.product_id) not in OWED:
                weights[item.tax_ids] += item.price_unit
        return {taxes: weight for taxes, weight in weights.items() if round(weight, 6)}

    def _shared(self, work, weights, rest, values):
        """`rest` over all treatments for tax that an order has; what rounding leaves goes to the largest."""
        rounded = work.day.currency_id.round
        total = sum(weights.values())
        shares = {taxes: rounded(rest * weight / total) for taxes, weight in weights.items()}
        largest = max(shares, key=lambda taxes: abs(shares[taxes]))
        shares[largest] = rounded(shares[largest] + rest - sum(shares.values()))
        return [RefundItem(tax_ids=taxes, price_unit=share, **values) for taxes, share in shares.items() if share]

    # What it comes to

    def _tax_of(self, work, items):
        """The tax in what is refunded, positive; that which the channel remits, too."""
        channel = self._charge_id(work, CHANNEL_TAX)
        remitted = sum(item.back for item in items if item.product_id == channel)
        found = self._worked_out_lines(work, [item.line for item in items])
        return work.day.currency_id.round(
            remitted + sum(amount for _key, amount, values in found if values["kind"] == "tax")
        )

    def _tax_problem(self, work, refund, items):
        """The sentence that the tax differs from the one that the system states, or none."""
        if not refund.tax_stated or refund.accepted:
            return ""
        tax = self._tax_of(work, items)
        if abs(tax - refund.tax) <= self._tolerance(work, len(items)):
            return ""
        return self.env._(
            "The tax of refund %(refund)s on %(order)s is %(stated)s at the system, and %(computed)s with the taxes of "
            "what was sold. Check the mapping of its taxes, or accept the refund as it is worked out.",
            refund=refund.number,
            order=refund.order_id.name,
            stated=work.amount(refund.tax),
            computed=work.amount(tax),
        )

    def _nameless(self, work, refund, rest, left):
        values = {"refund": refund.number, "order": refund.order_id.name, "rest": work.amount(abs(rest))}
        if rest > sum(item.price_unit for item in left) + self._tolerance(work, len(left)):
            return self.env._(
                "Refund %(refund)s on %(order)s returns %(rest)s that it does not name, and that is more than what is "
                "left of the order after its other refunds. Correct it at the system, or accept it as a price "
                "reduction on the whole order.",
                **values,
            )
        if rest < 0:
            return self.env._(
                "Refund %(refund)s on %(order)s names %(rest)s more than was refunded, and the taxes of the order "
                "leave open what was kept. Name it as a fee at the system, or accept it as a fee on the whole order.",
                **values,
            )
        return self.env._(
            "The system does not say what %(rest)s of the %(gross)s of refund %(refund)s on %(order)s are for, and the "
            "taxes of the order leave it open. Refund lines or charges there, or accept it as a price reduction on the "
            "whole order.",
            **values,
            gross=work.amount(refund.gross),
        )
