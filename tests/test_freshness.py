"""Freshness by content: what makes a record stale, and what does not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from course import write

from solutionset.building import conditions as conditions_module
from solutionset.building import contents
from solutionset.building.conditions import Conditions
from solutionset.building.contents import Digests, Memory, digest_path
from solutionset.building.freshness import Record, read_record, write_record

CONDITIONS = {"engine": "e", "sympy": "1.14"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of inputs, and one output beside them."""
    write(tmp_path / "problems" / "hw" / "a.py", "one")
    write(tmp_path / "problems" / "hw" / "set.toml", "two")
    write(tmp_path / "output" / "hw.pdf", "three")
    write(tmp_path / "output/.cache/problems/hw/a/checked.json", "four")
    return tmp_path


def record_of(root: Path) -> Record:
    inputs = Digests(str(root)).all_of(["problems/hw", "problems/hw/a.py", "data.csv"])
    outputs = Digests(str(root / "output"))
    stored = ".cache/problems/hw/a/checked.json"
    return Record(CONDITIONS, inputs, outputs.all_of([stored]), outputs.all_of(["hw.pdf"]))


def reason(root: Path, record: Record, conditions: dict[str, str] = CONDITIONS) -> str:
    """Why the record is stale, seen by a new build."""
    inputs, outputs = Digests(str(root)), Digests(str(root / "output"))
    return "; ".join(record.changes(conditions, inputs, outputs))


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
        (
            lambda root: (root / "problems/hw/a.py").unlink(),
            "problems/hw changed; problems/hw/a.py is gone",
        ),
        (lambda root: write(root / "problems/hw/b.py", ""), "problems/hw changed"),
        (lambda root: (root / "problems/hw/sub").mkdir(), "problems/hw changed"),
        (lambda root: write(root / "data.csv", "1"), "data.csv is new"),
        (lambda root: (root / "output/hw.pdf").unlink(), "the output hw.pdf is missing"),
        (lambda root: write(root / "output/hw.pdf", "3"), "the output hw.pdf was altered"),
        (
            lambda root: write(root / "output/.cache/problems/hw/a/checked.json", "4"),
            "hw/a changed",
        ),
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
        ({"engine": "e", "sympy": "1.15"}, "sympy changed from 1.14 to 1.15"),
        ({"engine": "e"}, "sympy was removed"),
        ({**CONDITIONS, "TeX": "2022"}, "TeX was added"),
        ({**CONDITIONS, "engine": "f"}, "engine changed"),
    ],
)
def test_another_condition_makes_the_record_stale(
    root: Path, conditions: dict[str, str], why: str
) -> None:
    assert reason(root, record_of(root), conditions) == why


def test_a_file_that_could_not_be_read_never_counts_as_unchanged(root: Path) -> None:
    (root / "loop.csv").symlink_to("loop.csv")
    record = Record(CONDITIONS, {"loop.csv": digest_path(str(root / "loop.csv"))}, {}, {})
    assert reason(root, record) == "loop.csv changed while it was read"


def test_what_editors_leave_behind_does_not_belong_to_a_folder(root: Path) -> None:
    record = record_of(root)
    for name in (".a.py.swp", "a.py~", "#a.py#", "__pycache__/a.pyc"):
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
        contents.write_whole(str(file), b"new")
    assert file.read_text(encoding="utf-8") == "three"
    assert sorted(os.listdir(root / "output")) == [".cache", "hw.pdf"]


def test_the_versions_of_packages_are_those_that_they_say_themselves() -> None:
    import numpy as np
    import sympy

    found = conditions_module.installed_packages()
    assert found["sympy"] == sympy.__version__
    assert found["numpy"] == np.__version__


