from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_amount

from ...connectors.records import FulfilmentStatus, OrderStatus

_BY_STATUS = {
    OrderStatus.OPEN: "received",
    OrderStatus.PAID: "received",
    OrderStatus.COMPLETED: "completed",
    OrderStatus.CANCELLED: "cancelled",
}
_BY_FULFILMENT = {
    FulfilmentStatus.READY: "ready",
    FulfilmentStatus.SHIPPED: "shipped",
    FulfilmentStatus.DELIVERED: "delivered",
    FulfilmentStatus.PICKED_UP: "delivered",
}
# A sale that comes later than this is news to nobody.
_NEWS = timedelta(days=2)


class PosSyncReachMilestones(models.AbstractModel):
    """Mails the customer when an order reaches a milestone, once: what it has reached is kept on the order, in the same
    transaction as the mail. What a first pull brings, or is older than “entries from”, is history and mails nobody."""

    _name = "pos.sync.reach_milestones"
    _description = "POS Sync Milestones of Orders"

    def _prepare(self, status, fulfilments=()):
        """What an order of that status, with those fulfilments, has reached, as it is kept on the order."""
        found = {_BY_FULFILMENT.get(item.status) for item in fulfilments} | {_BY_STATUS.get(status)}
        return f" {' '.join(sorted(filter(None, found)))} "

    def _reach_orders(self, stream, created, updated):
        """Orders that were pulled: pairs of order and its record."""
        connection = stream.connection_id
        news = []
        for order, record in created:
            news.append((order, order.pos_sync_milestones, self._is_history(stream, record, True)))
        for order, record in updated:
            reached = self._add(order, self._prepare(record.status, record.fulfilments))
            news.append((order, reached, self._is_history(stream, record, False)))
        self._mail(connection, [(order, reached) for order, reached, history in news if not history])

    def _reach_pushed(self, mapping, status, fulfilments):
        """An order that was sent to a system, as that says."""
        order = mapping.sale_order_id
        if order:
            self._mail(mapping.connection_id, [(order, self._add(order, self._prepare(status, fulfilments)))])

    def _reach_refunds(self, connection, refunds):
        """Refunds that are new here, each the one time that it is; what was sent as one is told of as one."""
        template = connection.milestone_ids.filtered(lambda row: row.milestone == "refunded").template_id
        streams = connection.stream_ids.filtered(
            lambda stream: stream.enabled and stream.flow in ("orders_pull", "refunds_pull")
        )
        if not template or not all(streams.mapped("first_done")):
            return
        earliest = fields.Datetime.now() - _NEWS
        walk_ins = self.env["pos.sync.award_points"]._walk_ins(connection)
        for refund in refunds:
            order = refund.order_id
            history = connection.entries_from and order._pos_sync_day_of_sale() < connection.entries_from
            if history or refund.refunded_at < earliest or self._is_told(refund):
                continue
            if order.partner_id.email and order.partner_id not in walk_ins:
                self._send(order, template.with_context(pos_sync_refunded=self._amount(refund)))

    def _is_told(self, refund):
        """Whether it is a further part of what was sent at once."""
        same = refund.order_id.pos_sync_refund_ids.filtered(lambda row: row.sent_key == refund.sent_key)
        return bool(refund.sent_key) and refund != same.sorted("id")[:1]

    def _amount(self, refund):
        """Of all of what was sent at once."""
        amount = refund.gross
        if refund.sent_key:
            sent = self.env["pos.sync.message"].search([("idempotency_key", "=", refund.sent_key)], limit=1)
            amount = sent.credit_note_id.amount_total or amount
        return format_amount(self.env, amount, refund.currency_id, refund.partner_id.lang)

    def _add(self, order, reached):
        """Keeps what is new of `reached` on the order, and returns it."""
        known = (order.pos_sync_milestones or "").split()
        new = [name for name in reached.split() if name not in known]
        if new:
            order.pos_sync_milestones = f" {' '.join([*known, *new])} "
        return " ".join(new)

    def _is_history(self, stream, record, is_new):
        connection = stream.connection_id
        if not stream.first_done or connection._is_before(connection.entries_from, record):
            return True
        moment = (record.closed_at or record.created_at).replace(tzinfo=None)
        return is_new and moment < fields.Datetime.now() - _NEWS

    def _mail(self, connection, news):
        templates = {row.milestone: row.template_id for row in connection.milestone_ids}
        if not templates:
            return
        walk_ins = self.env["pos.sync.award_points"]._walk_ins(connection)
        for order, reached in news:
            if order.partner_id.email and order.partner_id not in walk_ins:
                for name in (reached or "").split():
                    if name in templates:
                        self._send(order, templates[name])

    def _send(self, order, template):
        """Puts the mail into Odoo's queue. One that can't be written says so on the order, and holds nothing."""
        try:
            with self.env.cr.savepoint():
                template.with_context(clean_context(template.env.context), pos_sync_quiet=False).send_mail(
                    order.id, email_layout_xmlid="mail.mail_notification_light"
                )
        except UserError as error:
            order._message_log(
                body=self.env._("“%(mail)s” could not be written: %(why)s", mail=template.name, why=str(error))
            )
