"""Holds every request to a sandbox that runs in a test, and every answer, to the vendor's specification where that is
there, whoever asks: a connector, a server of Odoo, another client."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from sandbox.permissions import Page
from sandbox.serving import Sandbox
from sandbox.shopify import ShopifySandbox
from sandbox.square import SquareSandbox
from tests.connectors.loopback import Reply, Request
from tests.connectors.vendor_specs import GraphQl, OpenApi, graph_ql, open_api

_SPECIFICATIONS: dict[type[Sandbox], Callable[[], OpenApi | GraphQl | None]] = {
    SquareSandbox: partial(open_api, "square", "square-openapi-api.json"),
    ShopifySandbox: partial(graph_ql, "shopify", "graphql/admin_2026-07.json.gz"),
}


def _specification(sandbox: Sandbox) -> OpenApi | GraphQl | None:
    """Of the vendor whose sandbox it is, or whose sandbox it extends."""
    return next(_SPECIFICATIONS[kind]() for kind in type(sandbox).__mro__ if kind in _SPECIFICATIONS)


class SpecificationWatch:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._violations: list[str] = []

    def __call__(self, sandbox: Sandbox, method: str, path: str, body: bytes, page: Page) -> None:
        """What was refused is not looked at: whoever sent it has learnt that it was wrong."""
        name = type(sandbox).__name__
        with self._lock:
            if page.status >= 500:
                self._violations.append(f"{name} broke on {method} {path}")
            if page.status >= 400:
                return
            specification = _specification(sandbox)
            if specification is None:
                return
            specification.check(Request(method, path, {}, body), Reply(page.status, page.body))
            self._violations += [f"{name}: {found}" for found in specification.violations]
            specification.violations = []

    def drain(self) -> list[str]:
        """What was found since it was asked last."""
        with self._lock:
            found, self._violations = self._violations, []
        return found


WATCH = SpecificationWatch()
