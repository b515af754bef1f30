from decimal import Decimal

from odoo import models

from .post_points import Posting


class PosSyncAwardPoints(models.AbstractModel):
    """Points that no order earned here: balances taken over from the system, and customers who turn out to be one."""

    _inherit = "pos.sync.award_points"

    # Opening balances

    def _open_balances(self, stream, balances):
        """Takes over what the system states: {customer's external id: points}, None where it states nothing.

        Each customer's balance is taken over once, whatever it is later. Unknown customers are left out.
        """
        connection = stream.connection_id
        stated = {external_id: points for external_id, points in balances.items() if points is not None}
        if not stated or not self._takes_balances(connection):
            return
        mappings = self.env["pos.sync.mapping"]._find(connection, "customer", stated)
        self._open(
            connection,
            {key: (mapping.partner_id, stated[key]) for key, mapping in mappings.items() if mapping.partner_id},
        )

    def _takes_balances(self, connection):
        return connection.points_by == "odoo" and bool(connection.program_id)

    def _balance_keys(self, connection, partners):
        """{partner: the key under which their balance is taken over}: their id at the system, or in Odoo."""
        mappings = self.env["pos.sync.mapping"].search(
            [("connection_id", "=", connection.id), ("entity", "=", "customer"), ("partner_id", "in", partners.ids)],
            order="id desc",
        )
        keys = {mapping.partner_id: mapping.external_id for mapping in mappings}
        return {partner: keys.get(partner) or f"odoo:{partner.id}" for partner in partners}

    def _open(self, connection, balances):
        """Posts an opening balance for each of {key: (partner, points)} that has none. Returns how many that were.

        A balance of nothing is noted too: it was taken over.
        """
        partners = self.env["res.partner"].union(*(partner for partner, _points in balances.values()))
        known = (
            self.env["pos.sync.points"]
            .sudo()
            .search(
                [
                    ("connection_id", "=", connection.id),
                    ("kind", "=", "opening"),
                    "|",
                    ("customer_external_id", "in", list(balances)),
                    ("partner_id", "in", partners.ids),
                ]
            )
        )
        done = set(known.mapped("customer_external_id"))
        by_hand = known.filtered(lambda row: row.customer_external_id.startswith("odoo:")).partner_id
        walk_ins = self._walk_ins(connection)
        postings = [
            Posting(
                connection_id=connection.id,
                kind="opening",
                program_id=connection.program_id.id,
                partner_id=partner.id,
                customer_external_id=key,
                points=points.quantize(Decimal("0.01")),
                description=self.env._("Opening balance"),
            )
            for key, (partner, points) in balances.items()
            if key not in done and partner not in by_hand and partner not in walk_ins
        ]
        self.env["pos.sync.post_points"]._post(postings)
        return len(postings)

    # Customers

    def _move(self, from_partner, to_partner):
        """One of two partners stands for both from now on: their cards become one, with all that is on them.

        Orders that still name the other partner keep their points there.
        """
        Card = self.env["loyalty.card"]._cards_for_all()
        rows = self.env["pos.sync.points"].sudo().search([("partner_id", "=", from_partner.id)])
        rows.partner_id = to_partner
        own = Card.search([("partner_id", "=", to_partner.id)])
        Card.search([("partner_id", "=", from_partner.id)]).partner_id = to_partner
        Card._fuse_cards_of(to_partner, preferred=own)
        self._settle(rows.order_id)

    def _move_balance(self, connection, external_id, to_partner):
        """The opening balance of a customer of the system belongs to another partner from now on."""
        rows = (
            self.env["pos.sync.points"]
            .sudo()
            .search([("connection_id", "=", connection.id), ("customer_external_id", "=", external_id)])
        )
        postings = []
        for (program, partner, card), held in rows.grouped(
            lambda row: (row.program_id, row.partner_id, row.card_id)
        ).items():
            points = sum((Decimal(str(row.points)) for row in held), Decimal(0))
            if partner == to_partner or not points:
                continue
            for receiver, card_id, gain in ((partner, card.id, -points), (to_partner, None, points)):
                postings.append(
                    Posting(
                        connection_id=connection.id,
                        kind="move",
                        program_id=program.id,
                        partner_id=receiver.id,
                        card_id=card_id,
                        customer_external_id=external_id,
                        points=gain,
                        description=self.env._("Opening balance of another customer"),
                    )
                )
        self.env["pos.sync.post_points"]._post(postings)


class PosSyncImportCustomers(models.AbstractModel):
    """A customer's balance comes with the customer, and with an unchanged one where a program was chosen since.

    One who was deleted at the system, and is fetched because old orders name them, has none to take over: it may have
    gone to the customer who stands for them now.
    """

    _inherit = "pos.sync.import_customers"

    def _import(self, stream, records, outcome):
        result = super()._import(stream, records, outcome)
        self.env["pos.sync.award_points"]._open_balances(
            stream, {record.external_id: record.points for record in records if not record.archived}
        )
        return result
