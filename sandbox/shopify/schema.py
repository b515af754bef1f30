"""The schema that the sandbox answers by: Shopify's own introspection where the vendors' specifications are (folder
`VENDOR_SPECS`), else the part of it that stands in `schema.graphql`."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema, build_schema

VERSION = "2026-07"
_HERE = Path(__file__).parent
_SPECS = Path(os.environ.get("VENDOR_SPECS") or _HERE.parents[1] / "../shared/specs")


@cache
def load() -> GraphQLSchema:
    own = _SPECS / f"shopify/graphql/admin_{VERSION}.json.gz"
    return vendors(own) if own.is_file() else part()


def vendors(path: Path) -> GraphQLSchema:
    return _read(path.resolve())


@cache
def _read(path: Path) -> GraphQLSchema:
    """Once a process: it takes seconds."""
    with gzip.open(path) as file:
        return build_client_schema(json.load(file)["data"], assume_valid=True)


def part() -> GraphQLSchema:
    return build_schema((_HERE / "schema.graphql").read_text(encoding="utf-8"), assume_valid=True)
