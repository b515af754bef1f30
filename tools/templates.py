"""Databases that take a minute to make and a second to copy: made once for what they contain, then kept."""
from __future__ import annotations

import ast
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from psycopg2 import sql

from . import cache, odoo_source
from .bootstrap import ROOT
from .console import Problem, step
from .database import Database
from .workspace import Workspace, link_tree

ADDON = ROOT / "pos_sync_connector"
_KEPT = 3


@dataclass(frozen=True)
class Template:
    """What a database contains: modules, demo data or not, on top of another template, and what functions fill in.

    `fill` names functions `module:function(env, **arguments)`; the files in `sources` decide, by content, whether a
    kept template still is what a new one would be.
    """

    label: str
    modules: tuple[str, ...] = ()
    demo: bool = False
    base: Template | None = None
    fill: tuple[str, ...] = ()
    arguments: Mapping[str, object] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()

    @cached_property
    def key(self) -> str:
        # Stays what it was when the work on a copy began, whatever is edited meanwhile.
        return cache.digest(
            str(odoo_source.of_this_python().package),
            (odoo_source.of_this_python().package / "release.py").read_bytes(),
            json.dumps([self.modules, self.demo, self.fill, *([dict(self.arguments)] if self.arguments else [])]),
            self.base.key if self.base else "",
            cache.digest_of_tree(*self.sources),
        )[:12]

    def copy(self, workspace: Workspace, label: str) -> Database:
        """A new database with this content; makes the template first if there is none."""
        with self._made(workspace):
            database = Database(workspace, label).copy_from(self._name(), self._folder() / "filestore")
        self._prune(workspace)
        return database

    def make(self, workspace: Workspace) -> None:
        """Makes the template if there is none."""
        with self._made(workspace):
            pass

    @contextmanager
    def _made(self, workspace: Workspace) -> Iterator[None]:
        """The template is there, and nobody removes it."""
        name = self._name()
        with cache.locked(f"template-{name}", waiting_for=f"it makes the database template {self.label}"):
            if not self._is_there(workspace):
                self._build(workspace)
            os.utime(self._folder())
            yield

    def _name(self) -> str:
        return f"{self._prefix()}{self.key}"

    def _prefix(self) -> str:
        return f"pos_sync_{cache.identity()}_template_{self.label.replace('-', '_')}_"

    def _folder(self) -> Path:
        return cache.folder() / "templates" / self._name()

    def _is_there(self, workspace: Workspace) -> bool:
        return self._folder().exists() and self._name() in workspace.databases(self._name())

    def _build(self, workspace: Workspace) -> None:
        label = f"making_{self.label.replace('-', '_')}"
        database = self.base.copy(workspace, label) if self.base else Database(workspace, label).create()
        with database:
            if self.modules:
                with step(f"Installing {', '.join(self.modules)}{' with demo data' if self.demo else ''}") as progress:
                    database.install(self.modules, demo=self.demo, progress=progress)
            for function in self.fill:
                with step(f"Filling {self.label} ({function.partition(':')[2]})"):
                    database.call(function, **self.arguments)
            self._keep(workspace, database)

    def _keep(self, workspace: Workspace, database: Database) -> None:
        name = self._name()
        workspace.drop(name)
        with cache.building(self._folder()) as folder:
            if database.filestore.exists():
                link_tree(database.filestore, folder / "filestore")
            connection = workspace.postgres.connect()
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(database.name), sql.Identifier(name)))
                # Autovacuum leaves databases alone that take no connections, and nobody changes one by mistake.
                cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(
                    sql.Identifier(name)))
            connection.close()

    def _prune(self, workspace: Workspace) -> None:
        """Drops the templates of this label that were not used for longest."""
        any_key = "[0-9a-f]" * 12
        folders = (cache.folder() / "templates").glob(f"{self._prefix()}{any_key}")
        folders = sorted(folders, key=lambda path: path.stat().st_mtime)
        for folder in folders[:-_KEPT]:
            lock = cache.lock_of(f"template-{folder.name}")
            if lock.try_acquire():
                workspace.drop(folder.name)
                shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def remove_all(workspace: Workspace) -> None:
    """Drops every template of this cache folder."""
    workspace.drop(*workspace.databases(f"pos_sync_{cache.identity()}_template_"))
    shutil.rmtree(cache.folder() / "templates", ignore_errors=True)


def _manifest() -> dict[str, object]:
    path = ADDON / "__manifest__.py"
    if not path.exists():
        raise Problem(f"{path} is missing: the addon cannot be installed.")
    return ast.literal_eval(path.read_text())


def hub(extra: Sequence[str] = ()) -> Template:
    """What the addon depends on (and `extra` modules), without the addon."""
    depends = tuple(sorted({*_manifest()["depends"], *extra}))
    return Template("hub" if not extra else f"hub-{'-'.join(extra)}", depends)


def hub_with_addon(extra: Sequence[str] = (), *, web_client: bool = True) -> Template:
    """`hub` with the addon as it stands in the working tree, freshly installed; with the web client built, which only
    browsers need."""
    base = hub(extra)
    beside = ("tests", "i18n", "__pycache__")
    addon = tuple(sorted(path for path in ADDON.iterdir() if path.name not in beside))
    bare = Template(f"{base.label}-with-addon", (ADDON.name,), base=base, sources=addon)
    if not web_client:
        return bare
    return Template(
        f"{base.label}-for-browsers", base=bare, fill=("tools.inside.assets:build",),
        sources=(Path(__file__).parent / "inside" / "assets.py",))


SHOP = Template(
    "shop",
    ("point_of_sale", "pos_restaurant", "sale_management", "sale_stock", "pos_loyalty", "sale_loyalty"),
    demo=True,
)

def shop_filled(products: int | None = None) -> Template:
    """`shop` with made-up products and all that belongs to them."""
    label, arguments = ("shop-filled", {}) if products is None else (f"shop-of-{products}", {"count": products})
    return Template(
        label, base=SHOP, fill=("tools.shop.fill:fill",), arguments=arguments,
        sources=(Path(__file__).parent / "shop",))


# A shop of some size: what the demo and the bench sync with.
SHOP_FILLED = shop_filled()
# What tests of processes sync with: a thousand products show the same and take longer.
SHOP_PRODUCTS = int(os.environ.get("SHOP_PRODUCTS", "250"))
SHOP_FOR_TESTS = shop_filled(SHOP_PRODUCTS)


def shop_year(orders: int, base: Template = SHOP_FILLED) -> Template:
    """`base` with a year of sales: about so many orders of tills and salespeople, in two companies and currencies."""
    return Template(
        f"{base.label}-year", base=base, fill=("tools.shop_year.fill:fill",), arguments={"orders": orders},
        sources=(Path(__file__).parent / "shop_year",))
