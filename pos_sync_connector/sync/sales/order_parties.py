from odoo import models
from odoo.exceptions import ValidationError

from ...connectors import codec
from ..people.customer_resolver import CustomerResolver
from .order_addresses import AddressBook, Parties, guest


class PosSyncImportOrders(models.AbstractModel):
    """Whom an order is for, billed to and shipped to: as it states itself, whatever the customer's card says."""

    _inherit = "pos.sync.import_orders"

    def _resolve_parties(self, stream, resolver, outcome):
        """Notes the partners of each record on the resolver, but of those that wait for their customer."""
        connection = stream.connection_id
        known = [record for record in resolver.records if not self._waits_for_customer(resolver, record)]
        owners = self._import_guests(stream, resolver, known, outcome)
        owners |= {
            record.external_id: resolver.customers[record.customer_id]
            for record in known
            if resolver.customers.get(record.customer_id)
        }
        book = self._address_book(connection, resolver, owners, known)
        found = {}
        for record in known:
            place = resolver.places.get(record.location_id)
            owner_id = owners.get(record.external_id) or self._walk_in(connection, place)
            billed = book and record.billing_address and owner_id in book.owner_ids
            shipped = book and record.shipping_address and owner_id in book.owner_ids
            found[record.external_id] = (
                owner_id,
                book.find(owner_id, record.billing_address) if billed else owner_id,
                book.find(owner_id, record.shipping_address) if shipped else owner_id,
                self._digest_parties(resolver, record),
            )
        made = self._create_contacts(book)
        for external_id, (owner_id, billed, shipped, stated) in found.items():
            resolver.parties[external_id] = Parties(
                owner_id,
                made[id(billed)] if isinstance(billed, dict) else billed,
                made[id(shipped)] if isinstance(shipped, dict) else shipped,
                stated,
            )

    def _digest_parties(self, resolver, record):
        """A customer who becomes known later counts as a change."""
        customer_id = record.customer_id if resolver.customers.get(record.customer_id) else ""
        return codec.digest(codec.dumps((customer_id, record.billing_address, record.shipping_address)))

    def _waits_for_customer(self, resolver, record):
        return bool(record.customer_id) and record.customer_id not in resolver.customers

    def _import_guests(self, stream, resolver, records, outcome):
        """{external id of the order: partner id} of orders without a customer that name their buyer."""
        guests = {
            record.external_id: person
            for record in records
            if not resolver.customers.get(record.customer_id) and (person := guest(record))
        }
        if not guests:
            return {}
        Customers = self.env["pos.sync.import_customers"]
        wanted = {person.external_id: person for person in guests.values()}
        partners = Customers._partners(stream.connection_id, wanted)
        if new := [person for external_id, person in wanted.items() if external_id not in partners]:
            partners |= Customers._import_inline(stream, new, outcome)
        return {key: partners.get(person.external_id) for key, person in guests.items()}

    def _address_book(self, connection, resolver, owners, records):
        """None where no order of the page states an address. Who was erased gets none."""
        addresses = [
            address
            for record in records
            if owners.get(record.external_id)
            for address in (record.billing_address, record.shipping_address)
            if address
        ]
        if not addresses:
            return None
        partners = self.env["res.partner"].browse({owner_id for owner_id in owners.values() if owner_id})
        erased = self.env["pos.sync.tombstone"].search([("partner_id", "in", partners.ids)]).partner_id
        places = CustomerResolver(self.env, connection, [])
        places.load_places(addresses)
        prepare = self.env["pos.sync.import_customers"]._prepare_place
        return AddressBook(
            partners - erased,
            lambda address: prepare(places, address),
            lambda address: self._own_vat(places, address),
        )

    def _own_vat(self, places, address):
        """A tax ID that Odoo does not accept for the country is left out: the order keeps what it stated."""
        country = self.env["res.country"].browse(places.countries.get(address.country.upper()) or ())
        try:
            return self.env["res.partner"]._run_vat_checks(country, address.vat.strip())[0]
        except ValidationError:
            return ""

    def _create_contacts(self, book):
        """{id of the values: partner id}. All commercial fields are among the values: nothing is left to sync."""
        if not book or not book.made:
            return {}
        Partner = self.env["res.partner"].with_context(_partners_skip_fields_sync=True)
        return {id(vals): partner.id for vals, partner in zip(book.made, Partner.create(book.made), strict=True)}

    def _prepare_parties(self, resolver, record):
        parties = resolver.parties[record.external_id]
        return {
            "partner_id": parties.partner_id,
            "partner_invoice_id": parties.invoice_id,
            "partner_shipping_id": parties.shipping_id,
            "pos_sync_parties": parties.stated,
        }

    def _update_parties(self, resolver, order, record):
        """Follows what the system changed; what a person changed in Odoo stays until then."""
        vals = self._prepare_parties(resolver, record)
        if order.pos_sync_parties == vals["pos_sync_parties"] or not (changed := self._differing(order, vals)):
            return
        kept = ("user_id", "team_id", "payment_term_id", "fiscal_position_id")
        if "partner_id" in changed:
            # With the customer Odoo would propose these anew.
            changed = {**vals, **{name: order[name].id for name in kept}}
            if order.state == "draft":
                changed["pricelist_id"] = order.pricelist_id.id
        order.with_context(update_delivery_shipping_partner=True).write(changed)
