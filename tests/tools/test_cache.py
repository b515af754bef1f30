"""The cache folder: what is made is whole or not there, and two runs wait for each other."""
import subprocess
import sys

import pytest

from tools import cache
from tools.bootstrap import ROOT


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_what_fails_half_way_leaves_nothing():
    target = cache.folder() / "thing"
    with pytest.raises(ZeroDivisionError), cache.building(target) as folder:
        (folder / "half").touch()
        raise ZeroDivisionError
    assert list(cache.folder().iterdir()) == []


def test_what_ends_well_takes_the_place_of_what_was_there():
    target = cache.folder() / "thing"
    for content in ("old", "new"):
        with cache.building(target) as folder:
            (folder / content).touch()
    assert [path.name for path in target.iterdir()] == ["new"]


def test_a_lock_keeps_others_out_and_ends_with_its_process():
    lock = cache.lock_of("mine")
    hold = "from tools import cache; lock = cache.lock_of('mine'); lock.acquire(); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        assert not lock.try_acquire()
        holder.kill()
    assert lock.try_acquire()
    lock.release()


def test_a_shared_lock_keeps_out_only_who_wants_it_alone():
    first, second = cache.lock_of("server"), cache.lock_of("server")
    first.acquire(shared=True)
    assert second.try_acquire(shared=True)
    assert not second.try_acquire()
    first.release()
    assert second.try_acquire()
    second.release()


def test_the_digest_of_a_tree_sees_names_and_contents_and_no_compiled_files(tmp_path):
    tree = tmp_path / "tree"
    (tree / "__pycache__").mkdir(parents=True)
    (tree / "a.py").write_text("1")
    first = cache.digest_of_tree(tree)
    (tree / "__pycache__" / "a.pyc").write_text("x")
    assert cache.digest_of_tree(tree) == first
    (tree / "a.py").write_text("2")
    second = cache.digest_of_tree(tree)
    (tree / "a.py").rename(tree / "b.py")
    assert len({first, second, cache.digest_of_tree(tree)}) == 3
