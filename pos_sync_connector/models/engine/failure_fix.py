from odoo import api, fields, models

# What mends a failure, by its code. What is not named here is tried again once its sentence was followed.
_FIXES = {
    "missing-tax": "tax",
    "unmapped-tax": "tax",
    "unmapped-location": "location",
    "missing-product": "link_product",
    "missing-setting": "connection",
    "bad-setting": "connection",
    "bad-credentials": "connection",
    "missing-currency": "currency",
    "missing-rate": "rate",
    "unclear-refund": "refund",
    "mass-deletion": "confirm",
    "unmapped-method": "method",
    "unmapped-charge": "charge",
    "tax-account": "charge",
    "unmapped-journal": "journal",
}


class PosSyncFailure(models.Model):
    """The button that mends a failure, and what becomes then of all that fails with it."""

    _inherit = "pos.sync.failure"

    mend = fields.Selection(
        [
            ("make_tax", "Create the tax"),
            ("tax", "Choose the tax"),
            ("location", "Choose the location"),
            ("method", "Choose its account"),
            ("charge", "Choose the account"),
            ("journal", "Choose the journal"),
            ("link_product", "Link the product"),
            ("connection", "Enter what is missing"),
            ("currency", "Activate the currency"),
            ("rate", "Enter the rate"),
            ("refund", "Decide"),
            ("review", "Answer"),
            ("confirm", "Carry it out"),
            ("waits", "Comes automatically"),
            ("retry", "Retry"),
        ],
        compute="_compute_mend",
    )
    problem = fields.Char(string="What Is Wrong", compute="_compute_problem")
    siblings = fields.Char(string="After the Fix", compute="_compute_siblings")

    @api.depends("code", "source", "tax_id", "kind")
    def _compute_mend(self):
        for failure in self:
            fix = _FIXES.get(failure.code, "retry")
            if failure.source == "connection":
                fix = "connection"
            elif failure.is_question:
                fix = "review"
            elif failure.code == "waits":
                fix = "waits"
            elif failure.tax_id and failure.tax_id._is_unmapped():
                fix = "tax" if failure.tax_id._unclear() else "make_tax"
            elif failure.tax_id:
                # Chosen meanwhile: what waits for it only has to be tried again.
                fix = "retry"
            failure.mend = fix

    @api.depends("sentence", "tax_id.name", "mend")
    def _compute_problem(self):
        """The cause by its name, where the sentence is about the first record that it kept out."""
        for failure in self:
            failure.problem = failure.sentence
            if failure.tax_id and failure.tax_id._is_unmapped():
                failure.problem = self.env._("The tax “%s” has no tax in Odoo yet.", failure.tax_id.name)

    @api.depends("count", "held_count", "mend", "source")
    def _compute_siblings(self):
        for failure in self:
            failure.siblings = " ".join(filter(None, (failure._own_sentence(), failure._held_sentence())))

    def _own_sentence(self):
        if self.source != "message":
            return ""
        if self.mend in ("make_tax", "tax", "link_product", "location"):
            if self.count == 1:
                return self.env._("It then comes in automatically.")
            return self.env._("All %s then come in automatically.", self.count)
        if self.mend == "waits":
            return self.env._("Nothing to do, unless what it waits for never comes.")
        if self.count > 1 and self.mend == "retry":
            return self.env._("Retry tries all %s.", self.count)
        return ""

    def _held_sentence(self):
        if not self.held_count:
            return ""
        if self.held_count == 1:
            return self.env._("1 other record waits for this and then comes in automatically.")
        return self.env._("%s other records wait for this and then come in automatically.", self.held_count)

    # Buttons

    def action_retry(self):
        """Tries these again, with all that share their cause."""
        self.check_access("read")
        messages = self.message_id
        if messages:
            messages.action_retry()
        for failure in self - self.filtered("message_id"):
            if failure.stream_id:
                failure.stream_id.action_sync_now()
            else:
                failure.connection_id._check_can_sync()
        return self.env["pos.sync.connection"]._notify(self.env._("They will be tried again shortly."))

    def action_make_tax(self):
        """Makes a tax of the same rate for the unmapped one; what waited for it follows."""
        self.ensure_one()
        if unclear := self.tax_id.action_make_tax():
            return unclear
        return self.env["pos.sync.connection"]._notify(
            self.env._("“%s” is there now. What waited for it will follow shortly.", self.tax_id.tax_id.name)
        )

    def action_mend(self):
        """Opens the place where a person mends it."""
        self.ensure_one()
        self.check_access("read")
        opens = {
            "connection": self.connection_id.action_view_access,
            "link_product": self.message_id.action_link_product,
            "review": self.action_view_messages,
            "tax": lambda: self._open_list("pos_sync_tax_action"),
            "make_tax": lambda: self._open_list("pos_sync_tax_action"),
            "location": lambda: self._open_list("pos_sync_location_action"),
            "method": lambda: self._open_list("pos_sync_posting_choice_action"),
            "charge": lambda: self._open_list("pos_sync_posting_choice_action"),
            "journal": lambda: self._open_list("pos_sync_posting_period_action"),
            "currency": lambda: self.env["ir.actions.act_window"]._for_xml_id("base.action_currency_form"),
            "rate": self._open_currency,
            "refund": self._open_refund,
        }
        return opens.get(self.mend, self.action_view_connection)()

    def _open_list(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"pos_sync_connector.{name}")
        return {**action, "domain": [("connection_id", "=", self.connection_id.id)], "context": {}}

    def _open_currency(self):
        """The currency whose rate is missing, with its rates."""
        name = self.message_id.trace_key.partition(":")[2]
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)], limit=1)
        return currency.get_formview_action()

    def _open_refund(self):
        refund = self.env["pos.sync.refund"].browse(int(self.message_id.trace_key.partition(":")[2])).exists()
        return refund.get_formview_action() if refund else self.action_view_messages()

    def action_view_connection(self):
        return self.connection_id.get_formview_action()

    def action_view_messages(self):
        """The records themselves, one by one."""
        self.ensure_one()
        if self.source != "message":
            return self.action_view_connection()
        return self.message_id.action_view_siblings()
