"""The straight line: what is redone, what is kept, and that a failure never costs a good PDF."""

import json
import os
from pathlib import Path

import pytest
from course import MODULE, Workshop, write
from two_sets import module, names, run, two_sets

from solutionset.building.pipeline import Outcome
from solutionset.building.plan import Survey, stale_stages
from solutionset.building.stamp import nothing_to_do
from solutionset.errors import EnvironmentFault, InternalError, Place
from solutionset.model import View


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return two_sets(tmp_path)


RESNET = ["check hw/resnet", "draw hw/resnet"]
RENDER_HW = ["render hw/resnet solutions", "render hw/jacobians solutions", "assemble hw"]
RENDER_RESNET = ["render hw/resnet solutions", "assemble hw"]
ALL_OF_HW = [
    *("check hw/resnet", "draw hw/resnet", "check hw/jacobians", "draw hw/jacobians"),
    *(*RENDER_HW, "typeset hw"),
]
ALL_OF_DL = [
    *("check dl/softmax", "draw dl/softmax"),
    *("render dl/softmax solutions", "assemble dl", "typeset dl"),
]


def test_a_first_build_makes_a_pdf_a_tex_and_a_ledger_of_every_set(root: Path) -> None:
    outcome, calls = run(root)
    assert calls == ALL_OF_DL + ALL_OF_HW
    assert outcome == Outcome((root / "output/dl.pdf", root / "output/hw.pdf"), (), ())
    assert names(root) == [
        *("dl-figures", "dl.json", "dl.pdf", "dl.tex"),
        *("hw-figures", "hw.json", "hw.pdf", "hw.tex"),
    ]


def test_a_second_build_does_nothing_and_names_the_same_pdfs(root: Path) -> None:
    first, _ = run(root)
    second, calls = run(root)
    assert calls == []
    assert second.pdfs == first.pdfs


def test_a_changed_module_redoes_its_problem_and_its_pdf_only(root: Path) -> None:
    run(root)
    write(module(root), 'claims = ["gradient", "identity"]')
    assert run(root)[1] == [*RESNET, *RENDER_RESNET, "typeset hw"]


def test_what_turns_out_the_same_is_neither_rendered_nor_typeset_again(root: Path) -> None:
    run(root)
    write(module(root), f"{MODULE}# a comment")
    assert run(root)[1] == [*RESNET, "assemble hw"]
    assert run(root)[1] == []


def test_a_changed_template_is_rendered_without_checking_anything_again(root: Path) -> None:
    run(root)
    write(root / "templates" / "hw" / "resnet.tex", "other prose")
    assert run(root)[1] == [*RENDER_RESNET, "typeset hw"]


def test_a_changed_frame_redoes_every_document_but_no_problem(root: Path) -> None:
    run(root)
    write(root / "templates" / "document.tex", "other frame")
    assert sorted(run(root)[1]) == sorted([*ALL_OF_DL[2:], *RENDER_HW, "typeset hw"])


def test_a_template_included_from_anywhere_counts_as_an_input(root: Path) -> None:
    write(root / "templates" / "_parts" / "hint.tex", "a hint")
    write(root / "templates" / "hw" / "resnet.tex", "include _parts/hint.tex")
    run(root)
    assert run(root)[1] == []
    write(root / "templates" / "_parts" / "hint.tex", "another hint")
    assert run(root)[1] == [*RENDER_RESNET, "typeset hw"]


