from datetime import timedelta

from odoo import fields, models
from odoo.fields import Command

_RECENT = timedelta(days=62)


class PosSyncPreviewDays(models.AbstractModel):
    """Works out the entry of a day without posting it, as posting does: the same amounts, accounts and holds."""

    _name = "pos.sync.preview_days"
    _description = "POS Sync Preview of Days"

    def _prepare(self, connections):
        """The days that somebody may open soon: a large one takes seconds to work out, and opens at once then."""
        days = self.env["pos.sync.day"].search(
            [
                ("connection_id", "in", connections.ids),
                ("mode", "!=", "orders"),
                ("state", "!=", "posted"),
                ("date", ">", fields.Date.today() - _RECENT),
            ]
        )
        for day in days:
            day._preview()
            self.env["ir.cron"]._commit_progress(1)

    def _refresh(self, day, fingerprint):
        post = self.env["pos.sync.post_days"]
        holds, wanted = post._planned(day)
        # Of an invoiced day only the first posting is a sum: what changes later is an invoice or a credit note.
        shown = day.state != "posted" and (day.mode == "summary" or day.state != "changed")
        prepared = post._prepare_lines(day, wanted) if shown else []
        day.line_ids.unlink()
        day.write(
            {
                "preview_fingerprint": fingerprint,
                "lacks": f" {' '.join(holds)} " if holds else False,
                "lacks_sentence": " ".join(sentence for _name, sentence in holds.values()),
                "line_ids": [
                    Command.create(self._prepare_line(day, number, vals)) for number, vals in enumerate(prepared)
                ],
            }
        )

    def _prepare_line(self, day, sequence, vals):
        """Values of a line of the preview, from those of a journal item."""
        amount = vals["amount_currency"]
        account = self.env["account.account"].browse(vals["account_id"] or ())
        part = self.env["account.tax.repartition.line"].browse(vals["tax_repartition_line_id"] or ())
        return {
            "sequence": sequence,
            "key": vals["pos_sync_key"],
            "name": vals["name"],
            "account_id": account.id,
            "account_code": account.with_company(day.company_id).code,
            "partner_id": vals.get("partner_id"),
            "analytic_distribution": day._analytic_distribution(
                account, vals.get("partner_id", False), vals["pos_sync_channel"]
            ),
            "tax_ids": vals["tax_ids"],
            "tax_tag_ids": vals["tax_tag_ids"],
            "tax_line_id": part.tax_id.id,
            "debit": max(amount, 0.0),
            "credit": max(-amount, 0.0),
        }

    def _prints(self, days):
        """{day id: what tells apart two states of all that its entry is made of}: its sales, and the accounts."""
        prints = self.env["pos.sync.gather_days"]._fingerprints(days)
        return {
            day.id: f"{day.state} {len(day.move_ids)} {self._accounts(day.connection_id, days)} {prints[day.id]}"
            for day in days
        }

    def _accounts(self, connection, days):
        """What is chosen for a connection, and when a tax, a category or a rule of the company's last changed."""
        company = connection.company_id
        chosen = [
            *connection.sudo().charge_product_ids.mapped("account_id.id"),
            *connection.payment_method_ids.mapped("account_id.id"),
            *connection.posting_period_ids.mapped("journal_id.id"),
        ]
        changed = [
            self.env[model].sudo().search(domain, order="write_date desc", limit=1).write_date
            for model, domain in self._account_sources(company)
        ]
        return ",".join(map(str, (*chosen, *changed)))

    def _account_sources(self, company):
        """Models whose records decide on accounts, each with a domain."""
        return [
            ("account.tax", [("company_id", "parent_of", company.id)]),
            ("account.tax.repartition.line", [("company_id", "parent_of", company.id)]),
            ("product.category", []),
            ("account.analytic.distribution.model", [("company_id", "in", (False, company.id))]),
            ("pos.sync.posting.period", [("company_id", "=", company.id)]),
            ("pos.sync.location", [("company_id", "=", company.id)]),
            ("res.company", [("id", "=", company.id)]),
            ("res.currency.rate", [("company_id", "in", (False, company.root_id.id))]),
        ]
