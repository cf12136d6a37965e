"""find: what the folders of a course say, and every way in which they can contradict themselves."""

from pathlib import Path

import pytest
from course import MODULE, SET_TOML, write, write_set

from solutionset.building.find import find, find_set
from solutionset.building.targets import Scope, resolve
from solutionset.errors import AuthorError, Failures, Place, SolutionSetError, UsageError
from solutionset.model import NotationChoice


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with one good set of two problems."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    return tmp_path


def the_error(root: Path) -> SolutionSetError:
    """The one thing that is wrong with the course."""
    with pytest.raises(Failures) as caught:
        find(root)
    (error,) = caught.value.errors
    assert isinstance(error, AuthorError)
    return error


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def toml(root: Path) -> Path:
    return root / "problems" / "hw" / "set.toml"


def test_a_set_lists_its_problems_in_the_order_of_set_toml(root: Path) -> None:
    (entry,) = find(root)
    assert entry.slug == "hw"
    assert [problem.name for problem in entry.problems] == ["hw/resnet", "hw/jacobians"]
    assert entry.problems[0].module == root / "problems" / "hw" / "resnet.py"
    assert entry.problems[0].template == root / "templates" / "hw" / "resnet.tex"


def test_optional_keys_have_their_defaults(root: Path) -> None:
    config = find_set(root, "hw").config
    assert (config.introduction, config.macros, config.marks) == ("", (), True)
    assert config.notation == NotationChoice()


def test_optional_keys_are_read(root: Path) -> None:
    with toml(root).open("a", encoding="utf-8") as file:
        file.write('marks = false\n[macros]\nR = "\\\\mathbb{R}"\n[notation]\nloss = "J"\n')
    config = find_set(root, "hw").config
    assert config.marks is False
    assert config.macros == (("R", r"\mathbb{R}"),)
    assert config.notation == NotationChoice(loss="J")


def test_a_misspelt_key_is_named_with_its_line_and_the_nearest_key(root: Path) -> None:
    edit(toml(root), "language =", "langauge =")
    with pytest.raises(Failures) as caught:
        find(root)
    misspelt, missing = caught.value.errors
    assert misspelt.place == Place(toml(root), 5)
    assert misspelt.code == "set-toml"
    assert misspelt.advice == "did you mean language?"
    assert missing.message == "the key language is missing"


def test_a_misspelt_key_of_a_table_is_found_under_its_header(root: Path) -> None:
    with toml(root).open("a", encoding="utf-8") as file:
        file.write('[macros]\nbald = "x"\n[notation]\nbald = "all"\n')
    error = the_error(root)
    assert error.message == "unknown key bald in [notation]"
    assert error.place == Place(toml(root), 12)
    assert error.advice == "did you mean bold?"


