import base64
import csv
import io
from decimal import Decimal, InvalidOperation

from odoo import fields, models
from odoo.exceptions import UserError

_SHOWN = 20


class PosSyncOpenBalances(models.TransientModel):
    """Takes over customers' points balances from a file, once for each customer."""

    _name = "pos.sync.open_balances"
    _description = "POS Sync Opening Balances"

    connection_id = fields.Many2one(
        "pos.sync.connection", required=True, domain="[('program_id', '!=', False), ('points_by', '=', 'odoo')]"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    file = fields.Binary(
        required=True,
        attachment=False,
        help="A CSV file with two columns: the customer, by ID at the system or by e-mail address, and the points.",
    )
    file_name = fields.Char()

    def action_open(self):
        """Takes over the whole file, or nothing of it and says what is wrong with which line."""
        self.ensure_one()
        self.connection_id.check_access("write")
        connection = self.connection_id.sudo()
        award = self.env["pos.sync.award_points"].sudo().with_company(connection.company_id)
        if not award._takes_balances(connection):
            raise UserError(
                self.env._("“%s” gives no points in Odoo. Choose its loyalty program first.", connection.name)
            )
        problems = []
        lines = self._read(problems)
        partners = self._find_customers(connection, lines, problems)
        walk_ins = award._walk_ins(connection)
        problems += [
            (number, self.env._("%s is the walk-in customer and collects no points", who))
            for number, who, _points in lines
            if who in partners and partners[who] in walk_ins
        ]
        if problems:
            raise UserError(self._sentence_of(problems))
        keys = award._balance_keys(connection, self.env["res.partner"].union(*partners.values()))
        known = set(self.env["pos.sync.mapping"]._find(connection, "customer", partners))
        balances = {}
        for number, who, points in lines:
            key = who if who in known else keys[partners[who]]
            if key in balances:
                problems.append((number, self.env._("%s stands in an earlier line already", who)))
            balances[key] = (partners[who], points)
        if problems:
            raise UserError(self._sentence_of(problems))
        taken = award._open(connection, balances)
        return connection._notify(
            self.env._(
                "%(taken)s balances were taken over, %(known)s had been before.",
                taken=taken,
                known=len(balances) - taken,
            ),
            next_action={"type": "ir.actions.act_window_close"},
        )

    def _read(self, problems):
        """[(line number, customer as written, points)]; what can't be read is added to `problems`. A first line
        without a number is a heading."""
        content = base64.b64decode(self.file)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UserError(
                self.env._("The file is no text in UTF-8. Save it as “CSV UTF-8” and choose it again.")
            ) from None
        first = text.partition("\n")[0]
        separator = max(";\t,", key=first.count)
        lines = []
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            points = self._as_points(cells[1]) if len(cells) > 1 else None
            if points is not None and cells[0]:
                lines.append((number, cells[0], points))
            elif number > 1:
                problems.append((number, self.env._("a customer and a number of points are needed")))
        if not lines and not problems:
            problems.append((1, self.env._("a customer and a number of points are needed")))
        return lines

    def _as_points(self, text):
        """The number, with a point or a comma for its decimals; None where it is none, is negative or too large."""
        try:
            points = Decimal(text.replace(",", ".", 1) if "." not in text else text)
        except InvalidOperation:
            return None
        return points if points.is_finite() and 0 <= points < 10**12 else None

    def _find_customers(self, connection, lines, problems):
        """{customer as written: partner}: by the ID at the system, else by an e-mail address that one partner has."""
        written = {who for _number, who, _points in lines}
        mappings = self.env["pos.sync.mapping"]._find(connection, "customer", written)
        partners = {who: mapping.partner_id for who, mapping in mappings.items() if mapping.partner_id}
        Partner = self.env["res.partner"].sudo()
        emails = {who.lower(): who for who in written - set(partners) if "@" in who}
        found = Partner.search(
            [
                *Partner._check_company_domain(connection.company_id),
                ("email_normalized", "in", list(emails)),
                ("type", "=", "contact"),
            ]
        ).grouped("email_normalized")
        for number, who, _points in lines:
            if who in partners:
                continue
            owners = found.get(who.lower(), Partner)
            if len(owners) == 1:
                partners[who] = owners
            elif owners:
                problems.append((number, self.env._("several customers have the address %s: use the ID", who)))
            else:
                problems.append((number, self.env._("%s is not known", who)))
        return partners

    def _sentence_of(self, problems):
        problems.sort()
        shown = "\n".join(
            self.env._("Line %(number)s: %(problem)s.", number=number, problem=problem)
            for number, problem in problems[:_SHOWN]
        )
        if len(problems) > _SHOWN:
            shown += "\n" + self.env._("and %s more.", len(problems) - _SHOWN)
        return self.env._("Nothing was taken over. Correct the file and choose it again.\n\n%s", shown)
