"""What a problem reads is heard, whatever way it takes to read it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from course import write

from solutionset.building.contents import ABSENT, FOLDER, VARIABLE, digest_bytes, digest_path
from solutionset.building.load import run_module
from solutionset.building.observe import Observer, merged
from solutionset.model import Entry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with a module, data and an output folder."""
    root = tmp_path / "course"
    write(root / "problems/hw/resnet.py", "")
    write(root / "data/points.csv", "1,2")
    write(root / "output/hw.pdf", "pdf")
    return root


def inputs_of(root: Path, work: Callable[[], object]) -> dict[str, str]:
    """The inputs of a piece of work done in this process."""
    with Observer(root, apart=(root / "output",)).watching() as reads:
        work()
    return reads.inputs(str(root))


def inputs_of_module(root: Path, text: str) -> dict[str, str]:
    """The inputs of a module of that text, without the module itself."""
    module = root / "problems/hw/resnet.py"
    write(module, text)
    entry = Entry("hw", "resnet", module, module)
    inputs = inputs_of(root, lambda: run_module(entry))
    assert inputs.pop("problems/hw/resnet.py") == digest_path(str(module))
    return inputs


def key(text: str) -> str:
    return digest_bytes(text.encode())


def test_a_file_that_is_opened_is_an_input_by_its_content(root: Path) -> None:
    text = f"open({str(root / 'data/points.csv')!r}).close()"
    assert inputs_of_module(root, text) == {"data/points.csv": key("1,2")}


def test_a_file_outside_the_course_is_an_input_by_its_full_name(root: Path) -> None:
    data = root.parent / "shared.csv"
    write(data, "3")
    assert inputs_of_module(root, f"open({str(data)!r}).close()") == {str(data): key("3")}


def test_that_a_file_was_not_there_is_an_input(root: Path) -> None:
    data = str(root / "data/more.csv")
    text = f"try:\n    open({data!r})\nexcept FileNotFoundError:\n    pass\n"
    assert inputs_of_module(root, text) == {"data/more.csv": ABSENT}


def test_that_no_private_module_shadows_an_installed_one_is_an_input(root: Path) -> None:
    sys.modules.pop("_colorize_of_no_one", None)
    text = "try:\n    import _colorize_of_no_one\nexcept ModuleNotFoundError:\n    pass\n"
    assert inputs_of_module(root, text) == {"problems/hw/_colorize_of_no_one.py": ABSENT}


def test_a_private_module_is_read_from_its_source_though_its_byte_code_is_newer(
    root: Path,
) -> None:
    import py_compile

    helper = root / "problems/hw/_helper.py"
    write(helper, "n = 1")
    before = helper.stat()
    py_compile.compile(str(helper))
    write(helper, "n = 2")
    os.utime(helper, ns=(before.st_atime_ns, before.st_mtime_ns))
    inputs = inputs_of_module(root, "from _helper import n\nassert n == 2")
    assert inputs == {"problems/hw/_helper.py": key("n = 2")}


@pytest.mark.parametrize(
    "text", ["os.listdir(folder)", "list(os.scandir(folder))", "list(Path(folder).glob('*'))"]
)
def test_a_folder_that_is_listed_is_an_input_by_its_names(root: Path, text: str) -> None:
    folder = str(root / "data")
    program = f"import os\nfrom pathlib import Path\nfolder = {folder!r}\n{text}"
    inputs = inputs_of_module(root, program)
    inputs.pop("data/", "")  # `glob` asks first whether it is a folder
    assert inputs == {"data": key("points.csv")}


ASKING = (
    "Path(path).exists()",
    "Path(path).is_file()",
    "Path(path).is_dir()",
    "Path(path).is_symlink()",
    "os.path.exists(path)",
    "os.path.isfile(path)",
    "os.path.isdir(path)",
    "os.path.lexists(path)",
    "os.access(path, os.R_OK)",
    "glob.glob(path)",
)
MEASURING = ("Path(path).stat().st_size", "os.path.getsize(path)", "os.stat(path).st_size")


