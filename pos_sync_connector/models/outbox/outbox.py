import hashlib

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...connectors.flows import Flow


class PosSyncMessage(models.Model):
    """The outbox: what is to be sent, written in the transaction of the business that it comes from.

    What is sent is made from the Odoo record at the moment of sending, so what was corrected meanwhile is sent as it is
    then. `attempts` counts the calls begun: from the second on the target is asked first what arrived.
    """

    _inherit = "pos.sync.message"

    order_id = fields.Many2one("sale.order", readonly=True, ondelete="cascade", index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    idempotency_key = fields.Char(
        readonly=True, index="btree_not_null", help="What is sent twice with the same key is created once."
    )
    is_change = fields.Boolean(readonly=True, help="The system has the customer: what changed since is sent.")
    sent_at = fields.Datetime(string="Last Sent", readonly=True)
    candidate_external_id = fields.Char(readonly=True, help="The record of the system that is proposed.")
    can_open = fields.Boolean(compute="_compute_can_open")
    missing_product_id = fields.Many2one("product.product", string="Product to Link", readonly=True)

    _order_once = models.UniqueIndex(
        "(stream_id, order_id) WHERE direction = 'out' AND flow = 'orders_push' AND state <> 'dropped'"
    )

    @api.model
    def _enqueue(self, stream, records, *, is_change=False):
        """Puts the push of `records` (sale.order or res.partner) by `stream` into the outbox, and wakes the stream.

        What waits there already, or has arrived, is left alone; what was linked to nothing since is sent again with its
        former key; with `is_change` also what has arrived. Returns the messages that will be sent because of this.
        """
        Message = self.sudo()
        name = "order_id" if records._name == "sale.order" else "partner_id"
        known = Message.search(
            [("stream_id", "=", stream.id), (name, "in", records.ids), ("direction", "=", "out")], order="id desc"
        ).grouped(name)
        again, vals_list = Message, []
        for record in records if is_change else records - stream._already_sent(records):
            earlier = known.get(record, Message)
            alive = earlier.filtered(lambda message: message.state != "dropped")
            waits = alive.filtered(lambda message: message.state in self._OPEN)
            if stream.flow == Flow.ORDERS_PUSH.value and (sent := alive.filtered(lambda m: m.state == "done")):
                again |= sent[:1]
            elif not waits.filtered(lambda message: message.state != "sending"):
                vals_list.append({**Message._prepare_push(stream, record, earlier), "is_change": is_change})
        again.write({"state": "waiting", "done_at": False, "sentence": False})
        made = again | Message._create_once(vals_list)
        if made:
            stream._wake()
        return made

    def _prepare_push(self, stream, record, earlier):
        """Values of the message that sends `record`; `earlier` are those that were dropped or have arrived."""
        orders = record._name == "sale.order"
        status = stream.flow == Flow.ORDER_STATUS_PUSH.value
        return {
            "stream_id": stream.id,
            "flow": stream.flow,
            "direction": "out",
            "state": "waiting",
            "external_id": f"{record._name},{record.id}",
            "name": record.display_name,
            "order_id": record.id if orders else False,
            "partner_id": False if orders else record.id,
            "idempotency_key": earlier[:1].idempotency_key or self._key(stream, record) + ("-status" if status else ""),
            # A dropped one may have arrived all the same.
            "attempts": 1 if earlier[:1].attempts and not status else 0,
        }

    def _key(self, stream, record):
        """The same for the same record and connection, and readable by a person at the target."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        text = f"{uuid} {stream.connection_id.id} {record._name} {record.id}"
        name = record.name if record._name == "sale.order" else f"C{record.id}"
        token = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
        return f"{name}-{token}"

    def _create_once(self, vals_list):
        """What somebody else has put into the outbox in this moment is left to them."""
        if not vals_list:
            return self
        try:
            with self.env.cr.savepoint():
                return self.create(vals_list)
        except UniqueViolation:
            if len(vals_list) == 1:
                return self
        half = len(vals_list) // 2
        return self._create_once(vals_list[:half]) | self._create_once(vals_list[half:])

    # Order of sending

    def _successors(self):
        """What waits behind these: later messages of the same order or customer to the same connection."""
        found = self.browse()
        for message in self.filtered(lambda item: item.direction == "out" and (item.order_id or item.partner_id)):
            record = (
                ("order_id", "=", message.order_id.id)
                if message.order_id
                else ("partner_id", "=", message.partner_id.id)
            )
            found |= self.search(
                [
                    ("connection_id", "=", message.connection_id.id),
                    ("direction", "=", "out"),
                    ("state", "in", ("waiting", "held")),
                    ("id", ">", message.id),
                    record,
                ]
            )
        return found

    def _hold_successors(self):
        for message in self:
            message._successors().filtered(lambda item: item.state == "waiting").write(
                {
                    "state": "held",
                    "kind": "waits",
                    "code": "waits",
                    "trace_key": f"after:{message.id}",
                    "sentence": self.env._("Waits for an earlier message of the same record, which failed."),
                    "last_failed_at": fields.Datetime.now(),
                }
            )

    def _release_successors(self):
        for connection, messages in (
            self.filtered(lambda item: item.direction == "out").grouped("connection_id").items()
        ):
            self._release(connection, [f"after:{message.id}" for message in messages])
            messages._successors().stream_id._wake()

    # Buttons

    def action_drop(self):
        result = super().action_drop()
        self.sudo()._release_successors()
        return result

    def action_link_product(self):
        """Asks which product of the system the product is."""
        self.ensure_one()
        self.check_access("read")
        if not self.missing_product_id:
            raise UserError(self.env._("No product is missing here."))
        wizard = self.env["pos.sync.link_product"].create(
            {"connection_id": self.connection_id.id, "product_id": self.missing_product_id.id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link the Product"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_link(self):
        """For a customer to be sent: it is the one of the system that is proposed."""
        sent = self.filtered(lambda message: message.direction == "out")
        if any(not message.candidate_external_id for message in sent):
            raise UserError(self.env._("Nothing is proposed to link it to."))
        if sent:
            sent.check_access("read")
            sent._decide("link")
        rest = self - sent
        return super(PosSyncMessage, rest).action_link() if rest else None

    @api.depends("direction")
    @api.depends_context("uid")
    def _compute_can_open(self):
        for message in self:
            record = message._record_to_open()
            message.can_open = bool(record) and record.has_access("read")

    def action_open_record(self):
        self.ensure_one()
        return self._record_to_open().get_formview_action()

    def _record_to_open(self):
        """What is sent, for whoever may read it."""
        message = self.sudo()
        return (message.order_id or message.partner_id or message.counted_product_id).with_env(self.env)
