from markupsafe import escape

from odoo import models
from odoo.exceptions import ValidationError

from ...connectors import codec
from ...connectors.people.keys import email_key, phone_key, words
from ...connectors.records import AddressKind
from .customer_resolver import main_address, main_phone

_PLACE = ("street", "street2", "city", "zip", "state_id", "country_id")
_GUARDED = ("name", "email", "phone")


def _digests(vals):
    return {name: codec.digest(value) for name, value in vals.items() if name != "comment"}


class PosSyncImportCustomers(models.AbstractModel):
    """The partner of a customer: name, e-mail, phone, tax ID, language, addresses.

    The connection that made a partner owns these and writes them when the system changes them; others only fill what
    is empty. An e-mail follows its newest change, whoever owns it. What is empty at the system erases nothing, unless
    it was there before and is in Odoo as it was.
    """

    _inherit = "pos.sync.import_customers"

    def _create_partners(self, connection, resolver, plans):
        vals_list = []
        for plan in plans:
            vals = self._prepare_partner_vals(resolver, plan)
            plan.mapping_vals["stated"] = _digests(vals)
            vals.setdefault("lang", connection.company_id.partner_id.lang)
            company_id = False if connection.share_customers else connection.company_id.id
            vals_list.append({**vals, "company_id": company_id, "active": not plan.record.archived})
            plan.made_here, plan.owns_contact = True, connection.owns_contact
            plan.mapping_vals["archived_here"] = plan.record.archived
        # Nothing is synced from or to a parent: there is none.
        partners = self.env["res.partner"].with_context(_partners_skip_fields_sync=True).create(vals_list)
        for plan, partner in zip(plans, partners, strict=True):
            plan.partner_id = partner.id

    def _update_partners(self, connection, resolver, plans):
        partners = self.env["res.partner"].browse([plan.partner_id for plan in plans])
        protected = partners._pos_sync_protected()
        for plan, partner in zip(plans, partners, strict=True):
            stated = self._prepare_partner_vals(resolver, plan)
            plan.mapping_vals["stated"] = _digests(stated)
            if partner in protected:
                self._propose(plan, partner, stated)
                stated = {name: value for name, value in stated.items() if name not in _GUARDED}
            vals = self._prepare_changes(plan, partner, stated, protected)
            vals.update(self._prepare_active(plan, partner))
            if changed := self._differing(partner, vals):
                partner.write(changed)

    def _propose(self, plan, partner, stated):
        """What a pull may not change goes to review."""
        differing = {
            name: stated[name] for name in _GUARDED if stated.get(name) and not self._alike(partner, name, stated[name])
        }
        if differing:
            plan.proposed.update(differing)
            plan.reasons.append("login")

    def _alike(self, partner, name, value):
        if name == "email":
            return email_key(value) == email_key(partner.email or "")
        if name == "phone":
            country = (partner.country_id or self.env.company.country_id).code or ""
            return phone_key(value, country) == phone_key(partner.phone or "", country)
        return words(value) == words(partner.name or "")

    def _prepare_changes(self, plan, partner, stated, protected):
        """The values to write, by who owns what and what has changed at the system."""
        vals, news = {}, self._news(plan, stated)
        place_is_empty = not any(partner[name] for name in _PLACE)
        for name, value in stated.items():
            if name in ("email", "phone") or name == "comment":
                continue
            is_empty = place_is_empty if name in _PLACE else not partner[name]
            if is_empty or (plan.owns_contact and name in news):
                vals[name] = value
        if partner not in protected:
            vals.update(self._prepare_contact(plan, partner, "email", stated.get("email", ""), True))
            vals.update(self._prepare_contact(plan, partner, "phone", stated.get("phone", ""), plan.owns_contact))
        return vals

    def _news(self, plan, stated):
        """The fields that the system states otherwise than it last did: the rest is left as a person has made it."""
        before = plan.link.stated if plan.link else {}
        news = {name for name, digest in _digests(stated).items() if not before or before.get(name) != digest}
        # Half of one address and half of another are none.
        return news.union(_PLACE) if news.intersection(_PLACE) else news

    def _prepare_contact(self, plan, partner, name, stated, follows):
        """The e-mail or phone to write: what changed last wins. `follows`: more than filling it is wanted."""
        agreed = getattr(plan.link, f"agreed_{name}") if plan.link else ""
        current = partner[name] or ""
        if stated == agreed or (stated and current and self._alike(partner, name, stated)):
            return {}
        if not current:
            return {name: stated}
        if not follows or not agreed:
            # A first meeting: Odoo's own value stays, unless the connection has made the partner.
            return {name: stated} if stated and plan.owns_contact else {}
        if self._alike(partner, name, agreed) or (stated and self._is_newer(plan.record, partner)):
            return {name: stated or False}
        return {}

    def _is_newer(self, record, partner):
        """Whether the system has changed the customer after Odoo did."""
        return bool(record.updated_at) and record.updated_at.replace(tzinfo=None) > partner.write_date

    def _prepare_active(self, plan, partner):
        """Who the system archives is archived if made here and unused, and comes back with the system's own."""
        if not plan.link or not plan.made_here:
            return {}
        if plan.record.archived and partner.active:
            if partner - self._unused(partner, beside=plan.link.mapping_id):
                return {}
            plan.mapping_vals["archived_here"] = True
            return {"active": False}
        if not plan.record.archived and plan.link.archived_here:
            plan.mapping_vals["archived_here"] = False
            return {"active": True}
        return {}

    # Values

    def _prepare_partner_vals(self, resolver, plan):
        """What the system states of the customer; nothing that it does not state, and all there is to a new one."""
        record = plan.record
        vals = {
            "name": self._full_name(record),
            "is_company": plan.person.company,
            "email": record.email.strip(),
            "phone": main_phone(record),
            "lang": self._language(resolver, record),
            "vat": self._tax_id(resolver, plan),
            "comment": escape(record.note) if record.note else "",
            **self._prepare_place(resolver, main_address(record)),
        }
        if not plan.person.company:
            vals["company_name"] = record.company_name
        stated = {name: value for name, value in vals.items() if value}
        if not self._has_name(record) and not plan.is_new:
            stated.pop("name")
        if plan.is_new and plan.person.company:
            stated["is_company"] = True
        elif not plan.is_new:
            stated.pop("is_company", None)
        return stated

    def _full_name(self, record):
        return (
            " ".join(part for part in (record.first_name.strip(), record.last_name.strip()) if part)
            or record.company_name.strip()
            or record.email.strip()
            or record.phone.strip()
            or record.mobile.strip()
            or self.env._("Customer %s", record.external_id)
        )

    def _has_name(self, record):
        return bool(record.first_name.strip() or record.last_name.strip() or record.company_name.strip())

    def _language(self, resolver, record):
        code = record.language.replace("-", "_").lower()
        return resolver.languages.get(code) or resolver.languages.get(code.partition("_")[0], "") if code else ""

    def _tax_id(self, resolver, plan):
        """The tax ID, if Odoo accepts it for the customer's country. Otherwise it goes to review."""
        tax_id = plan.record.vat.strip()
        Partner = self.env["res.partner"]
        if not tax_id:
            return ""
        address = main_address(plan.record)
        country_id = resolver.countries.get(address.country.upper()) if address else None
        if not country_id and plan.partner_id:
            country_id = Partner.browse(plan.partner_id).country_id.id
        try:
            checked, _country = Partner._run_vat_checks(self.env["res.country"].browse(country_id or ()), tax_id)
        except ValidationError:
            if plan.partner_id is None or Partner.browse(plan.partner_id).vat != tax_id:
                plan.proposed["vat"] = tax_id
                plan.reasons.append("bad_tax_id")
            return ""
        return checked

    def _prepare_place(self, resolver, address):
        """The fields of an address. A state that Odoo does not know stands behind the city."""
        if not address:
            return {}
        country_id = resolver.countries.get(address.country.upper(), False)
        state_id = resolver.states.get((country_id, address.state.lower()), False)
        city = address.city if state_id or not address.state else ", ".join(filter(None, (address.city, address.state)))
        return {
            "street": address.street,
            "street2": address.street2,
            "city": city,
            "zip": address.zip,
            "state_id": state_id,
            "country_id": country_id,
        }

    # Addresses

    def _write_addresses(self, resolver, plans):
        """Invoice and delivery addresses, as contacts of the customer. One that changed is a new one: orders keep the
        one that they were made with."""
        owners = [plan for plan in plans if plan.owns_contact or not plan.link]
        children = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("parent_id", "in", [plan.partner_id for plan in owners]), ("type", "in", _CHILD_TYPES)])
            .grouped("parent_id")
        )
        made = []
        for plan in owners:
            partner = self.env["res.partner"].browse(plan.partner_id)
            known = children.get(partner, self.env["res.partner"])
            stated = [
                self._prepare_address_vals(resolver, partner, address)
                for address in plan.record.addresses
                if address is not main_address(plan.record)
            ]
            kept = self.env["res.partner"]
            for vals in stated:
                same = next((child for child in known - kept if not self._differing(child, vals)), None)
                if same:
                    kept |= same
                    if not same.active or same.pos_sync_of_orders:
                        same.write({"active": True, "pos_sync_of_orders": False})
                elif vals not in made:
                    made.append(vals)
            if plan.owns_contact:
                types = {vals["type"] for vals in stated}
                (known - kept).filtered(
                    lambda child, found=types: (
                        child.active and child.type in found and not child.pos_sync_of_orders
                    )
                ).action_archive()
        self.env["res.partner"].create(made)

    def _prepare_address_vals(self, resolver, partner, address):
        place = self._prepare_place(resolver, address)
        return {
            "parent_id": partner.id,
            "type": address.kind.value,
            "name": address.name or address.company or False,
            "phone": address.phone or False,
            "company_id": partner.company_id.id,
            **{name: value or False for name, value in place.items()},
        }


_CHILD_TYPES = (AddressKind.INVOICE.value, AddressKind.DELIVERY.value)
