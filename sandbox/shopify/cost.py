"""What a query costs: an object one point, a connection what as many of its rows cost as are asked for, a change ten.
Asked for is what the bucket must hold; taken from it is what came back."""

from __future__ import annotations

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
        if not is_composite_type(kind):
            return 0
        given = {item.name.value: value_from_ast_untyped(item.value, variables) for item in node.arguments or ()}
        many = given.get("first") or given.get("last") or len(given.get("ids") or ())
        if not kind.name.endswith("Connection"):
            return (many or 1) * (1 + of(node.selection_set, kind))
        rows = 0
        for inner in node.selection_set.selections if node.selection_set else ():
            if isinstance(inner, FieldNode) and inner.name.value in ("nodes", "edges"):
                rows += (many or 1) * field(inner, kind)
        return 1 + rows

    return (10 if change else 0) + of(operation.selection_set, root)


def actual(data: Any) -> int:
    """Objects that came back."""
    if isinstance(data, dict):
        return 1 + sum(actual(value) for key, value in data.items() if key != "pageInfo")
    return sum(actual(item) for item in data) if isinstance(data, list) else 0


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
