from dataclasses import dataclass

from odoo import models

from ...connectors.errors import NeedsFixing
from ...connectors.flows import Flow
from ...connectors.people.same_person import MatchBy, choose
from ...connectors.records import Customer
from ..people.customer_resolver import CustomerResolver

# What these send is about an order that the target has.
_OF_ORDERS_THERE = (Flow.ORDER_STATUS_PUSH.value, Flow.PARCELS_PUSH.value, Flow.REFUNDS_PUSH.value)


class SomebodyLikeThem(NeedsFixing):
    """The target has a customer who may be the same person; `candidate` is their external id there."""

    def __init__(self, sentence, *, candidate, **more):
        super().__init__(sentence, code="doubtful-customer", **more)
        self.candidate = candidate


@dataclass(frozen=True, slots=True)
class CustomerParcel:
    """`decision`: what a person said ("create", "link" with `candidate`), "" where nobody was asked."""

    message_id: int
    partner_id: int
    record: Customer
    key: str
    decision: str
    candidate: str


class PosSyncSendOutbox(models.AbstractModel):
    """A customer goes before the order: searched at the target first, by the rule by which pulls link, and linked."""

    _inherit = "pos.sync.send_outbox"

    def _send_customer_first(self, stream_id, message_id, connector):
        """Finds or makes the customer of a message at the target, and links them in a commit of their own."""
        parcel = self._replayed(stream_id, lambda stream: self._customer_to_send(stream, message_id))
        if parcel is None or not connector.implements("push_customer"):
            return
        found, made = self._find_customer(stream_id, connector, parcel), False
        if not found:
            found, made = connector.push_customer(parcel.record, key=parcel.key).external_id, True
        self._replayed(
            stream_id,
            lambda stream: self.env["pos.sync.export_customers"]._write_link(stream.connection_id, parcel, found, made),
        )

    def _customer_to_send(self, stream, message_id):
        """The customer of a message that no link tells the target's id of; None where there is nobody to send."""
        message = self.env["pos.sync.message"].browse(message_id).exists()
        if not message or message.state not in ("waiting", "sending") or message.flow in _OF_ORDERS_THERE:
            return None
        export = self.env["pos.sync.export_customers"].with_company(stream.company_id)
        partner = export._customer_of(message.order_id) if message.order_id else message.partner_id
        if not partner or export._external_id(stream.connection_id, partner):
            return None
        return CustomerParcel(
            message_id=message.id,
            partner_id=partner.id,
            record=export._record(partner),
            key=self.env["pos.sync.message"]._key(stream, partner),
            decision=message.decision or "",
            candidate=message.candidate_external_id or "",
        )

    def _find_customer(self, stream_id, connector, parcel):
        """The external id of the customer who is the same person, "" where there is none; raises where one may be."""
        if parcel.decision == "link" and parcel.candidate:
            return parcel.candidate
        if parcel.decision == "create" or not connector.implements("find_customer"):
            return ""
        theirs = {record.external_id: record for record in connector.find_customer(parcel.record)}
        if not theirs:
            return ""
        connection = self.env["pos.sync.stream"].browse(stream_id).connection_id
        resolver = CustomerResolver(self.env, connection, [])
        ours = self.env["pos.sync.export_customers"]._person(resolver, parcel)
        choice = choose(
            [(key, resolver._person(record)) for key, record in theirs.items()], ours, MatchBy(connection.match_by)
        )
        self.env.cr.commit()
        if choice.same:
            return choice.same
        if choice.ask:
            like = theirs[choice.ask[0][0]]
            raise SomebodyLikeThem(
                self.env._(
                    "“%(connection)s” has a customer who may be the same person: %(name)s (%(external_id)s).",
                    connection=connection.name,
                    name=" ".join(filter(None, (like.first_name, like.last_name, like.company_name))),
                    external_id=like.external_id,
                ),
                fix=self.env._("Press “Link” if they are the same, “Create” if not."),
                candidate=like.external_id,
            )
        return ""
