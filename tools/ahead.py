"""Makes the shop's database in a process of its own while other work runs: it takes minutes, but only one core."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .bootstrap import ROOT
from .templates import SHOP_FOR_TESTS
from .workspace import Workspace


@contextmanager
def making_the_shop(workspace: Workspace) -> Iterator[None]:
    """Whoever needs the shop's template meanwhile waits for it; if it can't be made they try again, and say why."""
    with (workspace.logs / "shop_ahead.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.ahead"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)
    try:
        yield
    finally:
        # With what it runs itself.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    with Workspace() as of_its_own:
        SHOP_FOR_TESTS.make(of_its_own)
