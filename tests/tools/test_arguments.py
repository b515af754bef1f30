"""Which suites ./dev test runs, and what it hands to pytest."""
import pytest

from tools.bootstrap import ROOT
from tools.commands.test import choose, split_arguments, wants_browser
from tools.console import Problem

SELF = "tests/tools/test_arguments.py"


@pytest.fixture(autouse=True)
def _in_the_repo(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_options_and_paths_are_told_apart():
    options, paths = split_arguments(["-x", SELF, "--maxfail=2", f"{SELF}::test_options_and_paths_are_told_apart"])
    assert options == ["-x", "--maxfail=2"]
    assert paths == [SELF, f"{SELF}::test_options_and_paths_are_told_apart"]


def test_the_value_of_an_option_is_no_path_even_if_there_is_one_of_that_name():
    assert split_arguments(["-k", "tests"]) == (["-k", "tests"], [])


def test_a_path_runs_its_own_suite_only():
    assert [(suite.name, paths) for suite, paths in choose([SELF])] == [("tools", [SELF])]


def test_a_folder_above_suites_runs_them_whole():
    names = [suite.name for suite, _paths in choose(["tests"])]
    assert "tools" in names
    assert "addon" not in names


def test_without_paths_every_suite_runs():
    assert {"tools", "connectors", "addon", "processes"} == {suite.name for suite, _paths in choose([])}


def test_a_path_of_no_suite_is_named():
    with pytest.raises(Problem, match=r"README\.md belongs to no suite"):
        choose(["README.md"])


def test_only_suites_that_drive_a_browser_ask_for_one():
    addon = "pos_sync_connector/tests"
    assert wants_browser([addon])
    assert wants_browser([f"{addon}/test_screens.py::TestScreens"])
    assert not wants_browser([f"{addon}/test_stock.py"])
