"""./dev sandbox SYSTEM: a stand-in for a system, filled with made-up data, until Ctrl-C."""
from __future__ import annotations

import argparse

from psycopg2 import sql

from sandbox import biotrack, shopify, square

from ..console import step
from ..postgres import Postgres
from ..workspace import Workspace
from .serve import wait_for_interrupt


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev sandbox", description=__doc__)
    parser.add_argument("system", choices=["biotrack", "shopify", "square"])
    parser.add_argument("--full", action="store_true", help="a shop of full size; a tenth by default")
    parser.add_argument("--old", action="store_true", help="BioTrack: in the schema of 2015")
    parser.add_argument("--port", type=int, default=0, help="Shopify, Square: where it answers; a free port by default")
    parser.add_argument("--limit", type=int, default=10, help="Square: requests a second; 10 by default, 0: any")
    parser.add_argument("--points", type=int, default=2000, help="Shopify: size of its bucket; 0: nothing is refused")
    parser.add_argument(
        "--redirect", default="", help="Shopify, Square: the redirect address that a connection shows, for OAuth")
    options = parser.parse_args(arguments)
    return {"biotrack": run_biotrack, "shopify": run_shopify, "square": run_square}[options.system](options)


def run_shopify(options: argparse.Namespace) -> int:
    with step("Making a Shopify shop"):
        shop = shopify.make_shop(1.0 if options.full else 0.1)
    with shopify.ShopifySandbox(shop, port=options.port, points=options.points) as sandbox:
        told = _told({**sandbox.settings(), **(sandbox.app(options.redirect) if options.redirect else {})})
        print(f"Shopify: {told}; Ctrl-C ends it", flush=True)
        wait_for_interrupt()
    return 0


def run_square(options: argparse.Namespace) -> int:
    with step("Making a Square account"):
        shop = square.make_shop(1.0 if options.full else 0.1)
    with square.SquareSandbox(shop, port=options.port, limit=options.limit or None) as sandbox:
        told = _told({**sandbox.settings(), **(sandbox.app(options.redirect) if options.redirect else {})})
        print(f"Square: {told}; Ctrl-C ends it", flush=True)
        wait_for_interrupt()
    return 0


def run_biotrack(options: argparse.Namespace) -> int:
    with Workspace() as workspace:
        name = workspace.database_name("biotrack")
        with step("Making a BioTrack shop"):
            generation = biotrack.OLD if options.old else biotrack.NEWER
            shop = biotrack.make_shop(1.0 if options.full else 0.1, generation=generation)
            make_biotrack(workspace.postgres, name, shop, generation)
        told = _told(biotrack_settings(workspace.postgres, name))
        print(f"BioTrack: {told}; Ctrl-C ends it", flush=True)
        wait_for_interrupt()
    return 0


def _told(settings: dict[str, str]) -> str:
    return "  ".join(f"{key} {value}" for key, value in settings.items())


def biotrack_settings(server: Postgres, name: str) -> dict[str, str]:
    """What a person would enter to connect to a shop on our own server, which trusts everybody on this computer."""
    return {
        "host": server.host, "port": server.port or "5432", "database": name, "user": server.user,
        "password": server.password or "any", "sslmode": "prefer", "timezone": biotrack.TIME_ZONE,
    }


def make_biotrack(server: Postgres, name: str, shop: biotrack.Shop, generation: str) -> None:
    """A database of that name with a BioTrack shop in it."""
    connection = server.connect()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    connection.close()
    connection = server.connect(name)
    biotrack.create_schema(connection, generation)
    biotrack.load(connection, shop)
    connection.close()
