"""Goods that come back to another Odoo: a return of the order's deliveries, made once under an External ID and done."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from ... import records as rec
from . import fields
from .push_steps import OrderSteps
from .rpc import Rpc
from .upsert import Ids, external_id, upsert
from .values import decimal, number

PICKING, MOVE = "stock.picking", "stock.move"
_MOVE = (
    "picking_id product_id product_uom quantity quantity_done location_id location_dest_id sale_line_id group_id state "
    "origin_returned_move_id name"
).split()
_PICKING = "name partner_id location_id location_dest_id picking_type_id group_id".split()


class ReturnSteps:
    def __init__(self, rpc: Rpc, steps: OrderSteps):
        self._rpc = rpc
        self._rows = fields.Rows(rpc)
        self._steps = steps

    def take_back(self, order: int, refund: rec.Refund, key: str) -> None:
        """Returns what the lines of `refund` say is restocked, of what was delivered and has not come back yet."""
        wanted: dict[int, Decimal] = defaultdict(Decimal)
        for line in refund.lines:
            if line.restock and (number_ := number("line", line.order_line_id)):
                wanted[number_] += line.quantity
        if not wanted or not self._rows.has(MOVE, "sale_line_id"):
            return
        for picking, parts in self._parts(wanted, key).items():
            self._return(picking, parts, key)

    def _parts(self, wanted: dict[int, Decimal], key: str) -> dict[int, list[tuple[dict[str, Any], Decimal]]]:
        """By delivery, its moves with how much of each comes back; what an earlier try has made is still to come."""
        delivered = [("sale_line_id", "in", sorted(wanted)), ("location_dest_id.usage", "=", "customer")]
        moves = self._rows.read(MOVE, [*delivered, ("state", "=", "done")], _MOVE)
        ours = {self._made(row["picking_id"], key) for row in moves}
        back = [("origin_returned_move_id", "in", [row["id"] for row in moves]), ("state", "!=", "cancel")]
        gone: dict[int, Decimal] = defaultdict(Decimal)
        for row in self._rows.read(MOVE, back, [*_MOVE, "product_uom_qty"]):
            if row["picking_id"] not in ours:
                gone[row["origin_returned_move_id"]] += decimal(row["product_uom_qty"])
        parts: dict[int, list[tuple[dict[str, Any], Decimal]]] = defaultdict(list)
        for row in moves:
            many = min(wanted[row["sale_line_id"]], decimal(row[self._steps.quantity_field]) - gone[row["id"]])
            if many > 0:
                wanted[row["sale_line_id"]] -= many
                parts[row["picking_id"]].append((row, many))
        return parts

    def _made(self, picking: int, key: str) -> int:
        """The return that an earlier try has made of a delivery; 0 where there is none."""
        rows = self._rpc.search_read(PICKING, [("origin", "=", _origin(picking, key))], ["id"], limit=1)
        return rows[0]["id"] if rows else 0

    def _return(self, picking: int, parts: list[tuple[dict[str, Any], Decimal]], key: str) -> None:
        made = self._made(picking, key) or self._make(picking, parts, key)
        state = str(self._rpc.read(PICKING, [made], ["state"])[0]["state"])
        if state == "draft":
            self._steps.do(PICKING, "action_confirm", made)
        if state != "done":
            self._steps.finish(made)

    def _make(self, picking: int, parts: list[tuple[dict[str, Any], Decimal]], key: str) -> int:
        row = self._rows.by_id(PICKING, {picking}, _PICKING)[picking]
        name = external_id("return", f"{key}_{picking}")
        places = {"location_id": Ids.of(row["location_dest_id"]), "location_dest_id": Ids.of(row["location_id"])}
        group = {"group_id": Ids.of(row["group_id"])} if row.get("group_id") else {}
        values = {
            **places,
            **group,
            "picking_type_id": Ids.of(self._return_type(row["picking_type_id"])),
            "partner_id": Ids.of(row["partner_id"]),
            "origin": _origin(picking, key),
        }
        if self._rows.has(PICKING, "return_id"):
            values["return_id"] = Ids.of(picking)
        lines = {f"{name}_{move['id']}": {**places, **group, **self._move(move, many)} for move, many in parts}
        return upsert(self._rpc, PICKING, name, values, lines, self._moves_field)

    def _move(self, move: dict[str, Any], many: Decimal) -> dict[str, Any]:
        values: dict[str, Any] = {
            "product_id": Ids.of(move["product_id"]),
            "product_uom_qty": many,
            "product_uom": Ids.of(move["product_uom"]),
            "origin_returned_move_id": Ids.of(move["id"]),
            "sale_line_id": Ids.of(move["sale_line_id"]),
            "to_refund": True,
        }
        return {**values, "name": move["name"]} if "name" in move else values

    def _return_type(self, kind: int) -> int:
        rows = self._rows.by_id("stock.picking.type", {kind}, ["return_picking_type_id"])
        return int(rows.get(kind, {}).get("return_picking_type_id") or kind)

    @property
    def _moves_field(self) -> str:
        return self._rows.names(PICKING, ["move_ids", "move_lines"])[0]


def _origin(picking: int, key: str) -> str:
    return f"{key} ({picking})"
