from odoo import api, fields, models
from odoo.tools import SQL

from ...connectors.people.keys import email_key, name_key, phone_key


class ResPartner(models.Model):
    """What a customer of a system is recognised by: keys that are stored, so that a page of them is one query.

    An address of somebody, and a duplicate that was brought together with another partner, have none.
    """

    _inherit = "res.partner"

    pos_sync_phone_key = fields.Char(
        string="Phone to Match",
        compute="_compute_pos_sync_phone_key",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    pos_sync_email_key = fields.Char(
        string="Email to Match",
        compute="_compute_pos_sync_email_key",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    pos_sync_name_key = fields.Char(
        string="Name to Match", compute="_compute_pos_sync_name_key", store=True, precompute=True
    )
    pos_sync_replaced_by_id = fields.Many2one(
        "res.partner",
        string="Brought Together With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="A person has decided that both are the same customer.",
    )
    pos_sync_of_orders = fields.Boolean(
        string="Only of Imported Orders",
        readonly=True,
        copy=False,
        help="An address that orders stated, such as a gift's: no order that is made in Odoo gets it by itself.",
    )
    pos_sync_mapping_ids = fields.One2many(
        "pos.sync.mapping", "partner_id", string="POS Sync Links", groups="pos_sync_connector.group_user"
    )
    pos_sync_mapping_count = fields.Integer(
        compute="_compute_pos_sync_mapping_count", groups="pos_sync_connector.group_user"
    )

    pos_sync_points = fields.Float(
        string="Points Earned",
        compute="_compute_pos_sync_points",
        digits=(16, 2),
        groups="pos_sync_connector.group_user",
    )
    pos_sync_has_points = fields.Boolean(
        compute="_compute_pos_sync_points", groups="pos_sync_connector.group_user"
    )

    _pos_sync_name_idx = models.Index(
        "(pos_sync_name_key) WHERE pos_sync_name_key IS NOT NULL "
        "AND (pos_sync_phone_key IS NULL OR pos_sync_email_key IS NULL)"
    )

    @api.depends("phone", "country_id", "company_id", "type", "parent_id", "pos_sync_replaced_by_id")
    def _compute_pos_sync_phone_key(self):
        for partner in self:
            country = partner.country_id or (partner.company_id or self.env.company).country_id
            phone = partner.phone if partner._pos_sync_is_candidate() else ""
            partner.pos_sync_phone_key = phone_key(phone, country.code or "") if phone else False

    @api.depends("email", "type", "parent_id", "pos_sync_replaced_by_id")
    def _compute_pos_sync_email_key(self):
        for partner in self:
            email = partner.email if partner._pos_sync_is_candidate() else ""
            partner.pos_sync_email_key = email_key(email) if email else False

    @api.depends("name", "type", "parent_id", "pos_sync_replaced_by_id")
    def _compute_pos_sync_name_key(self):
        for partner in self:
            name = partner.name if partner._pos_sync_is_candidate() else ""
            partner.pos_sync_name_key = name_key(name) if name else False

    def _pos_sync_is_candidate(self):
        self.ensure_one()
        address = self.parent_id and self.type != "contact"
        return not address and not self.pos_sync_replaced_by_id

    def _compute_pos_sync_mapping_count(self):
        for partner in self:
            partner.pos_sync_mapping_count = len(partner.pos_sync_mapping_ids)

    def _compute_pos_sync_points(self):
        totals = dict(
            self.env["pos.sync.points"]._read_group([("partner_id", "in", self.ids)], ["partner_id"], ["points:sum"])
        )
        for partner in self:
            partner.pos_sync_points = totals.get(partner, 0.0)
            partner.pos_sync_has_points = partner in totals

    @api.model
    def _pos_sync_with_keys(self, phones, emails, names):
        """The ids of partners that have one of these keys; a name counts only where phone or e-mail are missing: then
        they can't be compared."""
        self.flush_model(["pos_sync_phone_key", "pos_sync_email_key", "pos_sync_name_key"])
        # One condition with all three would read the whole table.
        parts = [
            SQL("SELECT id FROM res_partner WHERE pos_sync_phone_key = ANY(%s)", list(phones)),
            SQL("SELECT id FROM res_partner WHERE pos_sync_email_key = ANY(%s)", list(emails)),
            SQL(
                "SELECT id FROM res_partner WHERE pos_sync_name_key = ANY(%s) "
                "AND (pos_sync_phone_key IS NULL OR pos_sync_email_key IS NULL)",
                list(names),
            ),
        ]
        return [partner_id for (partner_id,) in self.env.execute_query(SQL(" UNION ").join(parts))]

    def address_get(self, adr_pref=None):
        """What only stood on an imported order is nobody's address for the next one."""
        found = super().address_get(adr_pref)
        for kind, partner_id in found.items():
            if self.browse(partner_id).pos_sync_of_orders and partner_id not in self.ids:
                own = self.child_ids.filtered(lambda child, kind=kind: child.type == kind)
                own = own.filtered(lambda child: not child.pos_sync_of_orders)
                found[kind] = own[:1].id or found["contact"]
        return found

    def _pos_sync_protected(self):
        """Those whose e-mail, phone and name a pull never changes: they have a login, or are a company of ours."""
        users = self.env["res.users"].sudo().with_context(active_test=False).search([("partner_id", "in", self.ids)])
        companies = (
            self.env["res.company"].sudo().with_context(active_test=False).search([("partner_id", "in", self.ids)])
        )
        return self & (users.partner_id | companies.partner_id)

    def _pos_sync_addresses(self):
        """All addresses of a customer, one a line."""
        self.ensure_one()
        addresses = (self | self.child_ids.filtered(lambda child: child.type != "contact")).mapped(
            lambda partner: ", ".join(
                part
                for part in (partner.street, partner.street2, partner.zip, partner.city, partner.country_id.name)
                if part
            )
        )
        return "\n".join(dict.fromkeys(filter(None, addresses))) or False


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    pos_sync_made = fields.Boolean(copy=False, help="Made for the customer groups of a connected system.")
