"""What ./dev size counts."""

from pathlib import Path

import pytest

from tools.commands.size import Size, long_files, sizes

_FILES = {
    "pos_sync_connector/connectors/systems/__init__.py": 1,
    "pos_sync_connector/connectors/systems/acme/__init__.py": 2,
    "pos_sync_connector/connectors/systems/acme/orders.py": 30,
    "pos_sync_connector/sync/long.py": 401,
    "pos_sync_connector/tests/test_acme.py": 5,
    "pos_sync_connector/tests/test_long.py": 500,
    "sandbox/acme/server.py": 7,
    "tests/connectors/acme_orders.py": 11,
    "tests/connectors/test_acmeist.py": 100,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, lines in _FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n" * lines + "\n", encoding="utf-8")
    return tmp_path


def test_a_system_is_its_package_its_stand_in_and_the_tests_that_name_it(project: Path) -> None:
    assert sizes(project) == {"acme": Size(package=32, stand_in=7, tests=16)}


def test_a_file_is_long_by_all_its_lines(project: Path) -> None:
    assert long_files(project) == [(project / "pos_sync_connector/sync/long.py", 402)]
