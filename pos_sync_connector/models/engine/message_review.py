from odoo import api, fields, models

from ...connectors import codec


class PosSyncMessage(models.Model):
    """What a person sees of a record that waits for an answer: what the system states, and what it may be in Odoo."""

    _inherit = "pos.sync.message"

    stated = fields.Char(string="The System Says", compute="_compute_stated")
    proposed = fields.Char(string="Proposed in Odoo", compute="_compute_proposed")

    @api.depends("payload", "flow")
    def _compute_stated(self):
        # The whole payload is for managers; what tells one record from another is for whoever decides.
        for message in self.sudo():
            data = codec.loads(message.payload) if message.payload and not message.is_raw else None
            parts = ()
            if message.flow == "products_pull" and isinstance(data, dict):
                parts = self._product_parts(data)
            elif message.flow == "customers_pull" and isinstance(data, dict):
                parts = (data.get("company_name"), data.get("email"), data.get("phone") or data.get("mobile"))
            message.stated = " · ".join(filter(None, parts))

    def _product_parts(self, product):
        variants = product.get("variants") or []
        if len(variants) > 1:
            return (self.env._("%s variants", len(variants)),)
        return [
            part
            for variant in variants
            for part in (
                variant.get("sku"),
                variant.get("barcode"),
                *(f"{price['amount']} {price['currency']}" for price in (variant.get("prices") or [])[:1]),
            )
        ]

    @api.depends("candidate_tmpl_id", "candidate_partner_id")
    def _compute_proposed(self):
        # Whoever reviews sees who is meant, whatever else they may open.
        for message in self.sudo():
            partner, template = message.candidate_partner_id, message.candidate_tmpl_id
            details = (partner.name, partner.email, partner.phone) if partner else (template.display_name,)
            message.proposed = " · ".join(filter(None, details))

    def action_choose(self):
        """Asks which record of Odoo this one is."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("pos_sync_connector.pos_sync_link_action")
        return {**action, "context": {"default_message_id": self.id}}
