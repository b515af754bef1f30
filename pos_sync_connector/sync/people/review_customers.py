from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.quiet import QUIET

_PARTNERS = ("partner_id", "partner_invoice_id", "partner_shipping_id")


def _held_by(order, partners):
    """Which of an order's partners are among these."""
    return tuple(name for name in _PARTNERS if order[name] in partners)


class PosSyncImportCustomers(models.AbstractModel):
    """What a person is asked about, while customers are imported."""

    _inherit = "pos.sync.import_customers"

    def _write_reviews(self, connection, resolver, plans, mapping_ids):
        Match = self.env["pos.sync.match"]
        made = []
        for plan in plans:
            external_id = plan.record.external_id
            reviewed = resolver.reviewed.get(external_id, ())
            made += self._prepare_questions(connection, plan, mapping_ids[external_id], reviewed)
            change = next(
                (item for item in reviewed if item.kind == "change" and item.partner_id == plan.partner_id), None
            )
            vals = self._prepare_change(plan, mapping_ids[external_id])
            if change and not plan.proposed:
                # Both sides have the same by now.
                if change.state == "open":
                    Match.browse(change.match_id)._decide("same")
            elif change and change.proposed != plan.proposed:
                Match.browse(change.match_id).write(
                    {**vals, "state": "open", "decided_by_id": False, "decided_at": False}
                )
            elif plan.proposed and not change:
                made.append({**vals, "connection_id": connection.id, "external_id": external_id, "kind": "change"})
            if not plan.link and reviewed:
                Match.browse([item.match_id for item in reviewed]).write({"mapping_id": mapping_ids[external_id]})
        Match.create(made)

    def _prepare_questions(self, connection, plan, mapping_id, reviewed):
        asked = {item.partner_id for item in reviewed if item.kind == "same_person"}
        questions = {}
        for candidate, judgement in plan.asks:
            candidate_id = candidate if isinstance(candidate, int) else candidate.partner_id
            if candidate_id not in asked and candidate_id != plan.partner_id:
                questions[candidate_id] = judgement
        return [
            {
                "connection_id": connection.id,
                "mapping_id": mapping_id,
                "external_id": plan.record.external_id,
                "candidate_id": candidate_id,
                "score": judgement.score,
                "reason_codes": " ".join(dict.fromkeys(reason.value for reason in judgement.reasons)),
            }
            for candidate_id, judgement in questions.items()
        ]

    def _prepare_change(self, plan, mapping_id):
        return {
            "mapping_id": mapping_id,
            "candidate_id": plan.partner_id,
            "proposed": plan.proposed,
            "reason_codes": " ".join(dict.fromkeys(plan.reasons)),
        }


class PosSyncReviewCustomers(models.AbstractModel):
    """Carries out what a person has decided about a pair."""

    _name = "pos.sync.review_customers"
    _description = "POS Sync Review of Customers"

    def _carry_out(self, match):
        """Both are one person; or, for a change: it is to be made."""
        prepared = self.with_company(match.connection_id.company_id).with_context(
            **QUIET, lang=None
        )
        match = match.with_env(prepared.env)
        if match.kind == "change":
            prepared._apply_change(match)
        else:
            prepared._bring_together(match)

    # Same person

    def _bring_together(self, match):
        """Moves links, orders and points of the imported partner to the candidate, and archives the former."""
        mapping, candidate = match.mapping_id, match.candidate_id
        partner = mapping.partner_id
        if not mapping or not partner:
            raise UserError(
                self.env._("The customer as imported was deleted in Odoo: there is nothing to bring together.")
            )
        if partner == candidate:
            match._decide("same")
            return
        stand_in = mapping.made_here and not partner._pos_sync_protected()
        mappings = self.env["pos.sync.mapping"].search([("partner_id", "=", partner.id)]) if stand_in else mapping
        self._fill(partner, candidate)
        orders = self._move_orders(match.connection_id, partner, candidate, everything=stand_in)
        # The partner in Odoo was there before: whoever owned its details still does.
        mappings.write({"partner_id": candidate.id, "made_here": False, "owns_contact": False})
        award = self.env["pos.sync.award_points"]
        if not stand_in:
            award._move_balance(match.connection_id, match.external_id, candidate)
        else:
            award._move(partner, candidate)
            partner.write({"active": False, "pos_sync_replaced_by_id": candidate.id})
        award._settle(orders)
        self._settle_questions(match, partner, candidate)

    def _fill(self, partner, candidate):
        """What the partner in Odoo lacks is taken over from the imported one."""
        names = ["street", "street2", "city", "zip", "state_id", "country_id"]
        names = [] if any(candidate[name] for name in names) else names
        if not candidate._pos_sync_protected():
            names += [name for name in ("email", "phone") if not candidate[name]]
        vals = {name: partner[name] for name in names if partner[name]}
        vals = {name: value if isinstance(value, str) else value.id for name, value in vals.items()}
        tags = partner.category_id - candidate.category_id
        if tags and not candidate.category_id:
            vals["category_id"] = [Command.link(tag.id) for tag in tags]
        if vals:
            candidate.write(vals)

    def _move_orders(self, connection, partner, candidate, everything):
        """Gives the candidate the orders of the imported partner and of their addresses. Returns them; their points are
        to be settled."""
        addresses = partner | partner.with_context(active_test=False).child_ids
        domain = [("partner_id", "in", addresses.ids)]
        if not everything:
            domain.append(("pos_sync_connection_id", "=", connection.id))
        orders = self.env["sale.order"].search(domain)
        fields_kept = [
            orders._fields[name]
            for name in ("pricelist_id", "fiscal_position_id", "payment_term_id", "user_id", "team_id", "note")
        ]
        with self.env.protecting(fields_kept, orders):
            for names, alike in orders.grouped(lambda order: _held_by(order, addresses)).items():
                alike.with_context(pos_sync_settle_later=True).write(dict.fromkeys(names, candidate.id))
            self.env.flush_all()
        return orders

    def _settle_questions(self, match, partner, candidate):
        """The pair is decided. Of the customer's other questions the answer is no; questions about the archived
        partner are questions about the other one now."""
        Match = self.env["pos.sync.match"]
        match._decide("same")
        Match.search(
            [
                ("connection_id", "=", match.connection_id.id),
                ("external_id", "=", match.external_id),
                ("kind", "=", "same_person"),
                ("state", "=", "open"),
            ]
        )._decide("different")
        known = {
            (other.connection_id, other.external_id, other.kind)
            for other in Match.search([("candidate_id", "=", candidate.id)])
        }
        for other in Match.search([("candidate_id", "=", partner.id)]):
            if (other.connection_id, other.external_id, other.kind) in known or other.imported_partner_id == candidate:
                other.unlink()
            else:
                other.candidate_id = candidate

    # Changes

    def _apply_change(self, match):
        """Writes what the system states; whoever pressed the button answers for it."""
        partner = match.candidate_id
        vals = {
            name: value for name, value in (match.proposed or {}).items() if name in ("name", "email", "phone", "vat")
        }
        group = (match.proposed or {}).get("group")
        if group:
            Tag = self.env["res.partner.category"]
            tag = Tag.search([("name", "=", group)], limit=1) or Tag.create({"name": group})
            links = self.env["pos.sync.mapping"].search(
                [("partner_id", "=", partner.id), ("agreed_group", "!=", False)]
            )
            others = partner.category_id.filtered(lambda item: item.name in links.mapped("agreed_group")) - tag
            vals["category_id"] = [*(Command.unlink(item.id) for item in others), Command.link(tag.id)]
        partner.write(vals)
        match._decide("same")
