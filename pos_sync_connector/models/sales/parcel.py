from odoo import api, fields, models


class PosSyncParcel(models.Model):
    """A parcel of an order that a system has: a delivery of Odoo's that is reported there, or one that left there and
    is a delivery here. Each is on both sides once."""

    _name = "pos.sync.parcel"
    _description = "POS Sync Parcel"
    _inherit = ["pos.sync.guarded"]
    _order = "id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade", index=True)
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", readonly=True, ondelete="set null", index="btree_not_null"
    )
    left_there = fields.Boolean(string="Sent by the System", readonly=True)
    external_id = fields.Char(string="ID at the System", readonly=True)
    carrier = fields.Char(readonly=True)
    tracking_number = fields.Char(readonly=True)
    tracking_url = fields.Char(string="Tracking Link", readonly=True)
    reported_at = fields.Datetime(string="Reported", readonly=True)

    _external_uniq = models.UniqueIndex("(connection_id, order_id, external_id) WHERE external_id IS NOT NULL")
    _picking_uniq = models.UniqueIndex("(connection_id, order_id, picking_id) WHERE picking_id IS NOT NULL")

    @api.depends("picking_id", "external_id")
    def _compute_display_name(self):
        for parcel in self:
            parcel.display_name = parcel.picking_id.name or parcel.external_id


class SaleOrder(models.Model):
    _inherit = "sale.order"

    pos_sync_parcel_ids = fields.One2many(
        "pos.sync.parcel", "order_id", string="Parcels", copy=False, groups="pos_sync_connector.group_user"
    )

    def _pos_sync_deliveries(self):
        """Deliveries to the customer that are done, in their order."""
        moves = self.order_line.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        return moves.picking_id.sorted(lambda picking: (picking.date_done, picking.id))

    def _pos_sync_open_deliveries(self):
        moves = self.order_line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_dest_id.usage == "customer"
        )
        return moves.picking_id


class StockPicking(models.Model):
    """Carrier and tracking of a delivery. Where Odoo's app for delivery methods is installed, its own fields hold
    them; a carrier that it does not know is named here."""

    _inherit = "stock.picking"

    pos_sync_order_id = fields.Many2one("sale.order", compute="_compute_pos_sync_order_id")
    pos_sync_parcel_ids = fields.One2many(
        "pos.sync.parcel", "picking_id", string="Parcels", copy=False, groups="pos_sync_connector.group_user"
    )
    pos_sync_carrier = fields.Char(string="Shipped With", copy=False)
    pos_sync_tracking_number = fields.Char(string="Parcel's Tracking Number", copy=False)
    pos_sync_tracking_url = fields.Char(string="Tracking Link", copy=False)
    pos_sync_has_tracking = fields.Boolean(compute="_compute_pos_sync_has_tracking")

    @api.depends("sale_id.pos_sync_connection_id")
    def _compute_pos_sync_order_id(self):
        for picking in self:
            order = picking.sale_id
            picking.pos_sync_order_id = order if order.pos_sync_connection_id else False

    def _compute_pos_sync_has_tracking(self):
        self.pos_sync_has_tracking = "carrier_tracking_ref" in self._fields

    def _pos_sync_tracking_of(self):
        """Carrier, tracking number and link, "" for what there is none of."""
        self.ensure_one()
        own = {name: self[name] for name in ("carrier_id", "carrier_tracking_ref", "carrier_tracking_url")
               if name in self._fields}  # fmt: skip
        number = own.get("carrier_tracking_ref") or self.pos_sync_tracking_number
        carrier = self.pos_sync_carrier or (own.get("carrier_id") and own["carrier_id"].name)
        # Odoo's is a list of links where there are several boxes.
        urls = (self.pos_sync_tracking_url, own.get("carrier_tracking_url"))
        url = next((url for url in urls if url and url.startswith("http")), "")
        return carrier or "", number or "", url

    def _pos_sync_write_tracking(self, carrier, number, url):
        """What the system says of a parcel that left there."""
        vals = {"pos_sync_carrier": carrier, "pos_sync_tracking_url": url}
        own = "carrier_tracking_ref" if "carrier_tracking_ref" in self._fields else "pos_sync_tracking_number"
        vals[own] = number
        for picking in self:
            changed = {name: value for name, value in vals.items() if value and picking[name] != value}
            if changed:
                picking.write(changed)


class PosSyncConnection(models.Model):
    _inherit = "pos.sync.connection"

    notify_buyers = fields.Boolean(
        string="The System Tells the Buyer of Each Parcel",
        help="Deliveries that are reported there, and tracking that comes later, are e-mailed to the buyer by the "
        "system.",
    )
    notifies_buyers = fields.Boolean(compute="_compute_notifies_buyers")

    @api.depends("system")
    def _compute_notifies_buyers(self):
        for connection in self:
            system = connection._system_class()
            connection.notifies_buyers = bool(system and system.notifies_buyers)
