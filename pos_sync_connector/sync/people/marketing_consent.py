from odoo import fields, models
from odoo.tools import email_normalize

from ...connectors.records import Consent


class PosSyncImportCustomers(models.AbstractModel):
    """Whether a customer may be written to; the newest word counts.

    Consent that was withdrawn puts the e-mail on Odoo's blacklist. Consent that was given takes it off only if it was
    given after the e-mail was put there: what has no date can't be proved to be newer.
    """

    _inherit = "pos.sync.import_customers"

    def _write_consents(self, connection, resolver, plans):
        changed = [plan for plan in plans if self._consent_changed(plan)]
        emails = {plan: self._mailbox(plan) for plan in changed}
        Blacklist = self.env["mail.blacklist"].with_context(active_test=False)
        listed = {row.email: row for row in Blacklist.search([("email", "in", list(filter(None, emails.values())))])}
        withdrawn, noted = {}, {}
        for plan in changed:
            record, row, at = plan.record, listed.get(emails[plan]), _moment(plan.record.marketing_at)
            if plan.link and at and plan.link.consent_at and at < plan.link.consent_at:
                continue
            refused = record.marketing is Consent.NO
            if row and row.active != refused:
                # Whoever changed the blacklist last had the last word, unless this came later.
                if not at or at <= self._listed_at(resolver, plan, row):
                    continue
                row.active = refused
                noted[row] = plan
            elif refused and emails[plan] and not row:
                withdrawn[emails[plan]] = plan
            plan.mapping_vals.update({"consent": record.marketing.value, "consent_at": at})
        rows = Blacklist.create([{"email": email} for email in withdrawn])
        noted.update({row: withdrawn[row.email] for row in rows})
        for row, plan in noted.items():
            plan.mapping_vals["consent_listed_at"] = _moment(row.write_date)
        if noted:
            self._note_consent(connection, noted)

    def _mailbox(self, plan):
        return email_normalize(self.env["res.partner"].browse(plan.partner_id).email or "") or ""

    def _consent_changed(self, plan):
        record, link = plan.record, plan.link
        if record.marketing is Consent.UNKNOWN:
            return False
        if not link or link.consent != record.marketing.value or link.consent_at != _moment(record.marketing_at):
            return True
        return record.marketing is Consent.NO and record.email != link.agreed_email

    def _listed_at(self, resolver, plan, row):
        """When the blacklist was last changed for this e-mail: at the source, where a pull has brought it."""
        moments = [
            at
            for at, listed_at in resolver.consents.get(plan.partner_id, ())
            if at and listed_at == _moment(row.write_date)
        ]
        return max(moments, default=row.write_date)

    def _note_consent(self, connection, plans_by_row):
        """Why an e-mail is on the blacklist, or was taken off, stands in its own history."""
        bodies = {}
        for row, plan in plans_by_row.items():
            at = fields.Datetime.to_string(_moment(plan.record.marketing_at)) or self.env._("no date")
            bodies[row.id] = (
                self.env._("%(system)s: marketing e-mails were refused (%(at)s).", system=connection.name, at=at)
                if plan.record.marketing is Consent.NO
                else self.env._("%(system)s: marketing e-mails were agreed to (%(at)s).", system=connection.name, at=at)
            )
        self.env["mail.blacklist"].browse(list(bodies))._message_log_batch(bodies=bodies)


def _moment(value):
    """A moment as Odoo keeps it: UTC, without a zone, to the second."""
    return value.replace(tzinfo=None, microsecond=0) if value else None
