"""Runs one function inside Odoo: `python -m tools.inside CONFIG DATABASE MODULE:FUNCTION ARGUMENTS RESULT`.

ARGUMENTS is JSON; the function's result is written as JSON to the file RESULT after the commit.
"""
from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(config_path: str, database: str, function: str, arguments: str, result_path: str) -> None:
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", config_path, "-d", database], setup_logging=True)
    module_name, function_name = function.split(":")
    call = getattr(importlib.import_module(module_name), function_name)
    registry = Registry(database)
    with registry.cursor() as cursor:
        result = call(api.Environment(cursor, SUPERUSER_ID, {}), **json.loads(arguments))
        cursor.commit()
    # A server that runs on the database has to forget what it cached.
    registry.signal_changes()
    Path(result_path).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
