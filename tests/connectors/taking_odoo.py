"""An older Odoo that orders, customers and refunds can be sent to: it keeps them, and does what its buttons do."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

from tests.connectors.odoo_facts import delegated
from tests.connectors.odoo_rows import Row, Tables, WrongCall
from tests.connectors.older_odoo import OlderOdoo

# When a confirmation happens there.
NOW = "2026-03-29 00:30:00"
INSIDE, CUSTOMERS = 8, 9
_CONFLICT = "could not serialize access due to concurrent update\n"
_LINES = {"sale.order": "order_line", "account.move": "invoice_line_ids"}


class TakingOdoo(OlderOdoo):
    """`loads`: what was imported, by model; `done`: the buttons that were pressed; `posted`: messages by row."""

    def __init__(self, version: str, tables: Tables) -> None:
        super().__init__(version, tables)
        self.loads: list[tuple[str, list[Row]]] = []
        self.names: dict[str, Row] = {}
        self.done: list[str] = []
        self.posted: list[tuple[str, str]] = []
        self.conflicts = 0

    def rows(self, model: str) -> list[Row]:
        return self.data.rows(model)

    def one(self, model: str, name: str) -> Any:
        """The value of a field of the newest row."""
        return self.data.value(model, self.rows(model)[-1], name)

    # Making rows

    def _load(self, model: str, fields: list[str], data: list[list[str]]) -> Row:
        if self.conflicts:
            self.conflicts -= 1
            return {"ids": False, "messages": [{"type": "error", "message": _CONFLICT}]}
        given = [dict(zip(fields, line, strict=True)) for line in data]
        self.loads.append((model, given))
        nested = {name.partition("/")[0] for name in fields if "/" in name and not name.endswith("/.id")}
        nested |= {name.partition("/")[0] for name in fields if name.count("/") == 2}
        header = {name: value for name, value in given[0].items() if name.partition("/")[0] not in nested}
        row = self._imported(model, header, {})
        for name in nested:
            line_model, inverse = self.data.field(model, name).inverse
            for line in given:
                own = {key.partition("/")[2]: value for key, value in line.items() if key.startswith(f"{name}/")}
                self._imported(line_model, own, {inverse: row["id"]})
        self._compute(model, row)
        return {"ids": [row["id"]], "messages": []}

    def _imported(self, model: str, cells: Row, more: Row) -> Row:
        columns = {name: cell for name, cell in cells.items() if name != "id"}
        values = {name.removesuffix("/.id"): self._cell(model, name, cell) for name, cell in columns.items()}
        known = self.names.get(cells["id"])
        if known is None:
            known = self.names[cells["id"]] = self._make(model, {**values, **more})
        else:
            self._change(model, known, values)
        return known

    def _cell(self, model: str, column: str, cell: str) -> Any:
        name, slash, _id = column.partition("/")
        field = self.data.field(model, name)
        if bool(slash) != bool(field.kind):
            raise WrongCall(f"ValueError: {column} is no column of {model}")
        if field.kind:
            ids = [int(part) for part in cell.split(",") if part]
            return (ids[0] if ids else False) if field.kind == ">" else ids
        return (float(cell) if cell else 0.0) if field.number else cell or False

    def _create(self, model: str, vals_list: list[Row]) -> list[int]:
        return [self._make(model, {**vals, "_context": self.contexts[-1]})["id"] for vals in vals_list]

    def _make(self, model: str, values: Row) -> Row:
        for name in values:
            if not name.startswith("_"):
                self.data.field(model, name)
        if model in delegated(self.major):
            through, other = delegated(self.major)[model]
            own = {name: value for name, value in values.items() if name in self.data.own_fields(model)}
            parent = self._make(other, {name: value for name, value in values.items() if name not in own})
            values = {**own, through: parent["id"]}
        missing = [
            name for name, field in self.data.own_fields(model).items() if field.needed and not values.get(name)
        ]
        if missing:
            raise xmlrpc.client.Fault(2, f"Missing required value for the field {missing[0]} ({model})")
        rows = self.rows(model)
        given = {"state": "draft", "company_id": 3, "active": True}
        row = {**{name: value for name, value in given.items() if name in self.data.own_fields(model)}, **values}
        row["id"] = max([999, *(item["id"] for item in rows)]) + 1
        rows.append(row)
        return row

    def _write(self, model: str, ids: list[int], vals: Row) -> bool:
        for row in self._rows_of(model, ids):
            self._change(model, row, vals)
        return True

    def _change(self, model: str, row: Row, values: Row) -> None:
        for name in values:
            self.data.field(model, name)
        row.update(values)

    def _unlink(self, model: str, ids: list[int]) -> bool:
        self.rows(model)[:] = [row for row in self.rows(model) if row["id"] not in ids]
        return True

    def _message_post(self, model: str, ids: list[int], body: str) -> list[int]:
        self.posted.append((f"{model},{ids[0]}", body))
        return [len(self.posted)]

    def _rows_of(self, model: str, ids: list[int]) -> list[Row]:
        return [row for row in self.rows(model) if row["id"] in ids]

    # What Odoo computes

    def _compute(self, model: str, row: Row) -> None:
        if model not in _LINES:
            return
        quantity = "product_uom_qty" if model == "sale.order" else "quantity"
        lines = self._rows_of(self._line_model(model), self.data.value(model, row, _LINES[model]))
        for line in lines:
            amount = line.get(quantity, 0) * line.get("price_unit", 0) * (1 - line.get("discount", 0) / 100)
            taxes = self._rows_of("account.tax", line.get("tax_ids") or line.get("tax_id") or [])
            rate = sum(tax["amount"] for tax in taxes) / 100
            if any(tax["price_include"] for tax in taxes):
                gross, net = amount, amount / (1 + rate)
            else:
                gross, net = amount * (1 + rate), amount
            line |= {"price_total": round(gross, 2), "price_subtotal": round(net, 2)}
        gross, net = (round(sum(line[name] for line in lines), 2) for name in ("price_total", "price_subtotal"))
        row |= {"amount_total": gross, "amount_untaxed": net, "amount_tax": round(gross - net, 2)}
        row |= {"currency_id": 1, "name": row.get("name") or ("SO77" if model == "sale.order" else "RINV/1")}
        row["amount_residual"] = gross

    def _line_model(self, model: str) -> str:
        return self.data.field(model, _LINES[model]).inverse[0]

    # Orders and their deliveries

    def _action_confirm(self, model: str, ids: list[int]) -> bool:
        self.done.append("confirm" if model == "sale.order" else "confirm picking")
        for row in self._rows_of(model, ids):
            if model == "stock.picking":
                row["state"] = "assigned"
                continue
            row |= {"state": "sale", "date_order": NOW, "invoice_status": "to invoice"}
            lines = self._rows_of("sale.order.line", self.data.value(model, row, "order_line"))
            sold = [line for line in lines if line.get("product_id")]
            for line in sold:
                line["qty_to_invoice"] = line["product_uom_qty"]
            if self.data.has("stock.picking"):
                self._deliver(row, {line["id"]: line["product_uom_qty"] for line in sold})
        return True

    def _deliver(self, order: Row, quantities: dict[int, float]) -> None:
        way = {"location_id": INSIDE, "location_dest_id": CUSTOMERS}
        picking = self._make("stock.picking", {
            **way, "picking_type_id": 1, "sale_id": order["id"], "partner_id": order["partner_id"],
        })  # fmt: skip
        picking |= {"state": "assigned", "picking_type_code": "outgoing", "name": f"OUT/{picking['id']}"}
        for line, quantity in quantities.items():
            product = self.data.row("sale.order.line", line)["product_id"]
            named = {"name": "Tee"} if self.data.find("stock.move", "name") else {}
            self._make("stock.move", {
                **way, **named, "picking_id": picking["id"], "product_id": product, "product_uom": 4,
                "product_uom_qty": quantity, "sale_line_id": line,
            })["state"] = "assigned"  # fmt: skip

    def _button_validate(self, model: str, ids: list[int]) -> bool:
        self.done.append("validate")
        field = "quantity" if self.data.find("stock.move", "quantity") else "quantity_done"
        for picking in self._rows_of(model, ids):
            moves = [row for row in self.rows("stock.move") if row["picking_id"] == picking["id"]]
            left = {}
            for move in moves:
                done = move.get(field, 0)
                if move["product_uom_qty"] > done and move["location_dest_id"] == CUSTOMERS:
                    left[move["sale_line_id"]] = move["product_uom_qty"] - done
                move |= {"state": "done" if done else "cancel", "product_uom_qty": done}
                line = self.data.row("sale.order.line", move["sale_line_id"])
                sign = 1 if move["location_dest_id"] == CUSTOMERS else -1
                line["qty_delivered"] = line.get("qty_delivered", 0) + sign * done
            picking["state"] = "done"
            if left:
                self._deliver(self.data.row("sale.order", picking["sale_id"]), left)
        return True

    def _action_cancel(self, model: str, ids: list[int]) -> bool:
        self.done.append("cancel")
        for row in self._rows_of(model, ids):
            row["state"] = "cancel"
        return True

    # Invoices and payments

    def _create_invoices(self, model: str, ids: list[int]) -> bool:
        for wizard in self._rows_of(model, ids):
            for order in self._rows_of("sale.order", wizard["_context"]["active_ids"]):
                move = self._make("account.move", {"move_type": "out_invoice", "partner_id": order["partner_id"]})
                for line in self._rows_of("sale.order.line", self.data.value("sale.order", order, "order_line")):
                    self._make("account.move.line", {
                        "move_id": move["id"], "product_id": line.get("product_id", False), "name": line["name"],
                        "quantity": line.get("product_uom_qty", 0), "price_unit": line.get("price_unit", 0),
                        "tax_ids": line.get("tax_ids") or line.get("tax_id") or [], "sale_line_ids": [line["id"]],
                    })  # fmt: skip
                    line["qty_to_invoice"] = 0
                self._compute("account.move", move)
                order |= {"invoice_ids": [*order.get("invoice_ids", []), move["id"]], "invoice_status": "invoiced"}
        return True

    def _action_post(self, model: str, ids: list[int]) -> bool:
        self.done.append(f"post {model}")
        for row in self._rows_of(model, ids):
            own = "state" in self.data.own_fields(model)
            (row if own else self.data.row("account.move", row["move_id"]))["state"] = "posted"
            row["payment_state"] = "not_paid"
        return True

    def _action_create_payments(self, model: str, ids: list[int]) -> bool:
        self.done.append("pay")
        for wizard in self._rows_of(model, ids):
            for move in self._rows_of("account.move", wizard["_context"]["active_ids"]):
                amount = wizard.get("amount") or move["amount_residual"]
                move["amount_residual"] = round(move["amount_residual"] - amount, 2)
                move["payment_state"] = "partial" if move["amount_residual"] else "in_payment"
                memo = "memo" if self.data.find("account.payment", "memo") else "ref"
                payment = self._make("account.payment", {
                    "amount": amount, "journal_id": wizard["journal_id"], memo: wizard.get("communication", ""),
                })  # fmt: skip
                self._action_post("account.payment", [payment["id"]])
        return True


