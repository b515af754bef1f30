"""A process with an Odoo in it that is called: one function after the other, each in a transaction of its own."""
from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .bootstrap import ROOT
from .console import Problem, tail


class Caller:
    """Starts at once; ends with `close`. What Odoo logs is added to a file."""

    def __init__(self, config: Path, database: str, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._turn = threading.Lock()
        with open(log, "a") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.inside", str(config), database], cwd=ROOT, env=dict(environment),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True)

    def call(self, function: str, arguments: Mapping[str, object]) -> Any:
        """The result of `module:function(env, **arguments)`. Arguments and result travel as JSON. Raises Problem with
        the end of the log if the function raised."""
        with self._turn:
            try:
                print(json.dumps([function, arguments]), file=self._process.stdin, flush=True)
            except BrokenPipeError:
                pass
            answer = self._process.stdout.readline()
        if not answer:
            self.close()
            raise Problem(f"{function} failed; {self._log} ends with\n{tail(self._log)}")
        return json.loads(answer)

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self._process.wait()

