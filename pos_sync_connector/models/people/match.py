from odoo import api, fields, models

from ...connectors.people.person import Reason

_SHOWN = ("name", "email", "phone")


class PosSyncMatch(models.Model):
    """A pair of a customer of the system and a partner of Odoo that may be the same person: asked once, remembered.

    The other kind is a change that a pull did not make: it concerns a partner with a login or a company of ours, a tax
    ID that Odoo refuses, or a second group.
    """

    _name = "pos.sync.match"
    _description = "POS Sync Match"
    _order = "state, score desc, id"
    _rec_name = "external_id"

    connection_id = fields.Many2one("pos.sync.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    mapping_id = fields.Many2one(
        "pos.sync.mapping", ondelete="set null", index="btree_not_null", help="A decision outlives the link."
    )
    external_id = fields.Char(string="Customer ID", required=True, readonly=True)
    imported_partner_id = fields.Many2one(related="mapping_id.partner_id", string="Customer as Imported")
    candidate_id = fields.Many2one(
        "res.partner", string="Partner in Odoo", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [("same_person", "Same person?"), ("change", "Change to accept?")],
        default="same_person",
        required=True,
        readonly=True,
    )
    score = fields.Integer(
        readonly=True, aggregator=None, help="How alike the names are, from 0 to 100. It decides nothing."
    )
    reason_codes = fields.Char(readonly=True)
    reasons = fields.Text(compute="_compute_reasons")
    proposed = fields.Json(readonly=True, help="For a change: the values that the system states, by field.")
    proposed_text = fields.Text(string="What Would Change", compute="_compute_proposed_text")
    state = fields.Selection(
        [("open", "To Review"), ("same", "Same"), ("different", "Different")], default="open", required=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_at = fields.Datetime(readonly=True)

    system_text = fields.Char(string="The System Says", compute="_compute_texts")
    odoo_text = fields.Char(string="Odoo Has", compute="_compute_texts")
    imported_name = fields.Char(related="imported_partner_id.name", string="Name")
    imported_email = fields.Char(related="imported_partner_id.email", string="Email")
    imported_phone = fields.Char(related="imported_partner_id.phone", string="Phone")
    imported_birthday = fields.Date(related="mapping_id.birthday", string="Birthday")
    imported_address = fields.Text(string="Addresses", compute="_compute_sides")
    imported_order_count = fields.Integer(string="Orders", compute="_compute_sides")
    imported_points = fields.Float(string="Points", compute="_compute_sides")
    candidate_name = fields.Char(related="candidate_id.name", string="Name in Odoo")
    candidate_email = fields.Char(related="candidate_id.email", string="Email in Odoo")
    candidate_phone = fields.Char(related="candidate_id.phone", string="Phone in Odoo")
    candidate_birthday = fields.Date(string="Birthday in Odoo", compute="_compute_sides")
    candidate_address = fields.Text(string="Addresses in Odoo", compute="_compute_sides")
    candidate_order_count = fields.Integer(string="Orders in Odoo", compute="_compute_sides")
    candidate_points = fields.Float(string="Points in Odoo", compute="_compute_sides")

    _pair_uniq = models.Constraint(
        "UNIQUE(connection_id, external_id, candidate_id, kind)", "This pair has been asked for already."
    )

    @api.depends("imported_partner_id", "candidate_id")
    def _compute_display_name(self):
        for match in self:
            match.display_name = " / ".join(
                partner.display_name or "" for partner in (match.imported_partner_id, match.candidate_id) if partner
            )

    # Both sides, for the screen

    @api.depends("reason_codes")
    @api.depends_context("lang")
    def _compute_reasons(self):
        sentences = self._reason_sentences()
        for match in self:
            codes = (match.reason_codes or "").split()
            match.reasons = "\n".join(sentences[code] for code in codes if code in sentences)

    @api.depends("proposed", "candidate_id")
    @api.depends_context("lang")
    def _compute_proposed_text(self):
        labels = {
            "name": self.env._("Name"),
            "email": self.env._("Email"),
            "phone": self.env._("Phone"),
            "vat": self.env._("Tax ID"),
            "group": self.env._("Group"),
        }
        for match in self:
            match.proposed_text = "\n".join(
                self.env._(
                    "%(field)s: %(new)s (now: %(now)s)",
                    field=labels[name],
                    new=value,
                    now=self._current(match.candidate_id, name) or self.env._("empty"),
                )
                for name, value in (match.proposed or {}).items()
                if name in labels
            )

    @api.depends("kind", "proposed", "imported_partner_id", "candidate_id")
    def _compute_texts(self):
        """Both sides in a line each, for lists."""
        for match in self.sudo():
            candidate = match.candidate_id
            if match.kind == "change":
                names = list(match.proposed or {})
                said = [match.proposed[name] for name in names]
                had = [self._current(candidate, name) for name in names]
                match.odoo_text = " · ".join([candidate.name or "", *filter(None, had)])
            else:
                said = [match.imported_partner_id[name] for name in _SHOWN]
                match.odoo_text = " · ".join(filter(None, (candidate[name] for name in _SHOWN)))
            match.system_text = " · ".join(filter(None, said))

    @api.model
    def _current(self, partner, name):
        """What a partner has where a change is proposed."""
        return ", ".join(partner.category_id.mapped("name")) if name == "group" else partner[name]

    def _compute_sides(self):
        partners = (self.imported_partner_id | self.candidate_id).sudo()
        orders = dict(
            self.env["sale.order"].sudo()._read_group([("partner_id", "in", partners.ids)], ["partner_id"], ["__count"])
        )
        points = dict(
            self.env["loyalty.card"]
            .sudo()
            ._read_group(
                [("partner_id", "in", partners.ids), ("program_id.program_type", "=", "loyalty")],
                ["partner_id"],
                ["points:sum"],
            )
        )
        birthdays = {
            mapping.partner_id: mapping.birthday
            for mapping in self.env["pos.sync.mapping"].search(
                [("partner_id", "in", partners.ids), ("birthday", "!=", False)]
            )
        }
        for match in self:
            for side, partner in (("imported", match.imported_partner_id), ("candidate", match.candidate_id)):
                match[f"{side}_address"] = partner.sudo()._pos_sync_addresses() if partner else False
                match[f"{side}_order_count"] = orders.get(partner.sudo(), 0)
                match[f"{side}_points"] = points.get(partner.sudo(), 0.0)
            match.candidate_birthday = birthdays.get(match.candidate_id, False)

    @api.model
    def _reason_sentences(self):
        """{code: what it says to a person}."""
        env = self.env
        return {
            Reason.SAME_NAME.value: env._("Both have the same name."),
            Reason.SAME_PHONE.value: env._("Both have the same phone number."),
            Reason.SAME_EMAIL.value: env._("Both have the same e-mail."),
            Reason.SAME_BIRTHDAY.value: env._("Both have the same birthday."),
            Reason.SAME_TAX_ID.value: env._("Both have the same tax ID."),
            Reason.NAME_ORDER.value: env._("First and last name stand the other way round."),
            Reason.SHORT_FORM.value: env._("One first name is a short form or another spelling of the other."),
            Reason.LOOSE_FORM.value: env._("One first name may be short for the other, or a name of its own."),
            Reason.GENDERED.value: env._("One first name is a man's, the other a woman's form of it."),
            Reason.SIMILAR_NAME.value: env._("The names differ by little: perhaps a slip of the pen."),
            Reason.INITIAL.value: env._("One of them has only the initial of the first name."),
            Reason.MIDDLE_NAME.value: env._("One of them has a name more than the other."),
            Reason.OTHER_LAST_NAME.value: env._("The first names are the same, the last names are not."),
            Reason.ONE_NAME.value: env._("One of them has a single name, which the other has too."),
            Reason.NO_NAME.value: env._("One of them has no name."),
            Reason.OTHER_SCRIPT.value: env._("The names are written in different scripts."),
            Reason.OTHER_NAME.value: env._("The names are different."),
            Reason.OTHER_TITLE.value: env._("One is addressed as a man, the other as a woman."),
            Reason.OTHER_GENERATION.value: env._("Junior or senior: they may be parent and child."),
            Reason.OTHER_KIND.value: env._("One is a company, the other a person."),
            Reason.OTHER_PHONE.value: env._("They have different phone numbers."),
            Reason.OTHER_EMAIL.value: env._("They have different e-mails."),
            Reason.OTHER_BIRTHDAY.value: env._("They have different birthdays."),
            Reason.ONLY_NAME.value: env._("There is no phone and no e-mail to compare."),
            Reason.NOT_BY_PHONE.value: env._("By the connection's setting the phone alone does not count."),
            Reason.NOT_BY_EMAIL.value: env._("By the connection's setting the e-mail alone does not count."),
            Reason.SEVERAL.value: env._("Several partners in Odoo may be this customer."),
            Reason.ARCHIVED.value: env._("The partner in Odoo is archived."),
            "login": env._(
                "This person has a login, or is a company of yours: a pull changes no name, e-mail or phone."
            ),
            "bad_tax_id": env._("Odoo does not accept the tax ID for this country."),
            "second_group": env._("Another system has this customer in a different group, and a customer has one."),
        }

    # Buttons

    def action_same(self):
        """Both are one: what the imported one has moves to the partner in Odoo. For a change: it is made."""
        self.check_access("read")
        review = self.env["pos.sync.review_customers"].sudo()
        for match in self.sudo().filtered(lambda match: match.state == "open"):
            # Deciding one pair may have decided others.
            if match.exists() and match.state == "open":
                review._carry_out(match)
        return True

    def action_different(self):
        """Both are two, for good. For a change: it is left out."""
        self.check_access("read")
        self.sudo().filtered(lambda match: match.state == "open")._decide("different")
        return True

    def _decide(self, state):
        self.write({"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()})
