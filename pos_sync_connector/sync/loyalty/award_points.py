from decimal import Decimal

from odoo import models
from odoo.fields import Domain

from ...connectors.codec import as_decimal
from .order_spending import OrderSpending
from .point_terms import PointRule, PointTerms
from .post_points import Posting


class PosSyncAwardPoints(models.AbstractModel):
    """Gives imported orders the points that they must hold now, and takes back what they must not.

    An order holds points while it is completed at the system, confirmed in Odoo and a real customer's. How many is
    settled by the program's rules as they were when it first earned.
    """

    _name = "pos.sync.award_points"
    _description = "POS Sync Award of Points"

    def _settle(self, orders):
        """Posts the difference between what `orders` must hold and what the ledger says that they hold.

        Orders that were not imported are left alone: Odoo itself awards them. A page takes a fixed number of queries.
        """
        orders = self._imported(orders)
        rows = self._ledger(orders)
        terms = self._terms(orders, rows)
        spending = OrderSpending({order: found for order, (_program, found) in terms.items()})
        walk_ins = self._walk_ins(orders.pos_sync_connection_id)
        postings = []
        for order in orders:
            sold = order.pos_sync_status == "completed" and order.state == "sale"
            wanted = {}
            if sold and order in terms and order.partner_id not in walk_ins:
                wanted = self._wanted(terms[order][1], spending.steps(order))
            postings += self._differences(
                order, rows[order], *terms.get(order, (None, None)), wanted, "move" if sold else "cancel"
            )
        self.env["pos.sync.post_points"]._post(postings)

    def _take_back(self, orders):
        """Takes back all that `orders` hold: they are cancelled or deleted next."""
        orders = self._imported(orders)
        rows = self._ledger(orders)
        self.env["pos.sync.post_points"]._post(
            [posting for order in orders for posting in self._differences(order, rows[order], None, None, {}, "cancel")]
        )

    def _settle_walk_in(self, partner):
        """Takes back what a partner holds who was merged with one that stands for nobody."""
        rows = self.env["pos.sync.points"].sudo().search([("partner_id", "=", partner.id), ("order_id", "!=", False)])
        orders = rows.order_id
        if partner in self._walk_ins(orders.pos_sync_connection_id):
            self._settle(orders)

    def _imported(self, orders):
        return orders.sudo().with_context(active_test=False).filtered("pos_sync_connection_id").union()

    def _ledger(self, orders):
        """{order: its rows in the ledger, the first one first}; those of an order that was deleted and came again
        belong to the new one."""
        Points = self.env["pos.sync.points"].sudo()
        found = Points
        if orders:
            found = Points.search(
                [
                    ("connection_id", "in", orders.pos_sync_connection_id.ids),
                    ("order_external_id", "in", orders.mapped("pos_sync_external_id")),
                ],
                order="sequence",
            )
        by_key = found.grouped(lambda row: (row.connection_id.id, row.order_external_id))
        return {
            order: by_key.get((order.pos_sync_connection_id.id, order.pos_sync_external_id), Points) for order in orders
        }

    def _walk_ins(self, connections):
        """Partners that stand for nobody: they never earn."""
        return connections.walk_in_partner_id | connections.location_ids.walk_in_partner_id

    # By which rules

    def _terms(self, orders, rows):
        """{order: (program, terms)} of the orders that have earned, or that may earn by their connection's program."""
        found, fresh = {}, {}
        for order in orders:
            earned = rows[order].filtered(lambda row: row.kind == "earn")
            if earned:
                found[order] = (earned.program_id, PointTerms.load(earned.terms))
                continue
            day = order._pos_sync_day_of_sale()
            program = self._program_on(order.pos_sync_connection_id, day)
            if program:
                key = (program, order.pos_sync_connection_id, order.currency_id, day)
                fresh[key] = fresh.get(key) or self._program_terms(*key)
                found[order] = (program, fresh[key])
        return found

    def _program_on(self, connection, day):
        """The program by which a connection's sales of a day earn, or none."""
        program = connection.program_id
        if connection.points_by != "odoo" or not program.active:
            return program.browse()
        if connection.points_from and day < connection.points_from:
            return program.browse()
        if (program.date_from and day < program.date_from) or (program.date_to and day > program.date_to):
            return program.browse()
        return program

    def _program_terms(self, program, connection, currency, day):
        exchange = 1.0
        if currency != program.currency_id:
            exchange = currency._get_conversion_rate(currency, program.currency_id, connection.company_id, day)
        return PointTerms(
            rules=tuple(
                PointRule(
                    mode=rule.reward_point_mode,
                    rate=as_decimal(rule.reward_point_amount),
                    minimum_amount=as_decimal(rule.minimum_amount),
                    minimum_with_tax=rule.minimum_amount_tax_mode == "incl",
                    minimum_units=as_decimal(rule.minimum_qty),
                    products=self._products_domain(rule),
                )
                for rule in program.rule_ids
                if rule.active and rule.mode == "auto"
            ),
            basis=connection.points_basis,
            rounding=connection.points_rounding,
            exchange=as_decimal(exchange),
            places=program.currency_id.decimal_places,
        )

    def _products_domain(self, rule):
        domain = Domain(rule._get_valid_product_domain())
        return None if domain.is_true() else list(domain)

    # What must be held, and what is

    def _wanted(self, terms, steps):
        """{refund or none: (amount, points)} that an order must hold; what a refund takes back is negative."""
        wanted, before = {}, Decimal(0)
        for refund, whole, parts in steps:
            points = terms.points(parts, refunded=bool(refund))
            wanted[refund] = (terms.amount(whole), points - before)
            before = points
        return wanted

    def _differences(self, order, rows, program, terms, wanted, lost):
        """The postings that lead from the ledger's `rows` to what is `wanted`; `lost` is the kind of those that take
        back what another customer holds, or nobody may hold any more."""
        target = (program, order.partner_id) if wanted else None
        held, cards = {}, {}
        for row in rows:
            holder = (row.program_id, row.partner_id)
            parts = held.setdefault(holder, {})
            parts[row.refund_id] = parts.get(row.refund_id, Decimal(0)) + as_decimal(row.points)
            cards[holder] = row.card_id.id
        none = self.env["pos.sync.refund"]
        changes = [
            (holder, lost, none, Decimal(0), -sum(parts.values())) for holder, parts in held.items() if holder != target
        ]
        parts = held.get(target, {})
        for refund, (amount, points) in wanted.items():
            kind = "refund" if refund else "earn" if not rows else "edit" if target in held else "move"
            changes.append((target, kind, refund, amount, points - parts.pop(refund, Decimal(0))))
        # A refund that belongs to another order now.
        if wanted:
            changes += [(target, "refund", refund, Decimal(0), -points) for refund, points in parts.items()]
        changes = [change for change in changes if change[-1]]
        first = max(rows.mapped("sequence"), default=-1) + 1
        return [
            Posting(
                connection_id=order.pos_sync_connection_id.id,
                order_id=order.id,
                order_external_id=order.pos_sync_external_id,
                kind=kind,
                sequence=sequence,
                program_id=holder[0].id,
                partner_id=holder[1].id,
                card_id=cards.get(holder),
                refund_id=refund.id or None,
                amount=amount,
                points=points,
                terms=terms.dump() if kind == "earn" else None,
                description=self._description_of(order, kind, refund),
            )
            for sequence, (holder, kind, refund, amount, points) in enumerate(changes, first)
        ]

    def _description_of(self, order, kind, refund):
        number = order.name
        return {
            "earn": lambda: self.env._("Order %s", number),
            "edit": lambda: self.env._("Order %s, changed", number),
            "move": lambda: (
                self.env._("Order %s, of another customer now", number)
                if not refund
                else self.env._("Order %s", number)
            ),
            "cancel": lambda: self.env._("Order %s, cancelled", number),
            "refund": lambda: self.env._("Refund %(refund)s of order %(order)s", refund=refund.number, order=number),
        }[kind]()
