from odoo import models

from ...connectors import codec
from ...connectors.errors import Failure
from ...connectors.flows import Flow
from ..engine.base_importer import NEVER_SWEPT
from ..engine.outcome import missing
from .customer_resolver import CustomerResolver, main_phone
from .match_customers import CustomerMatcher


class PosSyncImportCustomers(models.AbstractModel):
    """Imports customers: linked, the same as a partner who is there, or new; what is in doubt is asked.

    A customer in doubt is imported as a partner of their own, so that their orders flow.
    """

    _name = "pos.sync.import_customers"
    _inherit = "pos.sync.importer"
    _description = "POS Sync Import of Customers"

    _entity = "customer"
    _takes_turn = True

    def _record_name(self, record):
        return self._full_name(record)

    def _import_inline(self, stream, customers, outcome):
        """Imports customers that came with the records of another stream, in its transaction and turn.

        Returns {external_id: partner id}, None for one who has no partner. One who can't be imported is left out.
        """
        own = stream.connection_id._stream(Flow.CUSTOMERS_PULL) or stream
        inner = self.with_context(pos_sync_inline=True)._attempt(own, customers)
        outcome.released |= inner.released
        return self._partners(stream.connection_id, [customer.external_id for customer in customers])

    def _partners(self, connection, external_ids):
        """{external_id: partner id, None for one deleted in Odoo} of those that are linked or were erased."""
        linked = self.env["pos.sync.mapping"]._find(connection, self._entity, external_ids)
        return {
            **self.env["pos.sync.tombstone"]._find(connection, self._entity, external_ids),
            **{external_id: mapping.partner_id.id or None for external_id, mapping in linked.items()},
        }

    def _import(self, stream, records, outcome):
        connection = stream.connection_id
        inline = self.env.context.get("pos_sync_inline")
        seen = NEVER_SWEPT if inline else stream.sweep or stream.sweep_last
        resolver = CustomerResolver(self.env, connection, records).load_links()
        changed = self._drop_unchanged(resolver, records, outcome)
        if not changed:
            return
        resolver.load([record for record, _digest in changed])
        matcher = CustomerMatcher(self.env, connection, resolver)
        plans = []
        for record, digest in changed:
            try:
                plans.append(matcher.plan(record, digest))
            except Failure as failure:
                outcome.fail(record, failure)
        if not plans:
            return
        new = [plan for plan in plans if plan.is_new]
        self._create_partners(connection, resolver, new)
        for plan in plans:
            if plan.same_as:
                plan.partner_id = plan.same_as.partner_id
        known = [plan for plan in plans if plan not in new]
        resolver.load_siblings({plan.partner_id for plan in plans})
        self._update_partners(connection, resolver, known)
        self._write_addresses(resolver, plans)
        self._write_groups(resolver, plans)
        self._write_consents(connection, resolver, plans)
        mapping_ids = self._write_mappings(connection, plans, seen)
        self._write_reviews(connection, resolver, plans, mapping_ids)
        outcome.created += len(new)
        outcome.updated += len(known)
        outcome.arrived |= {plan.record.external_id for plan in plans}
        outcome.released |= {missing("customer", plan.record.external_id) for plan in plans if not plan.link}

    def _drop_unchanged(self, resolver, records, outcome):
        """The records whose digest differs from the one stored, with the new digest."""
        changed = []
        for record in records:
            digest = codec.digest(record)
            known = resolver.links.get(record.external_id)
            if known and known.digest == digest and not known.gone:
                outcome.unchanged += 1
                outcome.arrived.add(record.external_id)
            else:
                changed.append((record, digest))
        return changed

    # Links

    def _write_mappings(self, connection, plans, seen):
        """{external_id: mapping id} of all plans."""
        Mapping = self.env["pos.sync.mapping"]
        made, mapping_ids = [], {}
        for plan in plans:
            vals = self._prepare_mapping_vals(plan)
            if plan.link:
                mapping = Mapping.browse(plan.link.mapping_id)
                if changed := self._differing(mapping, vals):
                    mapping.write(changed)
                mapping_ids[plan.record.external_id] = mapping.id
                continue
            vals |= {
                "partner_id": plan.partner_id,
                "made_here": plan.made_here,
                "linked_by": plan.linked_by,
                "owns_contact": plan.owns_contact,
                "seen": seen,
            }
            if plan.unknown_id:
                Mapping.browse(plan.unknown_id).write(vals)
                mapping_ids[plan.record.external_id] = plan.unknown_id
            else:
                made.append(
                    {
                        **vals,
                        "connection_id": connection.id,
                        "entity": self._entity,
                        "external_id": plan.record.external_id,
                    }
                )
        for mapping in Mapping.create(made):
            mapping_ids[mapping.external_id] = mapping.id
        return mapping_ids

    def _prepare_mapping_vals(self, plan):
        record = plan.record
        return {
            "digest": plan.digest,
            "name": self._full_name(record),
            "gone": False,
            "first_name": record.first_name or False,
            "last_name": record.last_name or False,
            "birthday": record.birthday or False,
            "other_phone": record.mobile if record.phone and record.mobile != record.phone else False,
            "agreed_email": record.email or False,
            "agreed_phone": main_phone(record) or False,
            "agreed_group": record.group_name or False,
            **plan.mapping_vals,
        }

    # Deletions

    def _import_gone(self, stream, external_ids, outcome):
        """Ends the links; archives who was made here, is linked by nothing else and was never used."""
        mappings = self.env["pos.sync.mapping"]._find(stream.connection_id, self._entity, external_ids).values()
        mappings = self.env["pos.sync.mapping"].concat(*mappings).filtered(lambda mapping: not mapping.gone)
        mappings.write({"gone": True, "digest": False})
        made = mappings.filtered(lambda mapping: mapping.made_here and mapping.partner_id.active)
        unused = self._unused(made.partner_id)
        unused.action_archive()
        made.filtered(lambda mapping: mapping.partner_id in unused).write({"archived_here": True})
        outcome.deleted += len(mappings)

    def _unused(self, partners, beside=0):
        """The partners that nothing refers to: no live link (but the one with the id `beside`), no order, no entry, no
        points, no login."""
        if not partners:
            return partners
        used = partners._pos_sync_protected()
        for model, name, domain in (
            ("pos.sync.mapping", "partner_id", [("gone", "=", False), ("id", "!=", beside)]),
            ("sale.order", "partner_id", []),
            ("sale.order", "partner_shipping_id", []),
            ("sale.order", "partner_invoice_id", []),
            ("account.move", "partner_id", []),
            ("loyalty.card", "partner_id", []),
            ("stock.picking", "partner_id", []),
        ):
            rows = (
                self.env[model]
                .sudo()
                .with_context(active_test=False)
                ._read_group([*domain, (name, "in", (partners | partners.child_ids).ids)], [name])
            )
            used |= self.env["res.partner"].union(*(partner | partner.parent_id for (partner,) in rows))
        return partners - used
