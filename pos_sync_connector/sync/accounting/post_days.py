from datetime import timedelta
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .day_amounts import UNPAID, DayAmount
from .rate_of_day import lacking_rate


class PosSyncPostDays(models.AbstractModel):
    """Posts business days: one balanced entry, and one more for what has changed since the last."""

    _name = "pos.sync.post_days"
    _description = "POS Sync Posting of Days"

    def _post(self, days):
        """Posts `days`. One that waits for a mapping is held, and says so; it follows once that is there."""
        for connection in days.connection_id:
            self.env["pos.sync.gather_days"]._gather(connection)
        self._post_gathered(days)

    def _post_gathered(self, days):
        ways = {"summary": self, "invoice": self.env["pos.sync.post_invoices"]}
        for day in days.exists().filtered(lambda item: item.state != "posted" and item.mode in ways):
            # Two accountants at once must not post the same twice.
            day.lock_for_update()
            ways[day.mode]._post_day(day)

    def _post_day(self, day):
        # What somebody has reset to draft is replaced.
        day.move_ids.filtered(lambda move: move.state == "draft").button_cancel()
        holds, wanted = self._planned(day)
        if holds:
            self._hold(day, holds)
            return
        if wanted:
            self._make_entry(day, wanted)
        self._note_posted(day)

    def _planned(self, day):
        """(what keeps the day from being posted, {key: DayAmount} of what its entries do not hold yet): what posting
        does, and what its preview shows."""
        work = self.env["pos.sync.day_amounts"]._worked_out(day)
        return self._holds(day, work.amounts, work.problems), self._difference(day, work.amounts)

    def _note_posted(self, day):
        prints = self.env["pos.sync.gather_days"]._fingerprints(day)
        day.write({"state": "posted", "sentence": False, "hold_keys": False, "fingerprint": prints[day.id]})
        self._settle_messages(day.connection_id)
        self.env["pos.sync.reconciliation"]._note_touched(day.connection_id, [day.date])

    # What keeps it from being posted

    def _holds(self, day, amounts, problems):
        """{trace key: (name, sentence)} of `problems`, of what has no account yet, and of a missing rate."""
        holds = {**problems, **self._lacks_rate(day)}
        methods = {f"payment:{method.id}": method for method in day.connection_id.payment_method_ids}
        for key, amount in amounts.items():
            if amount.account_id:
                continue
            if method := methods.get(key):
                sentence = self.env._("The payment method “%s” has no account yet.", method.name)
                holds[method._trace_key()] = (method.name, sentence)
            elif amount.kind in ("sale", "refund"):
                sentence = self.env._("There is no income account for what is sold. Choose one in the category.")
                holds["unmapped-charge:sale"] = (amount.name, sentence)
            elif amount.kind == UNPAID:
                sentence = self.env._("The company has no receivable account. Choose its chart of accounts.")
                holds["unmapped-charge:unpaid"] = (amount.name, sentence)
            elif amount.kind == "tax":
                sentence = self.env._("The tax “%s” has no account. Enter one on the tax.", amount.name)
                holds[f"unmapped-charge:tax:{amount.repartition_id}"] = (amount.name, sentence)
            else:
                kind = "gift_card" if amount.kind.startswith("gift_card") else amount.kind
                sentence = self.env._("“%s” has no account yet.", amount.name)
                holds[f"unmapped-charge:{kind}"] = (amount.name, sentence)
        if day.mode == "summary" and not self.env["pos.sync.posting.period"]._of(day).journal_id:
            name = self.env._("Journal of the entries")
            holds["unmapped-journal"] = (name, self.env._("There is no journal for daily summaries yet."))
        return holds

    def _lacks_rate(self, day):
        sentence = lacking_rate(day.currency_id, day.company_id, day.date)
        return {f"missing-rate:{day.currency_id.name}": (day.currency_id.name, sentence)} if sentence else {}

    def _hold(self, day, holds):
        state = "changed" if day.move_ids.filtered(lambda move: move.state != "cancel") else "held"
        sentence = " ".join(sentence for _name, sentence in holds.values())
        day.write({"state": state, "sentence": sentence, "hold_keys": f" {' '.join(holds)} "})
        Message = self.env["pos.sync.message"]
        stream = day.connection_id._stream("orders_pull")
        now = fields.Datetime.now()
        for trace, (name, sentence) in holds.items():
            message = Message.search(
                [
                    ("stream_id", "=", stream.id),
                    ("direction", "=", "post"),
                    ("trace_key", "=", trace),
                    ("state", "in", Message._OPEN),
                ]
            )
            vals = {"state": "failed", "sentence": sentence, "last_failed_at": now}
            if message:
                message.write(vals)
            else:
                Message.create(
                    {
                        **vals,
                        "stream_id": stream.id,
                        "flow": stream.flow,
                        "direction": "post",
                        "external_id": trace,
                        "name": name,
                        "kind": "needs_fixing",
                        "code": trace.split(":")[0],
                        "trace_key": trace,
                        "fix": self._fix(trace.split(":")[0]),
                        "failed_at": now,
                    }
                )

    def _fix(self, code):
        fixes = {
            "missing-rate": self.env._("Enter the rate. What waits for it is posted then."),
            "unclear-refund": self.env._("Open the refund, and accept it or correct it at the system."),
            "rounding": self.env._("Correct the order. Its day is posted then."),
        }
        return fixes.get(code, self.env._("Choose the account. What waits for it is posted then."))

    def _settle_messages(self, connection):
        """Ends the messages that no day waits for any more."""
        Message = self.env["pos.sync.message"]
        messages = Message.search(
            [("connection_id", "=", connection.id), ("direction", "=", "post"), ("state", "in", Message._OPEN)]
        )
        if not messages:
            return
        held = self._held(connection).mapped("hold_keys")
        over = messages.filtered(lambda message: not any(f" {message.trace_key} " in keys for keys in held))
        over.write({"state": "done", "done_at": fields.Datetime.now()})

    def _held(self, connection):
        return self.env["pos.sync.day"].search([("connection_id", "=", connection.id), ("hold_keys", "!=", False)])

    def _release(self, connection, trace):
        """Posts in a moment what waits for this; it was asked for before."""
        if self.sudo()._held(connection).filtered(lambda day: f" {trace} " in day.hold_keys):
            self.env.ref("pos_sync_connector.ir_cron_posting").sudo()._trigger()

    def _release_all(self, trace):
        """The same, of all connections."""
        for connection in self.env["pos.sync.day"].sudo().search([("hold_keys", "like", f" {trace} ")]).connection_id:
            self._release(connection, trace)

    def _run_due(self):
        """The hourly job: brings the business days up to date, tries again all that is held, and posts the days that
        are to be posted by themselves. One that fails says so, and keeps no other waiting."""
        periods = self.env["pos.sync.posting.period"].search([("connection_id.active", "=", True)])
        gather = self.env["pos.sync.gather_days"]._gather
        work = partial(self.env["pos.sync.replay"]._work, "ir_cron_posting")
        work(*(partial(gather, connection) for connection in periods.connection_id))
        days = self.env["pos.sync.day"].search([("hold_keys", "!=", False)]) | self._due(periods.exists())
        work(*(partial(self._try, day) for day in days.sorted("date")))
        work(partial(self.env["pos.sync.preview_days"]._prepare, periods.connection_id))

    def _due(self, periods):
        """The days that have ended long enough ago where posting goes by itself."""
        if not any(periods.mapped("automatic")):
            return self.env["pos.sync.day"]
        days = self.env["pos.sync.day"].search(
            [
                ("connection_id", "in", periods.filtered("automatic").connection_id.ids),
                ("state", "!=", "posted"),
                ("mode", "!=", "orders"),
            ]
        )
        now = fields.Datetime.now()
        return days.filtered(
            lambda day: (
                (period := periods._of(day)).automatic and day._ended_at() + timedelta(hours=period.hours) <= now
            )
        )

    def _try(self, day):
        try:
            with self.env.cr.savepoint():
                self._post_gathered(day)
        except (UserError, ValidationError) as error:
            day.sentence = str(error)

    # Entries

    def _difference(self, day, amounts):
        """{key: DayAmount} of what the day's entries do not hold yet. What is posted keeps its account, and is changed
        at the rate that it was posted at."""
        rows = self.env["account.move.line"]._read_group(
            [("move_id.pos_sync_day_id", "=", day.id), ("parent_state", "=", "posted"), ("pos_sync_key", "!=", False)],
            ["pos_sync_key", "account_id"],
            ["amount_currency:sum", "balance:sum", "id:recordset"],
        )
        rounded, own = day.currency_id.round, day.company_id.currency_id.round
        wanted = dict(amounts)
        rate = self._posted_rate(day, rows)
        for key, account, posted, balance, lines in rows:
            known = wanted.get(key)
            if known is None:
                known = wanted[key] = self._taken_back(lines[0])
            else:
                known.account_id = account.id
            if known.worth is not None:
                known.worth = own(known.worth - balance)
            elif not known.amount:
                known.worth = own(-balance)
            known.amount = rounded(known.amount - rounded(posted))
        for amount in wanted.values():
            if rate and amount.worth is None:
                amount.worth = own(amount.amount * rate)
        return {key: amount for key, amount in wanted.items() if amount.amount or amount.worth}

    def _posted_rate(self, day, rows):
        """The rate that a day in another currency was posted at; none of a day that is not posted."""
        amounts = sum(abs(posted) for _key, _account, posted, _balance, _lines in rows)
        if day.currency_id == day.company_id.currency_id or not amounts:
            return 0.0
        return sum(abs(balance) for _key, _account, posted, balance, _lines in rows if posted) / amounts

    def _taken_back(self, line):
        return DayAmount(
            line.pos_sync_key.partition(":")[0],
            line.name,
            line.account_id.id,
            tuple(line.tax_ids.ids),
            tuple(line.tax_tag_ids.ids),
            line.tax_repartition_line_id.id,
            channel=line.pos_sync_channel or "",
        )

    def _make_entry(self, day, amounts):
        Move = (
            self.env["account.move"]
            .with_company(day.company_id)
            .with_context(skip_invoice_sync=True, check_move_validity=False, tracking_disable=True)
        )
        correction = bool(day.move_ids.filtered(lambda move: move.state != "cancel"))
        has_tax = any(amount.tax_ids or amount.repartition_id for amount in amounts.values())
        journal = self.env["pos.sync.posting.period"]._of(day).journal_id
        date = self._open_date(day, journal, has_tax)
        move = Move.create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": day.company_id.id,
                "date": date,
                "ref": self._reference(day, correction, date),
                "currency_id": day.currency_id.id,
                "pos_sync_day_id": day.id,
                "line_ids": [Command.create(vals) for vals in self._prepare_lines(day, amounts)],
            }
        )
        move.with_context(skip_invoice_sync=False, check_move_validity=True)._post(soft=False)
        if date != day.date:
            self._say_locked(day, move, date)
        return move

    def _say_locked(self, day, move, date):
        move.message_post(
            body=self.env._(
                "%(day)s is locked: the entry was posted on the first open day, %(date)s.",
                day=fields.Date.to_string(day.date),
                date=fields.Date.to_string(date),
            )
        )

    def _open_date(self, day, journal, has_tax):
        """The business day, or the first one after it that no lock date closes."""
        locks = day.company_id._get_violated_lock_dates(day.date, has_tax, journal)
        return locks[-1][0] + timedelta(days=1) if locks else day.date

    def _reference(self, day, correction, date):
        values = {
            "place": day.location_id.name or day.connection_id.name,
            "day": fields.Date.to_string(day.date),
            "currency": day.currency_id.name,
        }
        if correction:
            return self.env._("Correction of %(place)s, %(day)s, %(currency)s", **values)
        return self.env._("Sales of %(place)s, %(day)s, %(currency)s", **values)

    def _prepare_lines(self, day, amounts):
        """Values of the journal items. In another currency than the company's each is converted at the day's rate; what
        rounding leaves of the balance goes to the largest."""
        company_currency = day.company_id.currency_id
        prepared = []
        for key, amount in amounts.items():
            balance = amount.worth
            if balance is None:
                balance = day.currency_id._convert(amount.amount, company_currency, day.company_id, day.date)
            prepared.append(
                {
                    "name": amount.name,
                    "account_id": amount.account_id,
                    "pos_sync_key": key,
                    "currency_id": day.currency_id.id,
                    "amount_currency": amount.amount,
                    "balance": balance,
                    "tax_ids": [Command.set(amount.tax_ids)],
                    "tax_tag_ids": [Command.set(amount.tag_ids)],
                    "tax_repartition_line_id": amount.repartition_id or False,
                    "display_type": "tax" if amount.repartition_id else "product",
                }
            )
        left = company_currency.round(sum(vals["balance"] for vals in prepared))
        if left:
            largest = max(prepared, key=lambda vals: abs(vals["balance"]))
            largest["balance"] = company_currency.round(largest["balance"] - left)
        return prepared
