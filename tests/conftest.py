from collections.abc import Iterator

import pytest

from sandbox.serving import Sandbox
from tests.specification_watch import WATCH

Sandbox.watch = WATCH


@pytest.fixture(autouse=True)
def to_the_specification() -> Iterator[None]:
    """A test fails for what is sent to a sandbox, or answered by one, and is not as the vendor describes it."""
    yield
    assert WATCH.drain() == []
