"""One file a command of ./dev, each with `run(arguments) -> exit code`."""

COMMANDS = {
    "demo": "a hub with this addon and a second Odoo as its shop, synced: --once, --json FILE",
    "test": "the whole suite, --all what takes minutes too; arguments go to pytest",
    "lint": "ruff and pylint-odoo",
    "mutants": "puts faults into the posting code, one at a time, and says which test finds each",
    "bench": "speed against plain Odoo: ./dev bench SUBJECT [--json FILE]",
    "sandbox": "a stand-in for a system, with made-up data: ./dev sandbox SYSTEM",
    "serve": "a server with this addon on an empty database",
    "shell": "Odoo's shell on an empty database with this addon",
    "terms": "the template of the translations, made from the code and views",
    "readme": "the table of systems in README.md, made from the code: --check only compares",
    "screenshots": "the pictures of docs/, taken by the browser tests; arguments go to pytest",
    "size": "the lines that each system costs, and the files that are long",
    "clean": "removes databases and logs; --all also what was downloaded",
}


def usage() -> str:
    return "Usage: ./dev COMMAND\n" + "\n".join(f"  {command:11} {text}" for command, text in COMMANDS.items())
