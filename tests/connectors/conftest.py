import pytest

from tests.connectors.fake_time import FakeTime

pytest.register_assert_rewrite("tests.connectors.contract")


@pytest.fixture
def time():
    return FakeTime()
