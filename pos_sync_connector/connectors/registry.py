"""The systems that are installed, by their code."""

from __future__ import annotations

from dataclasses import dataclass, field

from .connector import Connector
from .errors import NeedsFixing


@dataclass(slots=True)
class Registry:
    """The systems by code."""

    _systems: dict[str, type[Connector]] = field(default_factory=dict)

    def add(self, system: type[Connector]) -> type[Connector]:
        if not system.code or not system.name:
            raise ValueError(f"{system.__name__} needs a code and a name")
        known = self._systems.setdefault(system.code, system)
        if known is not system and known.__qualname__ != system.__qualname__:
            raise ValueError(f"two systems have the code {system.code!r}")
        return system

    def get(self, code: str) -> type[Connector]:
        """Raises NeedsFixing when no such system is installed."""
        try:
            return self._systems[code]
        except KeyError:
            raise NeedsFixing(
                f"There is no system “{code}”. It came with a module that is not installed any more.",
                code="unknown-system",
            ) from None

    def all(self) -> tuple[type[Connector], ...]:
        return tuple(sorted(self._systems.values(), key=lambda system: system.name.lower()))


registry = Registry()


def register(system: type[Connector]) -> type[Connector]:
    """Class decorator: makes the system known under its code."""
    return registry.add(system)
