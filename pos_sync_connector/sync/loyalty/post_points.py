from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from odoo import models

from ...connectors.codec import as_decimal


@dataclass(slots=True)
class Posting:
    """A row for the ledger. `points` is what the card gains; without `card_id` the customer's card is found or made,
    unless there is nothing to gain.
    `description` is what the customer reads in the card's history."""

    connection_id: int
    kind: str
    program_id: int
    partner_id: int
    points: Decimal
    description: str
    order_id: int | None = None
    order_external_id: str | None = None
    customer_external_id: str | None = None
    sequence: int = 0
    card_id: int | None = None
    refund_id: int | None = None
    amount: Decimal = Decimal(0)
    terms: dict[str, Any] | None = None


class PosSyncPostPoints(models.AbstractModel):
    """Writes postings to the ledger and to Odoo's loyalty cards, their history and the orders' coupon points."""

    _name = "pos.sync.post_points"
    _description = "POS Sync Posting of Points"

    def _post(self, postings):
        """Each kind of row in one batch; no mail, no chatter. A posting of nothing is only noted in the ledger."""
        if not postings:
            return
        poster = self.sudo().with_context(
            tracking_disable=True, mail_create_nolog=True, mail_notrack=True, loyalty_no_mail=True
        )
        moving = [posting for posting in postings if posting.points]
        poster._find_cards(moving)
        # First of all: where two transactions meet on a card, Odoo repeats the second one by itself.
        poster._add_to_cards(moving)
        poster.env["pos.sync.points"].create([poster._prepare_row(posting) for posting in postings])
        poster.env["loyalty.history"].create([poster._prepare_history(posting) for posting in moving])
        poster._add_to_orders([posting for posting in moving if posting.order_id])

    def _prepare_row(self, posting):
        return {
            "connection_id": posting.connection_id,
            "order_id": posting.order_id,
            "order_external_id": posting.order_external_id,
            "customer_external_id": posting.customer_external_id,
            "refund_id": posting.refund_id,
            "kind": posting.kind,
            "sequence": posting.sequence,
            "program_id": posting.program_id,
            "partner_id": posting.partner_id,
            "card_id": posting.card_id,
            "amount": float(posting.amount),
            "points": float(posting.points),
            "terms": posting.terms,
        }

    def _prepare_history(self, posting):
        return {
            "card_id": posting.card_id,
            "description": posting.description,
            "issued": float(max(posting.points, 0)),
            "used": float(max(-posting.points, 0)),
            **({"order_model": "sale.order", "order_id": posting.order_id} if posting.order_id else {}),
        }

    # Cards

    def _find_cards(self, postings):
        """Gives each posting the card of its program and customer; makes those that are missing."""
        wanted = {(posting.program_id, posting.partner_id) for posting in postings if not posting.card_id}
        if not wanted:
            return
        cards = self.env["loyalty.card"]._cards_of(wanted)
        missing = sorted(wanted - set(cards))
        made = self.env["loyalty.card"].create(
            [{"program_id": program_id, "partner_id": partner_id} for program_id, partner_id in missing]
        )
        cards.update(zip(missing, made.ids, strict=True))
        for posting in postings:
            posting.card_id = posting.card_id or cards[posting.program_id, posting.partner_id]

    def _add_to_cards(self, postings):
        gains = defaultdict(Decimal)
        for posting in postings:
            gains[posting.card_id] += posting.points
        for card in self.env["loyalty.card"].browse(gains):
            if gains[card.id]:
                card.points = float(as_decimal(card.points) + gains[card.id])
        self.env["loyalty.card"].flush_model(["points"])

    # What Odoo takes back when it cancels an order

    def _add_to_orders(self, postings):
        gains = defaultdict(Decimal)
        for posting in postings:
            gains[posting.order_id, posting.card_id] += posting.points
        # What Odoo itself gave an order of its own is taken back by Odoo as it gave it.
        orders = self.env["sale.order"].browse({order_id for order_id, _card_id in gains})
        imported_ids = set(orders._pos_sync_imported().ids)
        gains = {key: gain for key, gain in gains.items() if key[0] in imported_ids}
        CouponPoints = self.env["sale.order.coupon.points"]
        known = CouponPoints.search([("order_id", "in", list({order_id for order_id, _card_id in gains}))])
        known = {(row.order_id.id, row.coupon_id.id): row for row in known}
        made, empty = [], CouponPoints
        for (order_id, card_id), gain in gains.items():
            row = known.get((order_id, card_id), CouponPoints)
            points = as_decimal(row.points) + gain
            if not row and points:
                made.append({"order_id": order_id, "coupon_id": card_id, "points": float(points)})
            elif row and points:
                row.points = float(points)
            elif row:
                empty |= row
        empty.unlink()
        CouponPoints.create(made)