def asked(root: Path, name: str, question: str) -> dict[str, str]:
    """The inputs of a module that asks something about a path in the course."""
    path = str(root / name)
    text = f"import glob, os\nfrom pathlib import Path\npath = {path!r}\n{question}"
    return inputs_of_module(root, text)


@pytest.mark.parametrize("name", ["more", "points"])
def test_whether_a_pattern_without_wild_cards_fits_is_an_input(root: Path, name: str) -> None:
    inputs = asked(root, f"data/{name}.csv", "list(Path(path).parent.glob(Path(path).name))")
    assert {"data", f"data/{name}.csv"} & inputs.keys()  # Python 3.12 lists the folder


@pytest.mark.parametrize("question", ASKING)
def test_whether_a_file_is_there_is_an_input(root: Path, question: str) -> None:
    assert asked(root, "data/more.csv", question) == {"data/more.csv": ABSENT}


@pytest.mark.parametrize("question", ASKING + MEASURING)
def test_what_is_asked_of_a_file_is_an_input_by_its_content(root: Path, question: str) -> None:
    assert asked(root, "data/points.csv", question) == {"data/points.csv": key("1,2")}


@pytest.mark.parametrize("question", ASKING)
def test_that_a_folder_is_there_is_an_input_but_not_what_it_holds(
    root: Path, question: str
) -> None:
    assert asked(root, "data", question) == {"data/": FOLDER}
    folder = root / "data"
    write(folder / "more.csv", "")
    assert digest_path(f"{folder}/") == FOLDER
    folder.rename(root / "elsewhere")
    assert digest_path(f"{folder}/") == ABSENT
    write(folder, "a file")
    assert digest_path(f"{folder}/") == ABSENT


@pytest.mark.parametrize("name", [".", "..", "../.."])
def test_that_the_course_itself_is_there_is_no_input(root: Path, name: str) -> None:
    assert asked(root, name, "os.path.isdir(os.path.abspath(path))") == {}


def test_questions_of_the_engine_are_no_inputs(root: Path) -> None:
    assert inputs_of(root, (root / "data/more.csv").exists) == {}


def test_a_pipe_that_is_asked_about_is_never_fresh_and_not_read(root: Path) -> None:
    os.mkfifo(root / "data/pipe")
    assert asked(root, "data/pipe", "os.path.exists(path)") == {"data/pipe": ""}


def test_a_folder_that_the_problem_makes_itself_is_no_input(root: Path) -> None:
    question = "Path(path).mkdir(exist_ok=True); os.listdir(path); Path(path).is_dir()"
    for _ in range(2):
        assert asked(root, "data/made", question) == {}


def test_a_temporary_folder_is_no_input(root: Path) -> None:
    text = "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    pass"
    inputs_of_module(root, text)  # looks for the place where they are, once a process
    assert inputs_of_module(root, text) == {}


def test_a_link_is_copied_as_ever_while_questions_are_heard(root: Path) -> None:
    (root / "data/link.csv").symlink_to("points.csv")
    question = "import shutil; shutil.copy2(path, path + '.copy', follow_symlinks=False)"
    asked(root, "data/link.csv", question)
    assert (root / "data/link.csv.copy").is_symlink()
    assert os.stat in os.supports_follow_symlinks


READING = (
    "os.environ.get('COURSE')",
    "os.getenv('COURSE')",
    "'COURSE' in os.environ",
    "dict(os.environ)",
    "os.environb.get(b'COURSE')",
    "os.environ.setdefault('COURSE', '1')",
)


@pytest.mark.parametrize("text", READING)
@pytest.mark.parametrize("value", ["", "5"])
def test_a_variable_of_the_environment_that_is_read_is_an_input(
    root: Path, monkeypatch: pytest.MonkeyPatch, text: str, value: str
) -> None:
    monkeypatch.setenv("COURSE", value)
    assert inputs_of_module(root, f"import os\n{text}")[f"{VARIABLE}COURSE"] == key(value)