@pytest.mark.parametrize(
    ("line", "redone"),
    [
        ("marks = false", []),
        ('[notation]\nloss = "E"', ["check hw/resnet", "check hw/jacobians"]),
    ],
)
def test_a_changed_set_toml_renders_its_set_and_checks_it_only_for_another_notation(
    root: Path, line: str, redone: list[str]
) -> None:
    run(root)
    with (root / "problems/hw/set.toml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert run(root)[1] == [*redone, *RENDER_HW]


@pytest.mark.parametrize("bytecode", [False, True], ids=["no byte code", "byte code"])
def test_a_private_module_that_a_problem_imports_counts_as_its_input(
    root: Path, bytecode: bool
) -> None:
    helper = root / "problems" / "hw" / "_shared.py"
    write(helper, "width = 3")
    write(module(root), 'from _shared import width\nclaims = ["a"] * width')
    if bytecode:
        import py_compile

        py_compile.compile(str(helper))
    run(root)
    assert run(root)[1] == []
    write(helper, "width = 22")
    assert run(root)[1] == [*RESNET, *RENDER_RESNET, "typeset hw"]


def test_a_file_that_a_figure_reads_counts_as_its_input(root: Path) -> None:
    data = root / "data" / "points.csv"
    write(data, "1,2")
    write(
        module(root),
        "from pathlib import Path\nclaims = []\ndef plot():\n"
        f"    Path({str(data)!r}).read_text()\n",
    )
    run(root)
    assert run(root)[1] == []
    write(data, "1,3")
    assert run(root)[1] == ["draw hw/resnet", "assemble hw"]


@pytest.mark.parametrize("asked", ["exists()", "is_file()", "is_dir()"])
def test_a_file_that_appears_where_a_problem_asked_for_one_makes_it_stale(
    root: Path, asked: str
) -> None:
    data = root / "data" / "points.csv"
    text = f"from pathlib import Path\nclaims = ['a' if Path({str(data)!r}).{asked} else 'b']"
    write(module(root), text)
    run(root)
    assert run(root)[1] == []
    write(data, "1,2")
    assert run(root)[1][:2] == RESNET
    assert run(root)[1] == []
    write(data, "1,3")
    assert run(root)[1][:2] == RESNET


def test_a_folder_that_a_problem_asked_for_makes_it_stale_when_it_is_gone(root: Path) -> None:
    folder = root / "data"
    write(folder / "points.csv", "1,2")
    write(module(root), f"import os\nclaims = ['a'] * os.path.isdir({str(folder)!r})")
    run(root)
    write(folder / "more.csv", "1,2")
    assert run(root)[1] == []
    folder.rename(root / "elsewhere")
    assert run(root)[1] == [*RESNET, *RENDER_RESNET, "typeset hw"]


def test_a_variable_of_the_environment_that_a_problem_reads_makes_it_stale(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(module(root), "import os\nclaims = [os.environ.get('COURSE', 'a')]")
    monkeypatch.setenv("COURSE", "")
    monkeypatch.delenv("COURSE")
    run(root)
    assert nothing_to_do(str(root), str(root / "output"))
    assert run(root)[1] == []
    monkeypatch.setenv("COURSE", "b")
    assert not nothing_to_do(str(root), str(root / "output"))
    (stale, _) = stale_stages(Survey(root, root / "output").plan("hw", (View.SOLUTIONS,)))
    assert stale.because == ("the variable COURSE changed",)
    assert run(root)[1] == [*RESNET, *RENDER_RESNET, "typeset hw"]
    assert run(root)[1] == []


def test_a_changed_file_of_tex_typesets_again_what_was_made_with_it(root: Path) -> None:
    write(root / "texmf" / "article.cls", "the page is wide")
    run(root)
    assert run(root)[1] == []
    write(root / "texmf" / "article.cls", "the page is narrow")
    assert sorted(run(root)[1]) == ["assemble dl", "assemble hw", "typeset dl", "typeset hw"]
    assert run(root)[1] == []


def test_a_target_redoes_nothing_else(root: Path) -> None:
    outcome, calls = run(root, "hw")
    assert calls == ALL_OF_HW
    assert outcome.pdfs == (root / "output" / "hw.pdf",)


def test_force_with_a_problem_redoes_that_problem_only(root: Path) -> None:
    run(root)
    assert run(root, "hw/resnet", force=True)[1] == [*RESNET, "assemble hw"]


@pytest.mark.parametrize(
    ("lost", "redone"),
    [
        ("hw.pdf", ["typeset hw"]),
        ("hw.tex", ["typeset hw"]),
        ("hw.json", []),
        ("hw-figures/resnet-plot.pdf", ["typeset hw"]),
    ],
)
def test_a_lost_or_damaged_output_is_made_again_without_checking_again(
    root: Path, lost: str, redone: list[str]
) -> None:
    run(root)
    good = (root / "output" / lost).read_bytes()
    (root / "output" / lost).write_bytes(b"damaged")
    assert run(root)[1] == ["assemble hw", *redone]
    assert (root / "output" / lost).read_bytes() == good
    (root / "output" / lost).unlink()
    assert run(root)[1] == ["assemble hw", *redone]
    assert (root / "output" / lost).read_bytes() == good


@pytest.mark.parametrize(
    ("lost", "redone"),
    [
        ("checked.json", "check hw/resnet"),
        ("checked.record", "check hw/resnet"),
        ("drawn.json", "draw hw/resnet"),
        ("drawn.record", "draw hw/resnet"),
        ("figures/plot.pdf", "draw hw/resnet"),
    ],
)
def test_what_is_stored_of_a_problem_is_never_used_damaged(
    root: Path, lost: str, redone: str
) -> None:
    run(root)
    stored = root / "output" / ".cache" / "problems" / "hw" / "resnet" / lost
    stored.write_bytes(b"damaged")
    assert run(root)[1] == [redone, "assemble hw"]
    stored.unlink()
    assert run(root)[1] == [redone, "assemble hw"]


@pytest.mark.parametrize("lost", ["solutions.fragment.json", "solutions.fragment.record"])
def test_a_stored_fragment_is_never_used_damaged(root: Path, lost: str) -> None:
    run(root)
    stored = root / "output" / ".cache" / "problems" / "hw" / "resnet" / lost
    stored.write_bytes(b"damaged")
    write(root / "templates" / "hw" / "jacobians.tex", "other prose")
    assert run(root)[1] == [*RENDER_HW, "typeset hw"]


@pytest.mark.parametrize("stage", ["rendered", "typeset"])
def test_a_record_of_a_document_edited_by_hand_is_no_record(root: Path, stage: str) -> None:
    run(root)
    record = root / "output" / ".cache" / "documents" / "hw" / f"solutions.{stage}.record"
    record.write_bytes(record.read_bytes().replace(b"hw", b"HW"))
    redone = ["typeset hw"] if stage == "typeset" else []
    assert run(root)[1] == ["assemble hw", *redone]


def test_a_copied_course_is_as_fresh_as_the_original(root: Path, tmp_path: Path) -> None:
    run(root)
    copy = tmp_path / "copy"
    copy.mkdir()
    for part in ("problems", "templates", "output"):
        os.rename(root / part, copy / part)
    assert run(copy)[1] == []
    write(copy / "templates" / "hw" / "resnet.tex", "other prose")
    assert run(copy)[1] == [*RENDER_HW, "typeset hw"]


def test_all_views_come_from_one_check(root: Path) -> None:
    outcome, calls = run(root, "dl", views=tuple(View))
    assert [call for call in calls if call.startswith("check")] == ["check dl/softmax"]
    assert [pdf.name for pdf in outcome.pdfs] == ["dl-questions.pdf", "dl.pdf", "dl-key.pdf"]
    assert run(root, "dl")[1] == []


def test_every_view_has_the_ledger_of_the_solutions(root: Path) -> None:
    write(root / "templates" / "dl" / "softmax.tex", "prose\n$$a = b$$")
    run(root, "dl", views=(View.QUESTIONS,))
    ledger = json.loads((root / "output" / "dl.json").read_text(encoding="utf-8"))
    assert ledger["coverage"] == {"formulas_displayed": 1, "formulas_checked": 0}


def test_what_earlier_builds_made_of_a_deleted_set_is_removed(root: Path) -> None:
    run(root, views=tuple(View))
    for folder in ("problems", "templates"):
        os.rename(root / folder / "hw", root / f"gone-{folder}")
    run(root)
    assert names(root) == [
        *("dl-figures", "dl-key.pdf", "dl-key.tex", "dl-questions.pdf", "dl-questions.tex"),
        *("dl.json", "dl.pdf", "dl.tex"),
    ]


# -------------------------------------------------------------------------------- failures


def test_a_false_claim_leaves_the_old_pdf_and_the_other_sets_are_built(root: Path) -> None:
    run(root, "hw")
    old = (root / "output" / "hw.pdf").read_bytes()
    write(module(root), 'claims = ["false"]')
    outcome, calls = run(root)
    (error,) = outcome.errors
    assert error.exit_code == 1
    assert error.place == Place(module(root), 1)
    assert outcome.pdfs == (root / "output" / "dl.pdf",)
    assert (root / "output" / "hw.pdf").read_bytes() == old
    assert "typeset hw" not in calls


def test_a_failure_is_not_forgotten(root: Path) -> None:
    write(module(root), 'claims = ["false"]')
    run(root)
    outcome, calls = run(root)
    assert len(outcome.errors) == 1
    assert calls == ["check hw/resnet"]


def test_every_problem_that_fails_is_reported(root: Path) -> None:
    write(module(root), 'claims = ["false"]')
    write(module(root, "jacobians"), "1 / 0")
    outcome, _ = run(root)
    assert [error.exit_code for error in outcome.errors] == [1, 3]


def test_a_tex_error_keeps_its_place_and_the_old_pdf(root: Path) -> None:
    run(root)
    old = (root / "output" / "hw.pdf").read_bytes()
    template = root / "templates" / "hw" / "resnet.tex"
    write(template, r"\broken")
    outcome, _ = run(root)
    (error,) = outcome.errors
    assert (error.exit_code, error.place) == (4, Place(template, 1))
    assert (root / "output" / "hw.pdf").read_bytes() == old


def test_a_set_that_contradicts_itself_does_not_keep_the_others_from_being_built(
    root: Path,
) -> None:
    (root / "templates" / "hw" / "resnet.tex").unlink()
    outcome, _ = run(root)
    assert outcome.pdfs == (root / "output" / "dl.pdf",)
    assert [error.exit_code for error in outcome.errors] == [3]


def test_strict_refuses_an_unchecked_claim_also_when_all_is_fresh(root: Path) -> None:
    write(module(root), 'claims = ["unchecked"]')
    assert run(root)[0].errors == ()
    (error,) = run(root, strict=True)[0].errors
    assert (error.exit_code, error.code) == (1, "unchecked")
    assert error.message == "the claim hw/resnet/unchecked is unchecked"


def test_strict_refuses_a_formula_that_no_claim_covers_at_its_line(root: Path) -> None:
    run(root)
    template = root / "templates" / "dl" / "softmax.tex"
    write(template, "prose\n$$c = d$$")
    (error,) = run(root, "dl", strict=True)[0].errors
    assert (error.got, error.place) == ("c = d", Place(template, 2))


def test_a_bug_of_the_engine_is_reported_as_such(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(self: Workshop, *arguments: object) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(Workshop, "render", buggy)
    outcome, _ = run(root, "dl")
    (error,) = outcome.errors
    assert isinstance(error, InternalError)
    assert error.message == "LookupError: no such thing"


def test_a_full_disk_is_the_fault_of_the_machine(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Workshop, *arguments: object) -> None:
        raise OSError(28, "No space left on device", "hw.pdf")

    monkeypatch.setattr(Workshop, "typeset", full)
    outcome, _ = run(root, "dl")
    (error,) = outcome.errors
    assert isinstance(error, EnvironmentFault)
    assert error.message == "hw.pdf: the disk is full"
