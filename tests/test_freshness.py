"""Freshness by content: what makes a record stale, and what does not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from course import write

from solutionset.building import freshness
from solutionset.building.freshness import Digests, Record, read_record, write_record

CONDITIONS = {"engine": "e", "sympy": "1.14"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of inputs, and one output beside them."""
    write(tmp_path / "problems" / "hw" / "a.py", "one")
    write(tmp_path / "problems" / "hw" / "set.toml", "two")
    write(tmp_path / "output" / "hw.pdf", "three")
    return tmp_path


def record_of(root: Path) -> Record:
    inputs = Digests(str(root)).all_of(["problems/hw", "problems/hw/a.py"])
    outputs = Digests(str(root / "output")).all_of(["hw.pdf"])
    return Record(CONDITIONS, inputs, outputs)


def reason(root: Path, record: Record, conditions: dict[str, str] = CONDITIONS) -> str:
    """Why the record is stale, seen by a new build."""
    return record.stale_because(conditions, Digests(str(root)), str(root / "output"))


def test_what_has_not_changed_is_fresh(root: Path) -> None:
    assert reason(root, record_of(root)) == ""


def test_a_new_date_alone_does_not_make_anything_stale(root: Path) -> None:
    record = record_of(root)
    os.utime(root / "problems" / "hw" / "a.py", (0, 0))
    assert reason(root, record) == ""


def same_size_and_date(root: Path) -> None:
    path = root / "problems" / "hw" / "a.py"
    before = path.stat()
    path.write_text("eno", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (same_size_and_date, "problems/hw/a.py changed"),
        (lambda root: (root / "problems/hw/a.py").unlink(), "problems/hw changed"),
        (lambda root: write(root / "problems/hw/b.py", ""), "problems/hw changed"),
        (lambda root: (root / "output/hw.pdf").unlink(), "output hw.pdf changed or is missing"),
        (lambda root: write(root / "output/hw.pdf", "3"), "output hw.pdf changed or is missing"),
    ],
)
def test_each_change_makes_the_record_stale_and_is_named(
    root: Path, change: Callable[[Path], None], why: str
) -> None:
    record = record_of(root)
    change(root)
    assert reason(root, record) == why


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({"engine": "e", "sympy": "1.15"}, "sympy changed"),
        ({"engine": "e"}, "sympy changed"),
        ({**CONDITIONS, "TeX": "2022"}, "TeX changed"),
    ],
)
def test_another_condition_makes_the_record_stale(
    root: Path, conditions: dict[str, str], why: str
) -> None:
    assert reason(root, record_of(root), conditions) == why


def test_a_file_that_could_not_be_read_never_counts_as_unchanged(root: Path) -> None:
    record = Record(CONDITIONS, {"missing.csv": freshness.digest_path("missing.csv")}, {})
    assert reason(root, record) == "missing.csv changed"


def test_what_editors_leave_behind_does_not_belong_to_a_folder(root: Path) -> None:
    record = record_of(root)
    for name in (".a.py.swp", "a.py~", "#a.py#"):
        write(root / "problems" / "hw" / name, "")
    assert reason(root, record) == ""


def test_a_build_sees_every_file_as_it_first_saw_it(root: Path) -> None:
    digests = Digests(str(root))
    before = digests.of("problems/hw/a.py")
    write(root / "problems" / "hw" / "a.py", "edited during the build")
    assert digests.of("problems/hw/a.py") == before


def test_a_record_is_read_back_as_it_was_written(root: Path) -> None:
    file, record = str(root / "output" / "x.record"), record_of(root)
    write_record(file, record)
    found = read_record(file)
    assert found is not None
    assert vars(found) == vars(record)


@pytest.mark.parametrize("position", [0, 31, 32, 60, -1])
def test_a_record_edited_by_hand_is_no_record(root: Path, position: int) -> None:
    file = root / "output" / "x.record"
    write_record(str(file), record_of(root))
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)
    assert read_record(str(file)) is None


def test_a_file_cut_short_while_it_was_written_leaves_the_old_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = root / "output" / "hw.pdf"

    def fail(source: str, target: str) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        freshness.write_whole(str(file), b"new")
    assert file.read_text(encoding="utf-8") == "three"
    assert os.listdir(root / "output") == ["hw.pdf"]


def test_the_versions_of_packages_are_those_that_they_say_themselves() -> None:
    import numpy as np
    import sympy

    found = freshness.installed_packages()
    assert found["sympy"] == sympy.__version__
    assert found["numpy"] == np.__version__


@pytest.mark.parametrize(
    ("file", "checks_too"),
    [
        ("model.py", True),
        ("building/draw.py", True),
        ("building/store.py", True),
        ("building/typeset.py", False),
        ("commands/run.py", False),
        ("cli.py", False),
    ],
)
def test_an_edit_of_the_engine_redoes_checks_only_if_it_can_matter_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, checks_too: bool
) -> None:
    monkeypatch.setattr(freshness, "_ENGINE", str(tmp_path))
    write(tmp_path / file, "before")
    checking = freshness.engine_digest(checking_only=True)
    everything = freshness.engine_digest(checking_only=False)
    write(tmp_path / file, "after")
    assert freshness.engine_digest(checking_only=False) != everything
    assert (freshness.engine_digest(checking_only=True) != checking) is checks_too
