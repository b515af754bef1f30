"""The online menu of a hub with Odoo's web shop, as a BioTrack shop sells and gets stock; inside the hub's own Odoo."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg2

_FLOWS = ("products_pull", "stock_pull")


class Menu:
    """A connection that pulls products and stock. `settings` are those of the shop's database."""

    def __init__(self, env: Any, settings: dict[str, str]) -> None:
        self.env = env
        self.connection = env["pos.sync.connection"].create(
            {"name": "BioTrack", "system": "biotrack", "review_new": False}
        )
        for row in self.connection.setting_ids.filtered(lambda row: row.key in settings):
            row["secret_input" if row.kind == "secret" else "value"] = settings[row.key]
        self.connection.action_test()
        self.connection.stream_ids.filtered(lambda row: row.flow not in ("setup_pull", *_FLOWS)).enabled = False
        env.cr.commit()
        self._run("setup_pull")
        self.connection.action_make_taxes()
        self.connection.action_make_stock_locations()
        env.cr.commit()

    def pull(self, full: bool = False) -> list[str]:
        """One pass of both flows. The ids of the products that are on the menu then."""
        for flow in _FLOWS:
            stream = self.connection._stream(flow)
            if full:
                stream.action_pull_everything()
                self.env.cr.commit()
            self._run(flow)
        templates = self._links().product_tmpl_id.filtered("is_published")
        return sorted(link.external_id for link in self._links() if link.product_tmpl_id in templates)

    def show(self, external_id: str, shown: bool) -> None:
        """As a person does it in the web shop."""
        link = self._links().filtered(lambda row: row.external_id == external_id)
        link.product_tmpl_id.is_published = shown
        self.env.cr.commit()

    def _links(self) -> Any:
        return self.env["pos.sync.mapping"].search(
            [("connection_id", "=", self.connection.id), ("entity", "=", "product")])

    def _run(self, flow: str) -> None:
        stream = self.connection._stream(flow)
        stream._request()
        self.env.cr.commit()
        while True:
            self.env["pos.sync.run_stream"]._run(stream.id)
            self.env.invalidate_all()
            if stream.sentence:
                raise AssertionError(f"{flow}: {stream.sentence}")
            if not stream.run_id:
                return


def follow(env: Any, settings: dict[str, str], owner: str, steps: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The menu at first and after each step: ("sql", statement on the shop), ("show", id, or not) or ("pull all",).

    `owner`: how to reach the shop's database with the right to write.
    """
    menu = Menu(env, settings)
    found = [menu.pull()]
    for kind, *values in steps:
        if kind == "sql":
            with psycopg2.connect(owner) as shop, shop.cursor() as cursor:
                cursor.execute(values[0])
        elif kind == "show":
            menu.show(*values)
        found.append(menu.pull(full=kind == "pull all"))
    return found
