"""./dev screenshots: the pictures of docs/, taken by the browser tests while they walk through real servers."""
from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from ..bootstrap import ROOT
from ..console import Problem, say
from . import test

DOCS = ROOT / "docs"
_PICTURE = re.compile(r"\]\((images/[\w-]+\.png)\)")
_WALKS = "tests/processes/test_browser_*.py"


def run(arguments: list[str]) -> int:
    """`arguments` go to pytest, such as the path of one walk; without a path all walks are made."""
    walks = [] if any(Path(item).exists() for item in arguments) else sorted(map(str, ROOT.glob(_WALKS)))
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        os.environ["SCREENSHOTS"] = folder
        code = test.run([*walks, *arguments])
        taken = {picture.name: picture for picture in Path(folder).glob("*.png")}
        wanted = pictures()
        for place in wanted:
            if place.name in taken:
                place.parent.mkdir(exist_ok=True)
                shutil.copyfile(taken[place.name], place)
    if missing := [place.name for place in wanted if not place.exists()]:
        raise Problem(f"No browser test keeps a picture of the name {', '.join(missing)}, which docs/ shows.")
    say(f"✓ {sum(place.name in taken for place in wanted)} of the {len(wanted)} pictures of docs/ taken.")
    return code


def pictures() -> list[Path]:
    """Where the pictures belong that the pages of docs/ show."""
    return sorted({DOCS / name for page in DOCS.glob("*.md") for name in _PICTURE.findall(page.read_text("utf-8"))})
