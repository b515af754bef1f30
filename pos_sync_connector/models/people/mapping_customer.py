from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...connectors.flows import Flow


class PosSyncMapping(models.Model):
    """What the link of a customer keeps beside: the last that both sides agreed on, for "the newest change wins"."""

    _inherit = "pos.sync.mapping"

    agreed_phone = fields.Char(readonly=True, help="The last phone number that both sides had.")
    other_phone = fields.Char(string="Second Phone", readonly=True, help="As the system states it.")
    birthday = fields.Date(readonly=True)
    consent_listed_at = fields.Datetime(readonly=True, help="When this link last changed Odoo's blacklist of e-mails.")
    archived_here = fields.Boolean(readonly=True, help="The customer was archived because the system archived it.")

    @api.constrains("owns_contact", "partner_id")
    def _check_one_contact_owner(self):
        """One owner writes a customer's details: a second one is refused, naming the first."""
        owners = self.filtered(lambda mapping: mapping.owns_contact and mapping.partner_id)
        others = self.sudo().search(
            [("owns_contact", "=", True), ("partner_id", "in", owners.partner_id.ids)], order="id"
        )
        first = {}
        for mapping in others:
            first.setdefault(mapping.partner_id, mapping)
        for mapping in owners:
            if (other := first[mapping.partner_id]) != mapping:
                raise ValidationError(
                    self.env._(
                        "The details of “%(partner)s” are owned by the connection “%(owner)s” already. Take them from "
                        "there first.",
                        partner=mapping.partner_id.display_name,
                        owner=other.connection_id.name,
                    )
                )

    def action_make_again(self):
        customers = self.filtered(lambda mapping: mapping.missing and mapping.entity == "customer")
        connections = customers.connection_id
        result = super().action_make_again()
        for connection in connections.sudo():
            # The system may not name the customer again until all of them are read.
            connection._stream(Flow.CUSTOMERS_PULL)._request(full=True)
        return result
