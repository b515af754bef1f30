from collections import Counter, defaultdict
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from odoo import models

from ...connectors.codec import as_decimal
from .order_spending import OrderSpending
from .point_terms import PointTerms
from .post_points import Posting

_HUNDREDTH = Decimal("0.01")


class PosSyncAwardPoints(models.AbstractModel):
    """Refunds of orders that were made in Odoo and sent to a system. Odoo itself has given such an order its points;
    each refund takes its share of them, by the program's rules as they were at the first one.

    The ledger holds only what refunds took: what Odoo gave stands in the order's coupon points.
    """

    _inherit = "pos.sync.award_points"

    def _settle(self, orders):
        result = super()._settle(orders)
        postings = []
        for order in self._made_here(orders):
            postings += self._refund_postings(order, self._shares(order) if order.state == "sale" else {})
        self.env["pos.sync.post_points"]._post(postings)
        return result

    def _take_back(self, orders):
        """Odoo takes back next what it gave, the whole of it: what refunds took is given back first."""
        result = super()._take_back(orders)
        self.env["pos.sync.post_points"]._post(
            [posting for order in self._made_here(orders) for posting in self._refund_postings(order, {})]
        )
        return result

    def _made_here(self, orders):
        """Those that Odoo awards and that refunds were imported for."""
        own = orders.sudo().filtered(lambda order: not order.pos_sync_connection_id)
        return own.filtered(lambda order: order.pos_sync_refund_ids or order.pos_sync_points_ids).union()

    def _shares(self, order):
        """{(card, refund): points} that the refunds of an order must have taken of what Odoo gave it, negative."""
        wanted = {}
        for given in order.coupon_point_ids.filtered(lambda row: row.coupon_id.program_id.program_type == "loyalty"):
            card, held = given.coupon_id, as_decimal(given.points)
            terms = self._terms_made_here(order, card.program_id)
            (_none, whole, parts), *steps = OrderSpending({order: terms}).steps(order)
            before, left = terms.points(parts), held
            for refund, rest, parts in steps:
                if before:
                    share = terms.points(parts, refunded=True) / before
                else:
                    share = max(rest.total, Decimal(0)) / whole.total if whole.total else Decimal(0)
                after = (held * share).quantize(_HUNDREDTH, ROUND_DOWN)
                wanted[card, refund] = after - left
                left = after
        return wanted

    def _terms_made_here(self, order, program):
        """Odoo itself goes by the total, and rounds nothing."""
        known = order.pos_sync_points_ids.filtered(lambda row: row.program_id == program and row.terms)
        if known:
            return PointTerms.load(known[-1].terms)
        connection = order.pos_sync_refund_ids.connection_id[:1]
        terms = self._program_terms(program, connection, order.currency_id, order._pos_sync_day_of_sale())
        return replace(terms, basis="total", rounding="none")

    def _refund_postings(self, order, wanted):
        """The postings that lead from what refunds of an order took to what is `wanted`, by card and refund."""
        taken, connections = defaultdict(Decimal), {}
        sequences = Counter((row.connection_id, row.order_external_id) for row in order.pos_sync_points_ids)
        for row in order.pos_sync_points_ids:
            taken[row.card_id, row.refund_id] += as_decimal(row.points)
            connections[row.card_id, row.refund_id] = (row.connection_id, row.order_external_id)
        postings = []
        for card, refund in dict.fromkeys([*taken, *wanted]):
            points = wanted.get((card, refund), Decimal(0)) - taken[card, refund]
            if not points:
                continue
            key = connections.get((card, refund)) or (refund.connection_id, refund.order_external_id)
            connection, external_id = key
            kind = "refund" if order.state == "sale" and wanted else "cancel"
            terms = self._terms_made_here(order, card.program_id) if (card, refund) in wanted else None
            postings.append(
                Posting(
                    connection_id=connection.id,
                    order_id=order.id,
                    order_external_id=external_id,
                    kind=kind,
                    sequence=sequences[key],
                    program_id=card.program_id.id,
                    partner_id=(card.partner_id or order.partner_id).id,
                    card_id=card.id,
                    refund_id=refund.id or None,
                    points=points,
                    terms=terms.dump() if terms else None,
                    description=self._description_of(order, kind, refund),
                )
            )
            sequences[key] += 1
        return postings
