from datetime import timezone

from odoo import fields, models
from odoo.tools.mail import email_split

from ...connectors import records as rec
from ...connectors.people.keys import phone_key, words
from ...connectors.people.person import Person
from ..engine.base_importer import NEVER_SWEPT
from ..people.customer_resolver import main_address
from ..sales.order_addresses import GUEST


class PosSyncExportCustomers(models.AbstractModel):
    """Makes `Customer` records from partners, and links those that were sent."""

    _name = "pos.sync.export_customers"
    _inherit = "pos.sync.exporter"
    _description = "POS Sync Export of Customers"

    def _customer_of(self, order):
        """The partner whom an order is for: whoever an address belongs to; nobody for a walk-in sale."""
        partner = order.partner_id
        while partner.parent_id and partner.type not in ("contact", False):
            partner = partner.parent_id
        return partner.browse() if self._stands_for_nobody(partner) else partner

    def _stands_for_nobody(self, partner):
        domain = [("walk_in_partner_id", "=", partner.id)]
        return any(
            self.env[model].with_context(active_test=False).search_count(domain, limit=1)
            for model in ("pos.sync.connection", "pos.sync.location")
        )

    def _external_id(self, connection, partner):
        mapping = self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", "customer"),
                ("partner_id", "=", partner.id),
                ("external_id", "not like", f"{GUEST}%"),
                ("gone", "=", False),
            ],
            order="id",
            limit=1,
        )
        return mapping.external_id or ""

    def _record(self, partner):
        """The partner as a canonical record; its `external_id` is ours."""
        return rec.Customer(**self._prepare_customer(partner))

    def _record_to_send(self, stream, message):
        """The customer of a message as the target is to know them from now on, by its own id; None where there is
        nothing to change: they were just sent or found, or are no longer there."""
        mapping = message.is_change and self._sent_link(stream.connection_id, message.partner_id)
        if not mapping:
            return None
        return rec.Customer(**{**self._prepare_customer(message.partner_id), "external_id": mapping.external_id})

    def _sent_link(self, connection, partner):
        """The link of a customer whom sending has made at the target."""
        return self.env["pos.sync.mapping"].search(
            [
                ("connection_id", "=", connection.id),
                ("entity", "=", "customer"),
                ("partner_id", "=", partner.id),
                ("pushed", "=", True),
                ("gone", "=", False),
            ],
            limit=1,
        )

    def _write_sent_again(self, connection, partner, record):
        """Both sides have what was sent."""
        main = main_address(record)
        self._sent_link(connection, partner).write(
            {
                "pushed_at": fields.Datetime.now(),
                "name": " ".join(filter(None, (record.first_name, record.last_name))) or record.company_name,
                "first_name": record.first_name or False,
                "last_name": record.last_name or False,
                "agreed_email": record.email or False,
                "agreed_phone": record.phone or (main and main.phone) or False,
            }
        )

    def _prepare_customer(self, partner):
        first, last = self._names(partner)
        group = partner.category_id[:1]
        return {
            "external_id": f"res.partner,{partner.id}",
            "first_name": first,
            "last_name": last,
            "company_name": (partner.name if partner.is_company else partner.commercial_company_name) or "",
            # Odoo keeps several addresses in one field.
            "email": next(iter(email_split(partner.email)), ""),
            "phone": self._phone(partner),
            "addresses": tuple(self._prepare_addresses(partner)),
            "vat": partner.vat or "",
            "language": partner.lang or "",
            "group_name": group.name or "",
            "created_at": _moment(partner.create_date),
            "updated_at": _moment(partner.write_date),
        }

    def _names(self, partner):
        """First and last name: as a system states them, else the last word of Odoo's one name is the last name."""
        if partner.is_company:
            return "", ""
        name = " ".join((partner.name or "").split())
        for mapping in self.env["pos.sync.mapping"].search(
            [("entity", "=", "customer"), ("partner_id", "=", partner.id), ("first_name", "!=", False)]
        ):
            stated = (mapping.first_name, mapping.last_name or "")
            if words(" ".join(stated)) == words(name):
                return stated
        last, comma, first = name.partition(", ")
        if not comma or "," in first:
            first, _space, last = name.rpartition(" ")
        return (first, last) if first else (last, "")

    def _prepare_addresses(self, partner):
        yield self._address(partner, rec.AddressKind.CONTACT)
        kinds = {"invoice": rec.AddressKind.INVOICE, "delivery": rec.AddressKind.DELIVERY}
        own = partner.child_ids.filtered(lambda item: item.type in kinds and not item.pos_sync_of_orders)
        for child in own:
            yield self._address(child, kinds[child.type])

    def _address(self, partner, kind):
        return rec.Address(
            kind=kind,
            name="" if partner.is_company else partner.name or "",
            company=partner.commercial_company_name or "",
            street=partner.street or "",
            street2=partner.street2 or "",
            city=partner.city or "",
            zip=partner.zip or "",
            state=partner.state_id.code or "",
            country=partner.country_id.code or "",
            phone=self._phone(partner),
        )

    def _phone(self, partner):
        """The number with its country, as any system understands it; what is no whole number is left out."""
        country = partner.country_id or partner.parent_id.country_id or self.env.company.country_id
        number = phone_key(partner.phone or "", country.code or "")
        return number if number.startswith("+") else ""

    def _person(self, resolver, parcel):
        """Whom a record stands for when it is compared: by Odoo's one name, where no system has told it apart."""
        person = resolver._person(parcel.record)
        partner = self.env["res.partner"].browse(parcel.partner_id)
        stated = resolver._stated([partner.id]).get(partner.id)
        if person.company or stated:
            return person
        return Person(name=partner.name or "", phones=person.phones, email=person.email, tax_id=person.tax_id)

    def _write_link(self, connection, parcel, external_id, made):
        """Links a partner with the customer of the target. One that another partner is linked to already stays theirs:
        the message alone keeps who is meant."""
        Mapping = self.env["pos.sync.mapping"]
        known = Mapping._find(connection, "customer", [external_id]).get(external_id)
        record = parcel.record
        vals = {"partner_id": parcel.partner_id, "gone": False}
        if known:
            if not known.partner_id or known.gone:
                known.write(vals)
            elif known.partner_id.id != parcel.partner_id:
                self.env["pos.sync.message"].browse(parcel.message_id).candidate_external_id = external_id
            return
        main = main_address(record)
        Mapping.create(
            {
                **vals,
                "connection_id": connection.id,
                "entity": "customer",
                "external_id": external_id,
                "name": " ".join(filter(None, (record.first_name, record.last_name))) or record.company_name,
                "linked_by": "sent" if made else "hand" if parcel.decision == "link" else "name",
                "pushed": made,
                "pushed_at": fields.Datetime.now() if made else False,
                "first_name": (made and record.first_name) or False,
                "last_name": (made and record.last_name) or False,
                "agreed_email": (made and record.email) or False,
                "agreed_phone": (made and (record.phone or (main and main.phone))) or False,
                "seen": NEVER_SWEPT,
            }
        )

    def _send(self, connector, parcel):
        return connector.update_customer(parcel.record, key=parcel.key)

    def _written(self, connection, message, answer, record):
        self._write_sent_again(connection, message.partner_id, record)


def _moment(value):
    return value.replace(microsecond=0, tzinfo=timezone.utc) if value else None
