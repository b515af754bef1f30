"""How to talk to each system: plain Python that never imports odoo."""

from . import codec, connector, errors, records, systems