@pytest.mark.parametrize(
    ("file", "stages"),
    [
        ("model.py", "check draw render"),
        ("calculus/rules.py", "check draw render"),
        ("building/solving.py", "check draw render"),
        ("building/draw.py", "draw render"),
        ("building/render.py", "render"),
        ("building/typeset.py", "render typeset"),
        ("commands/run.py", "render"),
    ],
)
def test_an_edit_of_the_engine_redoes_the_stages_to_which_it_can_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, stages: str
) -> None:
    monkeypatch.setattr(conditions_module, "_ENGINE", str(tmp_path))
    write(tmp_path / file, "before")
    before = tables()
    write(tmp_path / file, "after")
    after = tables()
    assert [stage for stage in before if before[stage] != after[stage]] == stages.split()


def test_a_new_file_of_the_engine_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions_module, "_ENGINE", str(tmp_path))
    before = tables()
    write(tmp_path / "calculus/extra.py", "")
    assert tables()["check"] != before["check"]


@pytest.mark.parametrize(
    ("package", "stages"),
    [
        ("sympy", "check draw render"),
        ("torch", "check render"),
        ("matplotlib", "draw render"),
        ("fonttools", "draw"),
        ("jinja2", "render"),
    ],
)
def test_another_version_of_a_package_redoes_the_stages_that_use_it(
    monkeypatch: pytest.MonkeyPatch, package: str, stages: str
) -> None:
    before = tables()
    installed = conditions_module.installed_packages() | {package: "99.9"}
    monkeypatch.setattr(conditions_module, "installed_packages", lambda: installed)
    after = tables()
    assert [stage for stage in before if before[stage] != after[stage]] == stages.split()


def test_another_tex_redoes_the_pdf_and_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables()
    monkeypatch.setattr(conditions_module, "tex_stamp", lambda: "another")
    after = tables()
    assert [stage for stage in before if before[stage] != after[stage]] == ["render", "typeset"]


def tables() -> dict[str, dict[str, str]]:
    """The conditions of each stage, as a new build finds them."""
    found = Conditions(Digests("/"))
    return {
        "check": found.of_checking("notation"),
        "draw": found.of_drawing(),
        "render": found.of_rendering("notation"),
        "typeset": found.of_typesetting("document"),
    }


# -------------------------------------------------------------- signatures in place of contents


def looked_at(path: Path, now: int, known: Memory) -> tuple[str, Memory]:
    memory = Memory(now, known.seen)
    return memory.of(str(path)), memory


LATER = 10**10  # nanoseconds


def test_a_file_whose_signature_is_known_is_not_read_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = root / "problems/hw/a.py"
    digest, memory = looked_at(file, file.stat().st_ctime_ns + LATER, Memory(0, {}))
    monkeypatch.setattr(contents, "digest_path", lambda path: "read again")
    assert looked_at(file, memory.now, memory)[0] == digest


def test_a_file_that_changed_just_before_it_was_read_is_read_each_time(root: Path) -> None:
    # Within one tick of the clock a second edit of the same length has the same signature.
    file = root / "problems/hw/a.py"
    _, memory = looked_at(file, file.stat().st_ctime_ns, Memory(0, {}))
    signature, digest = memory.seen[str(file)]
    assert signature == ()
    assert digest == digest_path(str(file))


def test_a_file_dated_after_the_clock_was_set_back_is_read_each_time(root: Path) -> None:
    file = root / "problems/hw/a.py"
    _, memory = looked_at(file, file.stat().st_ctime_ns - LATER, Memory(0, {}))
    assert memory.seen[str(file)][0] == ()


@pytest.mark.parametrize(
    "change",
    [same_size_and_date, lambda root: os.replace(root / "b.py", root / "problems/hw/a.py")],
)
def test_an_edit_of_the_same_length_with_the_old_date_is_seen(
    root: Path, change: Callable[[Path], None]
) -> None:
    file = root / "problems/hw/a.py"
    write(root / "b.py", "eno")
    os.utime(root / "b.py", ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    _, memory = looked_at(file, file.stat().st_ctime_ns + LATER, Memory(0, {}))
    change(root)
    assert looked_at(file, memory.now, memory)[0] == contents.digest_bytes(b"eno")
