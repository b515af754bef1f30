"""Nothing but the four kinds of failure leaves a connector, whatever a system answers."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any

from .errors import UNREADABLE, NeedsFixing, place_of

_logger = logging.getLogger(__name__)


def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a connector, its errors as failures, also those of pages that are read later."""

    @functools.wraps(method)
    def call(connector: Any, *arguments: Any, **options: Any) -> Any:
        try:
            result = method(connector, *arguments, **options)
        except UNREADABLE as error:
            raise _foreign(connector, error) from error
        return _pages(connector, result) if isinstance(result, Iterator) else result

    return call


def _pages(connector: Any, pages: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from pages
    except UNREADABLE as error:
        raise _foreign(connector, error) from error


def _foreign(connector: Any, error: Exception) -> NeedsFixing:
    """The log has the whole story, for those who look after the connector."""
    place = place_of(error)
    _logger.warning("%s: an answer could not be read (%s)", connector.name, place, exc_info=error)
    return NeedsFixing(
        f"{connector.name} answers, but not as this system does ({place}). Check that the address on the connection is "
        "the system's own; if it is, its makers may have changed it: look for a newer version of this module.",
        code="unexpected-answer",
        details=f"{type(error).__name__} at {place}",
    )
