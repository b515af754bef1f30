from odoo import models
from odoo.fields import Command


class PosSyncImportCustomers(models.AbstractModel):
    """The group of a customer: a tag of exactly its title. A customer has one; a second one of another system asks."""

    _inherit = "pos.sync.import_customers"

    def _write_groups(self, resolver, plans):
        changed = [plan for plan in plans if plan.record.group_name != (plan.link.agreed_group if plan.link else "")]
        tags = self._tags({plan.record.group_name for plan in changed}, resolver, changed)
        for plan in changed:
            partner = self.env["res.partner"].browse(plan.partner_id)
            tag = tags.get(plan.record.group_name, self.env["res.partner.category"])
            agreed = tags.get(plan.link.agreed_group) if plan.link else None
            elsewhere = self._groups_elsewhere(resolver, plan, partner, tags)
            if not plan.link and tag and elsewhere - tag:
                plan.proposed["group"] = plan.record.group_name
                plan.reasons.append("second_group")
                continue
            if agreed and agreed not in partner.category_id and not self._is_newer(plan.record, partner):
                # Odoo has changed the group later than the system.
                continue
            old = ((agreed or tag.browse()) | elsewhere) & partner.category_id
            commands = [Command.unlink(item.id) for item in old - tag]
            commands += [Command.link(item.id) for item in tag - partner.category_id]
            if commands:
                partner.write({"category_id": commands})
            if tag:
                resolver.groups_elsewhere.setdefault(partner.id, []).append((0, tag.name))

    def _groups_elsewhere(self, resolver, plan, partner, tags):
        """The tags that other links of the partner stand for."""
        own = plan.link.mapping_id if plan.link else None
        names = [name for mapping_id, name in resolver.groups_elsewhere.get(partner.id, ()) if mapping_id != own]
        found = partner.category_id.browse([tags[name].id for name in names if name in tags])
        return found & partner.category_id

    def _tags(self, wanted, resolver, plans):
        """{title: tag} of the groups wanted, made where they are missing, and of those that there were before."""
        before = {plan.link.agreed_group for plan in plans if plan.link}
        for plan in plans:
            before |= {name for _mapping_id, name in resolver.groups_elsewhere.get(plan.partner_id, ())}
        Tag = self.env["res.partner.category"].with_context(active_test=False)
        names = (wanted | before) - {""}
        tags = {}
        if names:
            for tag in Tag.search([("name", "in", list(names))], order="id"):
                tags.setdefault(tag.name, tag)
            made = Tag.create([{"name": name, "pos_sync_made": True} for name in sorted((wanted - {""}) - tags.keys())])
            tags.update({tag.name: tag for tag in made})
        return tags
