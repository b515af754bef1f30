"""Decides what a customer of a system is in Odoo: linked already, somebody who is there, to be asked about, or new."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...connectors.errors import Skip
from ...connectors.people.person import Person
from ...connectors.people.same_person import Choice, Judgement, MatchBy, choose
from ...connectors.records import Customer
from ..engine.outcome import Review
from .customer_resolver import Candidate, CustomerResolver, LinkedCustomer, full_name_key


@dataclass(slots=True, eq=False)
class CustomerPlan:
    """What is to be done with a record. `partner_id` None: create it, unless it is the same as another of the page.

    `asks`: partners (or, not made yet, other plans of the page) that may be the same person.
    """

    record: Customer
    digest: str
    person: Person
    link: LinkedCustomer | None = None
    unknown_id: int | None = None
    partner_id: int | None = None
    same_as: CustomerPlan | None = None
    made_here: bool = False
    linked_by: str = "made"
    owns_contact: bool = False
    asks: list[tuple[int | CustomerPlan, Judgement]] = field(default_factory=list)
    proposed: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    mapping_vals: dict = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.partner_id is None and self.same_as is None


class CustomerMatcher:
    """Makes the plans of a page, in the order of its records; raises `Skip` or `Review` for one. `env` translates."""

    def __init__(self, env, connection, resolver: CustomerResolver):
        self.env = env
        self.by = MatchBy(connection.match_by)
        # Who comes with an order is not asked about: the order would wait for it.
        self.asks_first = connection.review_new and not env.context.get("pos_sync_inline")
        self.resolver = resolver
        self._new: dict[int, CustomerPlan] = {}

    def plan(self, record: Customer, digest: str) -> CustomerPlan:
        if record.external_id in self.resolver.erased:
            raise Skip(self.env._("The customer was erased, and is left out for good."), code="erased")
        plan = CustomerPlan(record, digest, self.resolver.persons[record.external_id])
        link = self.resolver.links.get(record.external_id)
        if link and link.unknown:
            plan.unknown_id, link = link.mapping_id, None
        if link and not link.partner_id:
            raise Skip(self.env._("The customer was deleted in Odoo."), code="deleted-in-odoo")
        if link:
            plan.link, plan.partner_id = link, link.partner_id
            plan.made_here, plan.owns_contact = link.made_here, link.owns_contact
        else:
            self._match(plan)
        return plan

    def _match(self, plan: CustomerPlan) -> None:
        decided = {
            item.partner_id: item.state
            for item in self.resolver.reviewed.get(plan.record.external_id, ())
            if item.kind == "same_person"
        }
        same = next((partner_id for partner_id, state in decided.items() if state == "same"), None)
        decision, chosen = self.resolver.decisions.get(plan.record.external_id, ("", None))
        if same or (decision == "link" and chosen):
            plan.partner_id, plan.linked_by = same or chosen, "hand"
            return
        choice = self._choose(plan.person, {key for key, state in decided.items() if state == "different"})
        plan.asks = [(self._new.get(key, key), judgement) for key, judgement in choice.ask]
        if choice.same is None:
            self._check_wanted(plan, decision, chosen)
            self._remember(plan)
            return
        plan.linked_by = "name"
        if choice.same in self._new:
            plan.same_as = self._new[choice.same]
        else:
            plan.partner_id = choice.same

    def _check_wanted(self, plan: CustomerPlan, decision: str, proposed: int | None) -> None:
        """In the first sync of a living business a person says who is made; raises Review until then."""
        if decision == "create":
            # Whom the page proposed, the person has seen and refused.
            plan.asks = [(key, judgement) for key, judgement in plan.asks if key != proposed]
        elif self.asks_first:
            likely = next((key for key, _judgement in plan.asks if isinstance(key, int)), None)
            raise Review(
                self.env._("This customer may be in Odoo already. Is it the same person?")
                if likely
                else self.env._("This customer is not in Odoo yet. Shall it be created?"),
                code="new-customer",
                **({"candidate_partner_id": likely} if likely else {}),
            )

    def _choose(self, person: Person, without: set[int]) -> Choice:
        return choose(
            (
                (candidate.partner_id, candidate.person)
                for candidate in self.resolver.candidates_for(person)
                if candidate.partner_id not in without
            ),
            person,
            self.by,
        )

    def _remember(self, plan: CustomerPlan) -> None:
        """The next records of the page may be the same person as this one: it is a candidate without an id yet."""
        key = -1 - len(self._new)
        self._new[key] = plan
        self.resolver.add_candidate(Candidate(key, plan.person, full_name_key(plan.person)))
