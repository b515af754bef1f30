from odoo import fields, models


class PosSyncMatch(models.Model):
    """A pair of a customer of the system and a partner of Odoo that may be the same person: asked once, remembered."""

    _name = "pos.sync.match"
    _description = "POS Sync Match"
    _order = "state, score desc, id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    mapping_id = fields.Many2one("pos.sync.mapping", required=True, ondelete="cascade", index=True)
    external_id = fields.Char(string="Customer ID", required=True, readonly=True)
    imported_partner_id = fields.Many2one(related="mapping_id.partner_id", string="Customer as Imported")
    candidate_id = fields.Many2one(
        "res.partner", string="Partner in Odoo", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [("same_person", "Same person?"), ("change", "Change of a person with a login")],
        default="same_person",
        required=True,
        readonly=True,
    )
    score = fields.Integer(readonly=True)
    reasons = fields.Text(readonly=True)
    proposed = fields.Json(readonly=True, help="For a change: the values that the system states, by field.")
    state = fields.Selection(
        [("open", "To Review"), ("same", "Same"), ("different", "Different")], default="open", required=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_at = fields.Datetime(readonly=True)

    _pair_uniq = models.Constraint(
        "UNIQUE(connection_id, external_id, candidate_id, kind)", "This pair has been asked for already."
    )
