"""What was spent on imported orders, by each rule of the program that they earn by, before and after each refund."""

from __future__ import annotations

from decimal import Decimal

from odoo.fields import Domain

from ...connectors.codec import as_decimal
from .point_terms import PointRule, PointTerms, Spent

_ONE = Decimal(1)
_BUYS_NOTHING = ("tip", "gift_card")


class OrderSpending:
    """Reads orders in a fixed number of queries. `terms`: {order: PointTerms}.

    A rule without a product filter goes by the totals that the system states, any other by the lines with its products.
    A tip is given to somebody and buys nothing, and so does a gift card that is sold: no rule counts them. What a gift
    card pays counts as any other money does.
    """

    def __init__(self, terms: dict[object, PointTerms]):
        self._terms = terms
        detailed = [order for order, found in terms.items() if any(r.counts_units or r.products for r in found.rules)]
        self._charge_ids: set[int] = set()
        self._matching: dict[str, set[int]] = {}
        self._idle_ids: set[int] = set()
        self._idle: dict[int, Spent] = {}
        if terms:
            first, *others = terms
            self._load_idle(first.union(*others))
        if detailed:
            self._load(detailed[0].union(*detailed))

    def _load_idle(self, orders):
        charges = orders.pos_sync_connection_id.charge_product_ids.filtered(lambda row: row.kind in _BUYS_NOTHING)
        self._idle_ids = set(charges.product_id.ids)
        lines = orders.env["sale.order.line"]._read_group(
            [("order_id", "in", orders.ids), ("product_id", "in", list(self._idle_ids))],
            ["order_id"],
            ["price_total:sum", "price_subtotal:sum"],
        )
        self._idle = {
            order.id: Spent(as_decimal(total), as_decimal(subtotal)) for order, total, subtotal in lines
        }

    def _load(self, orders):
        """Charges are amounts and no goods: tips, discounts and the like count no units."""
        charges = orders.pos_sync_connection_id.charge_product_ids.filtered(lambda row: row.kind != "unknown")
        self._charge_ids = set(charges.product_id.ids)
        products = orders.order_line.product_id | orders.pos_sync_refund_ids.line_ids.product_id
        for order in orders:
            for rule in self._terms[order].rules:
                if rule.products and str(rule.products) not in self._matching:
                    matching = products.filtered_domain(Domain(rule.products))
                    self._matching[str(rule.products)] = set(matching.ids)

    def steps(self, order):
        """[(refund or none, what was spent in all, [what was spent by each rule])]: the sale, then what each refund
        leaves. A refund that was cancelled leaves all."""
        rules = self._terms[order].rules
        sale = whole = self._sale(order)
        sold = parts = [self._sold(order, rule, sale) for rule in rules]
        steps = [(order.pos_sync_refund_ids.browse(), whole, parts)]
        refunds = order.pos_sync_refund_ids.filtered(lambda item: not item.gone)
        for refund in refunds.sorted(lambda item: (item.refunded_at, item.external_id)):
            exchange = self._exchange(order, refund)
            back = (self._whole(refund.gross, refund.net, refund.tax) - self._idle_back(refund)).share(exchange)
            share = min(back.total / sale.total, _ONE) if sale.total else _ONE
            whole -= back
            parts = [
                part - self._returned(refund, rule, before.share(share), back, exchange)
                for part, before, rule in zip(parts, sold, rules, strict=True)
            ]
            steps.append((refund, whole, parts))
        return steps

    def _idle_back(self, refund):
        """What a refund returns that has bought nothing: a tip or a gift card; and what was only paid too much."""
        lines = refund.line_ids.filtered(lambda line: line.order_line_id.product_id.id in self._idle_ids)
        charges = refund.charge_ids.filtered(lambda charge: charge.kind in _BUYS_NOTHING)
        total = sum(map(as_decimal, [*lines.mapped("gross"), *charges.mapped("gross"), refund.overpayment]), Decimal(0))
        return Spent(total, total)

    def _sale(self, order):
        """An order that was made in Odoo has no other totals than Odoo's."""
        if order.pos_sync_connection_id:
            whole = self._whole(order.pos_sync_gross, order.pos_sync_net, order.pos_sync_tax)
        else:
            whole = Spent(as_decimal(order.amount_total), as_decimal(order.amount_untaxed))
        return whole - self._idle.get(order.id, Spent())

    def _whole(self, gross, net, tax):
        """Some systems state the total and the tax, and no total without tax."""
        gross = as_decimal(gross)
        return Spent(gross, as_decimal(net) or gross - as_decimal(tax))

    def _sold(self, order, rule, whole):
        if not rule.counts_units and rule.products is None:
            return whole
        lines = order.order_line.filtered(
            lambda line: not line.reward_id and not line.combo_item_id and self._counts(rule, line.product_id)
        )
        units = self._units((line.product_id, line.pos_sync_quantity or line.product_uom_qty) for line in lines)
        if rule.products is None:
            return Spent(whole.total, whole.subtotal, units)
        priced = [part for line in lines for part in line._get_lines_with_price()]
        return Spent(
            sum((as_decimal(part.price_total) for part in priced), Decimal(0)),
            sum((as_decimal(part.price_subtotal) for part in priced), Decimal(0)),
            units,
        )

    def _returned(self, refund, rule: PointRule, share: Spent, back: Spent, exchange: Decimal):
        """What a refund takes from what was spent by one rule. One that does not state the amounts of its lines takes
        the same `share` of everything."""
        if rule.products is None:
            units = self._returned_units(refund, rule) if rule.counts_units and refund.line_ids else share.units
            return Spent(back.total, back.subtotal, units)
        if not any(refund.line_ids.mapped("gross")):
            return share
        lines = refund.line_ids.filtered(lambda line: self._counts(rule, self._product(line)))
        return Spent(
            sum((as_decimal(line.gross) for line in lines), Decimal(0)) * exchange,
            sum((as_decimal(line.net) for line in lines), Decimal(0)) * exchange,
            self._returned_units(refund, rule),
        )

    def _returned_units(self, refund, rule):
        lines = refund.line_ids.filtered(lambda line: self._counts(rule, self._product(line)))
        return self._units((self._product(line), line.quantity) for line in lines)

    def _product(self, refund_line):
        return refund_line.product_id or refund_line.order_line_id.product_id

    def _counts(self, rule, product):
        if product.id in self._idle_ids:
            return False
        return product and (rule.products is None or product.id in self._matching[str(rule.products)])

    def _units(self, pairs):
        return sum(
            (as_decimal(quantity) for product, quantity in pairs if product.id not in self._charge_ids), Decimal(0)
        )

    def _exchange(self, order, refund):
        if refund.currency_id == order.currency_id:
            return _ONE
        return as_decimal(
            refund.currency_id._get_conversion_rate(
                refund.currency_id, order.currency_id, order.company_id, refund.refunded_at.date()
            )
        )
