"""A value that is worked out when it is first asked for."""

from __future__ import annotations

import functools
from typing import Any


class cached_property(functools.cached_property):
    """Without the lock that Python before 3.12 holds over all instances of a class: what one connector waits for at its
    system would keep those of all other connections waiting."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self.attrname] = self.func(instance)
        return value
