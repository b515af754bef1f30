from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.privacy import PrivacyKind
from ..engine.outcome import is_concurrency

_ACTIVITY = "mail.mail_activity_data_todo"
_CRON = "pos_sync_connector.ir_cron_privacy"
# How many are erased between two commits.
_AT_ONCE = 20
# Who asks what is kept is answered within a month.
_ANSWERED_WITHIN = timedelta(days=30)
_NAMED = 50


class PosSyncAnswerPrivacy(models.AbstractModel):
    """Does what systems ask for the sake of their customers, and tells the connection's responsible person, once each.

    No name of anybody stands in what is told: contacts are linked, and called by their number.
    """

    _name = "pos.sync.answer_privacy"
    _description = "POS Sync Answers to Privacy Requests"

    @api.model
    def _answer(self):
        """The job: one request after the other, a part at a time."""
        waiting = self.env["pos.sync.privacy.request"].search([("state", "=", "waiting")], order="id")
        for position, request in enumerate(waiting):
            finished = False
            while not finished:
                try:
                    finished = self._take_step(request)
                    self.env.flush_all()
                except Exception as error:
                    if not is_concurrency(error):
                        raise
                    self.env.cr.rollback()
                    self.env.ref(_CRON)._trigger(at=fields.Datetime.now() + timedelta(minutes=1))
                    return
                # A step counts as progress: without any Odoo would not come back before the next day.
                left = self.env["ir.cron"]._commit_progress(1, remaining=len(waiting) - position - int(finished))
                if not left:
                    return

    def _take_step(self, request):
        """Whether the request is finished."""
        connection = request.connection_id
        request = request.with_company(connection.company_id)
        if request.kind == PrivacyKind.ERASE_EVERYBODY.value:
            return self._erase_everybody(request, connection)
        links = self._links(connection, [request.customer_external_id])
        if request.kind == PrivacyKind.TELL_CUSTOMER.value:
            self._tell(request, connection, links.partner_id)
        else:
            self._erase_customer(request, connection, links)
        return True

    @api.model
    def _links(self, connection, external_ids=None):
        """Links of these customers; of all that the connection has."""
        domain = [("connection_id", "=", connection.id), ("entity", "=", "customer")]
        if external_ids is not None:
            domain.append(("external_id", "in", external_ids))
        return self.env["pos.sync.mapping"].with_context(active_test=False).search(domain)

    # One customer

    def _erase_customer(self, request, connection, links):
        partners = links.partner_id
        summary = self.env._("%s asked to erase a customer", connection.name)
        if not partners:
            self.env["pos.sync.erase_person"]._erase_unlinked(connection, request.customer_external_id)
            orders = self._orders(request, connection)
            text = self.env._("The customer is no contact here, so there was none to erase.")
            if orders:
                text = self.env._(
                    "The customer is no contact here, but orders name them: %s. Look at these, and erase by hand who "
                    "is meant.",
                    ", ".join(orders.mapped("name")),
                )
            self._finish(request, connection, summary, [text], state="by_hand" if orders else "done")
            return
        try:
            with self.env.cr.savepoint():
                self.env["pos.sync.erase_person"]._erase(partners)
        except UserError:
            text = self.env._("The contact has a login or is a company of yours: delete the user, then erase by hand.")
            self._finish(request, connection, summary, [text, self._linked(partners)], state="by_hand")
            return
        request.erased_count = len(partners)
        text = self.env._("The contact was erased. Its orders stay, without a name.")
        self._finish(request, connection, summary, [text, self._linked(partners)])

    def _tell(self, request, connection, partners):
        """What there is of the customer, for somebody to send."""
        orders = self._orders(request, connection)
        if partners:
            orders |= self.env["sale.order"].search([("partner_id", "in", partners.ids)])
        found = {
            self.env._("Contacts"): self._linked(partners) if partners else "0",
            self.env._("Orders"): len(orders),
            self.env._("Refunds"): self.env["pos.sync.refund"].search_count([("order_id", "in", orders.ids)]),
            self.env._("Invoices"): self.env["account.move"].search_count(
                [("partner_id", "in", partners.ids), ("move_type", "!=", "entry")]
            ),
            self.env._("Points"): sum(
                self.env["loyalty.card"].search([("partner_id", "in", partners.ids)]).mapped("points")
            ),
            self.env._("Open questions about who it is"): self.env["pos.sync.match"].search_count(
                [("candidate_id", "in", partners.ids)]
            ),
        }
        rows = Markup().join(Markup("<li>%s: %s</li>") % (label, value) for label, value in found.items())
        self._finish(
            request,
            connection,
            self.env._("%s passes on a customer's question what is kept about them", connection.name),
            [
                self.env._("Export this and send it to them within 30 days of the request:"),
                Markup("<ul>%s</ul>") % rows,
            ],
            within=_ANSWERED_WITHIN,
        )

    def _orders(self, request, connection):
        return self.env["sale.order"].search(
            [
                ("pos_sync_connection_id", "=", connection.id),
                ("pos_sync_external_id", "in", request.order_external_ids or []),
            ]
        )

    # Everybody

    def _erase_everybody(self, request, connection):
        links = self._links(connection)
        partners = links.partner_id
        kept = self._used_elsewhere(connection, partners)
        todo = (partners - kept)[:_AT_ONCE]
        if todo:
            self.env["pos.sync.erase_person"]._erase(todo)
            request.erased_count += len(todo)
            return False
        self.env["pos.sync.erase_person"]._erase_all_unlinked(connection)
        texts = [self.env._("Erased: %s. Their orders stay, without a name.", request.erased_count)]
        if kept:
            texts.append(
                self.env._(
                    "Kept, because a login, another connection, other orders or invoices use them: %s. Erase by hand "
                    "who is to go.",
                    len(kept),
                )
            )
            texts.append(self._linked(kept[:_NAMED]))
        summary = self.env._("%s asked to erase all of its customers", connection.name)
        self._finish(request, connection, summary, texts, state="by_hand" if kept else "done")
        return True

    def _used_elsewhere(self, connection, partners):
        """Those of the partners that something else than this connection uses."""
        elsewhere = self.env["pos.sync.mapping"].search(
            [("partner_id", "in", partners.ids), ("connection_id", "!=", connection.id)]
        )
        orders = self.env["sale.order"].search(
            [("partner_id", "in", partners.ids), ("pos_sync_connection_id", "!=", connection.id)]
        )
        invoices = self.env["account.move"].search(
            [("partner_id", "in", partners.ids), ("move_type", "!=", "entry")]
        ).filtered(lambda move: move.line_ids.sale_line_ids.order_id.pos_sync_connection_id != connection)
        return partners._pos_sync_protected() | (
            partners & (elsewhere.partner_id | orders.partner_id | invoices.partner_id)
        )

    # What is told

    def _finish(self, request, connection, summary, texts, *, state="done", within=timedelta(0)):
        request.write({"state": state, "done_at": fields.Datetime.now()})
        if request.kind != PrivacyKind.TELL_CUSTOMER.value and state == "done":
            request.write({"customer_external_id": False, "order_external_ids": False})
        connection.with_context(mail_activity_quick_update=True).activity_schedule(
            _ACTIVITY,
            date_deadline=fields.Date.to_date(request.received_at) + within,
            summary=summary,
            note=Markup().join(Markup("<p>%s</p>") % text for text in texts),
            user_id=self._told(connection).id,
        )

    @api.model
    def _told(self, connection):
        """Who is responsible; where nobody is, somebody who may be."""
        managers = self.env.ref("pos_sync_connector.group_manager").all_user_ids.filtered(
            lambda user: user.active and connection.company_id in user.company_ids
        )
        return connection.user_id.filtered("active") or managers[:1] or self.env.ref("base.user_admin")

    @api.model
    def _linked(self, partners):
        return Markup(", ").join(
            Markup('<a href="#" data-oe-model="res.partner" data-oe-id="%s">%s</a>')
            % (partner.id, self.env._("Contact %s", partner.id))
            for partner in partners
        )