@pytest.mark.parametrize("text", [one for one in READING if "dict" not in one])
def test_that_a_variable_is_not_set_is_an_input(
    root: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("COURSE", "")
    monkeypatch.delenv("COURSE")
    assert inputs_of_module(root, f"import os\n{text}") == {f"{VARIABLE}COURSE": "unset"}


def test_a_variable_that_the_problem_sets_itself_is_no_input(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE", "5")
    text = "import os\nos.environ['COURSE'] = '6'\nos.environ['COURSE']"
    assert inputs_of_module(root, text) == {}


def test_a_variable_that_a_package_reads_is_no_input(root: Path) -> None:
    text = "import os.path, tempfile\nos.path.expanduser('~')\ntempfile._candidate_tempdir_list()"
    assert not [name for name in inputs_of_module(root, text) if name[0] == VARIABLE]


def test_a_file_edited_while_it_is_read_is_never_fresh(root: Path) -> None:
    data = root / "data/points.csv"

    def read_and_edit() -> None:
        data.read_text()
        with data.open("r+") as file:
            file.write("9")

    assert inputs_of(root, read_and_edit) == {"data/points.csv": ""}


def test_a_file_that_the_problem_writes_itself_is_no_input(root: Path) -> None:
    data = root / "data/made.csv"

    def write_and_read() -> None:
        data.write_text("x")
        data.read_text()

    assert inputs_of(root, write_and_read) == {}


def test_a_file_that_the_problem_appends_to_is_never_fresh(root: Path) -> None:
    data = root / "data/points.csv"

    def append_and_read() -> None:
        with data.open("a") as file:
            file.write("x")
        data.read_text()

    assert inputs_of(root, append_and_read) == {"data/points.csv": ""}


def test_a_link_is_an_input_by_its_own_name(root: Path) -> None:
    link = root / "data/link.csv"
    link.symlink_to("points.csv")
    assert inputs_of(root, link.read_text) == {"data/link.csv": key("1,2")}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import subprocess\nsubprocess.run(['true'], check=True)", "a program that it runs"),
        ("import os\nos.system('true')", "a program that it runs"),
        ("import sqlite3\nsqlite3.connect(':memory:').close()", "a database"),
    ],
)
def test_what_reads_without_being_heard_is_never_fresh(root: Path, text: str, what: str) -> None:
    assert inputs_of_module(root, text)[what] == ""


def test_what_the_engine_itself_runs_does_not_count(root: Path) -> None:
    assert inputs_of(root, lambda: subprocess.run(["true"], check=True)) == {}


def test_neither_outputs_nor_python_itself_are_inputs(root: Path) -> None:
    files = [root / "output/hw.pdf", Path(os.__file__), Path(digest_path.__code__.co_filename)]
    assert inputs_of(root, lambda: [file.read_bytes() for file in files]) == {}


@pytest.mark.parametrize("prefix", [".", ".."])
def test_a_course_may_lie_in_the_folder_of_a_python(
    root: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setattr(sys, "prefix", str(root / prefix))
    outside = root.parent / "lib/package.py"
    write(outside, "")
    text = f"import os\nos.stat({str(root / 'data/points.csv')!r})\nos.stat({str(outside)!r})"
    found = {"data/points.csv": key("1,2")}
    if prefix == ".":
        found[str(outside)] = key("")
    assert inputs_of_module(root, text) == found


def test_a_python_may_lie_in_the_course(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    write(root / ".venv/lib/package.py", "")
    (root / "link.py").symlink_to(".venv/lib/package.py")
    assert inputs_of(root, (root / "link.py").read_text) == {}


def test_a_file_that_two_pieces_of_work_saw_differently_is_never_fresh() -> None:
    assert merged({"a": "1", "b": "2"}, {"a": "1", "b": "3"}) == {"a": "1", "b": ""}
