"""What a query costs, as far as Shopify's own answers show it. An object is a point, and so is a list of them; money is
none. A connection is two and, for each of its rows that is paid for, what a row costs: of n rows that are asked for
about 1.5 log2(n) - 1 are. A change is ten and its connections. Taken from the bucket is what came back."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

MOST = 1000
# What money is made of, by which it is known in an answer.
_MONEY = {"amount", "currencyCode", "shopMoney", "presentmentMoney"}
_FREE = ("MoneyBag", "MoneyV2", "PageInfo")


def requested(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> int:
    fragments = {item.name.value: item for item in document.definitions if hasattr(item, "type_condition")}
    operation = next(item for item in document.definitions if isinstance(item, OperationDefinitionNode))
    change = operation.operation is OperationType.MUTATION
    root = schema.mutation_type if change else schema.query_type

    def of(selections: SelectionSetNode | None, parent: Any) -> int:
        return sum(one(item, parent) for item in (selections.selections if selections else ()))

    def one(node: Any, parent: Any) -> int:
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            return of(fragment.selection_set, schema.type_map[fragment.type_condition.name.value])
        if isinstance(node, InlineFragmentNode):
            target = schema.type_map[node.type_condition.name.value] if node.type_condition else parent
            return of(node.selection_set, target)
        return field(node, parent)

    def field(node: FieldNode, parent: Any) -> int:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None:
            return 0
        kind = get_named_type(definition.type)
        if not is_composite_type(kind) or kind.name in _FREE:
            return 0
        given = {item.name.value: value_from_ast_untyped(item.value, variables) for item in node.arguments or ()}
        many = given.get("first") or given.get("last") or 1
        if not kind.name.endswith("Connection"):
            # Of a list that may be cut as many are paid for as of a connection; each id of several is paid for.
            rows = len(given["ids"]) if given.get("ids") else paid_for(many)
            return rows * (of(node.selection_set, kind) + (0 if change else 1))
        inner = [
            item
            for item in (node.selection_set.selections if node.selection_set else ())
            if isinstance(item, FieldNode) and item.name.value in ("nodes", "edges")
        ]
        return 2 + paid_for(many) * max((row(item, kind) for item in inner), default=0)

    def row(node: FieldNode, parent: Any) -> int:
        """A row of a connection; an edge is none beside its node."""
        kind = get_named_type(parent.fields[node.name.value].type)
        if node.name.value == "nodes":
            return 1 + of(node.selection_set, kind)
        return sum(row_of_edge(item, kind) for item in (node.selection_set.selections if node.selection_set else ()))

    def row_of_edge(node: Any, edge: Any) -> int:
        if not isinstance(node, FieldNode) or node.name.value != "node":
            return 0
        return 1 + of(node.selection_set, get_named_type(edge.fields["node"].type))

    return (10 if change else 0) + of(operation.selection_set, root)


def paid_for(many: int) -> int:
    """Rows of a connection that are paid for where so many are asked for."""
    return max(1, math.ceil(1.5 * math.log2(many) - 1))


def actual(data: Any) -> int:
    """What came back: a point an object, two a connection and its rows; a list of values or plain objects is one."""
    if isinstance(data, list):
        return max((actual(item) for item in data), default=0)
    if not isinstance(data, dict):
        return 0
    rows = data.get("nodes", data.get("edges"))
    if isinstance(rows, list):
        return 2 + sum(actual(item.get("node", item) if isinstance(item, dict) else item) for item in rows)
    if data.keys() <= _MONEY:
        return 0
    return 1 + sum(actual(value) for key, value in data.items() if key != "pageInfo")


class Bucket:
    """`size` points, of which `rate` come back a second, by the shop's clock; without a size nothing is refused."""

    def __init__(self, size: int, rate: int, now: Callable[[], datetime]):
        self.size, self.rate = size, rate
        self._now = now
        self._points, self._seen = float(size), now()

    def has(self, cost: int) -> bool:
        return not self.size or cost <= self.level

    @property
    def level(self) -> float:
        now = self._now()
        passed = max(0.0, (now - self._seen).total_seconds())
        self._points, self._seen = min(float(self.size), self._points + passed * self.rate), now
        return self._points

    def take(self, cost: int) -> None:
        self._points -= cost if self.size else 0

    def told(self, asked: int, taken: int | None) -> dict[str, Any]:
        status = {"maximumAvailable": float(self.size or 10_000), "restoreRate": float(self.rate),
                  "currentlyAvailable": int(self._points) if self.size else 10_000}  # fmt: skip
        return {"requestedQueryCost": asked, "actualQueryCost": taken, "throttleStatus": status}