def test_a_notation_that_does_not_exist_is_named_at_its_line(root: Path) -> None:
    with toml(root).open("a", encoding="utf-8") as file:
        file.write('[notation]\nbold = "vector"\n')
    error = the_error(root)
    assert error.message == "the key notation.bold has a value that does not exist"
    assert error.place == Place(toml(root), 10)
    assert error.wanted == "one of all, vectors, none"
    assert error.advice == "did you mean vectors?"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('date = "2025"', "date = 2025", 4, "the key date has a value of the wrong kind"),
        ('date = "2025"', "date = 2025-01-31", 4, "the key date has a value of the wrong kind"),
        ('course = "Algebra"', 'course = " "', 2, "the key course is empty"),
        ('"resnet", ', "7, ", 8, "7 cannot name a problem"),
        ('"resnet", ', '"Res-Net", ', 8, "'Res-Net' cannot name a problem"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(
    root: Path, old: str, new: str, line: int, message: str
) -> None:
    edit(toml(root), old, new)
    assert the_error(root).message == message
    assert the_error(root).place == Place(toml(root), line)


def test_a_syntax_error_in_set_toml_is_named_with_its_line(root: Path) -> None:
    edit(toml(root), 'author = "A. Author"', "author = A. Author")
    assert the_error(root).place == Place(toml(root), 3)


def test_a_set_without_problems_is_an_error(root: Path) -> None:
    write_set(root, "empty")
    error = the_error(root)
    assert error.message == "the set has no problems"
    assert error.place == Place(root / "problems" / "empty" / "set.toml", 8)


def test_a_folder_without_set_toml_is_an_error(root: Path) -> None:
    toml(root).unlink()
    assert the_error(root).message == "the folder has no set.toml"


def test_a_problem_listed_twice_is_named_at_the_second_mention(root: Path) -> None:
    edit(toml(root), '"jacobians"]', '"jacobians",\n  "resnet"]')
    error = the_error(root)
    assert error.message == "the problem resnet is listed twice"
    assert error.place == Place(toml(root), 9)


def test_a_listed_problem_without_module_is_named_with_the_nearest_module(root: Path) -> None:
    edit(toml(root), '"resnet"', '"resnets", "resnet"')
    error = the_error(root)
    assert error.message == "the problem resnets has no module"
    assert error.place == Place(toml(root), 8)
    assert error.advice == "did you mean resnet?"


def test_a_module_that_is_not_listed_is_an_error_at_the_module(root: Path) -> None:
    edit(toml(root), ', "jacobians"', "")
    error = the_error(root)
    assert error.message == "the problem jacobians is not listed in its set"
    assert error.place == Place(root / "problems" / "hw" / "jacobians.py")


def test_a_module_whose_name_begins_with_underscore_is_no_problem(root: Path) -> None:
    write(root / "problems" / "hw" / "_shared.py", "")
    assert len(find_set(root, "hw").problems) == 2


def test_a_problem_without_template_is_an_error_that_names_the_file(root: Path) -> None:
    (root / "templates" / "hw" / "resnet.tex").unlink()
    error = the_error(root)
    assert error.message == "the problem resnet has no template"
    assert error.wanted == str(root / "templates" / "hw" / "resnet.tex")


def test_a_template_without_problem_is_an_error_at_the_template(root: Path) -> None:
    write(root / "templates" / "hw" / "extra.tex", "")
    error = the_error(root)
    assert error.message == "the template extra belongs to no problem"
    assert error.place == Place(root / "templates" / "hw" / "extra.tex")


def test_a_folder_of_templates_without_set_is_an_error(root: Path) -> None:
    write(root / "templates" / "wh" / "resnet.tex", "")
    error = the_error(root)
    assert error.place == Place(root / "templates" / "wh")
    assert error.advice == "did you mean hw?"


def test_a_file_that_is_not_utf8_is_named_with_the_line_of_the_first_bad_byte(root: Path) -> None:
    toml(root).write_bytes(SET_TOML.replace("A. Author", "Ü").encode("latin-1"))
    error = the_error(root)
    assert error.code == "encoding"
    assert error.place == Place(toml(root), 3)
    assert error.got == "the byte 0xdc"


def test_errors_of_all_sets_are_reported_together(root: Path) -> None:
    write_set(root, "empty")
    toml(root).unlink()
    with pytest.raises(Failures) as caught:
        find(root)
    assert len(caught.value.errors) == 2


# --------------------------------------------------------------------------------- targets


@pytest.fixture
def two_sets(root: Path) -> Path:
    """A course of two sets that share the slug resnet."""
    write_set(root, "dl", resnet=MODULE, softmax=MODULE)
    return root


@pytest.mark.parametrize(
    ("target", "scope"),
    [
        ("hw", Scope("hw")),
        ("hw/", Scope("hw")),
        ("hw/resnet", Scope("hw", "resnet")),
        ("hw/resnet/grad_V", Scope("hw", "resnet", "grad_V")),
        ("softmax", Scope("dl", "softmax")),
    ],
)
def test_a_target_is_a_set_a_problem_a_claim_or_an_unambiguous_slug(
    two_sets: Path, target: str, scope: Scope
) -> None:
    assert resolve((target,), two_sets) == (scope,)


def test_no_target_means_every_set(two_sets: Path) -> None:
    assert resolve((), two_sets) == (Scope("dl"), Scope("hw"))


def test_an_ambiguous_slug_lists_what_it_could_mean(two_sets: Path) -> None:
    with pytest.raises(UsageError, match="ambiguous") as caught:
        resolve(("resnet",), two_sets)
    assert caught.value.wanted == "dl/resnet or hw/resnet"


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("softmx", "did you mean softmax or dl/softmax?"),
        ("hw/jacobian", "did you mean hw/jacobians?"),
        ("hv/jacobians", "did you mean hw/jacobians?"),
        ("chek", "did you mean check?"),
    ],
)
def test_an_unknown_target_names_the_nearest(two_sets: Path, target: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve((target,), two_sets)
    assert caught.value.advice == advice
    assert "hw/jacobians" in caught.value.wanted


def test_a_course_without_sets_is_an_error_that_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no sets"):
        resolve((), tmp_path)
