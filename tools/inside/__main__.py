"""Runs functions inside Odoo: `python -m tools.inside CONFIG DATABASE`.

Each line of its input is JSON, [MODULE:FUNCTION, ARGUMENTS]; after the commit a line with the function's result, as
JSON too, is its answer. It ends with its input, or with the first function that raises.
"""
from __future__ import annotations

import importlib
import json
import os
import sys


def main(config_path: str, database: str) -> None:
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # What a function prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    config.parse_config(["-c", config_path, "-d", database], setup_logging=True)
    for line in sys.stdin:
        function, arguments = json.loads(line)
        module_name, function_name = function.split(":")
        call = getattr(importlib.import_module(module_name), function_name)
        registry = Registry(database).check_signaling()
        with registry.cursor() as cursor:
            result = call(api.Environment(cursor, SUPERUSER_ID, {}), **arguments)
            cursor.commit()
        # A server that runs on the database has to forget what it cached.
        registry.signal_changes()
        # Whoever is called next may copy the database, which nobody may be connected to then.
        close_db(database)
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
