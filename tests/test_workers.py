"""Workers: forked copies that do one task each, and what becomes of the ones that fail."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from course import MODULE, write, write_set
from test_pipeline import module, run

from solutionset.building.profile import Moment, Profile
from solutionset.building.workers import Ended, Task, Workers, longest_first
from solutionset.errors import AuthorError, ClaimError, InternalError, Place

REPOSITORY = Path(__file__).parent.parent
PLACE = Place(Path("problems/hw/a.py"), 7)


def ended(*tasks: Task, jobs: int = 2, heard: list[Moment] | None = None) -> list[Ended]:
    """Run tasks; return how they ended, in the order in which they did."""
    moments = [] if heard is None else heard
    with Workers(jobs, Path(__file__).parent, moments.append) as workers:
        for task in tasks:
            workers.add(task)
        return list(workers.ended())


def test_a_task_returns_its_value_and_tells_its_stages() -> None:
    def work(tell):
        tell("hw/a", "solving")
        tell("hw/a", "checking")
        return {"claims": 3}

    heard: list[Moment] = []
    (one,) = ended(Task("hw/a", work), heard=heard)
    assert (one.value, one.errors) == ({"claims": 3}, ())
    assert [(moment.name, moment.stage) for moment in heard] == [
        *(("hw/a", "solving"), ("hw/a", "checking"), ("hw/a", "")),
    ]


def test_an_answer_larger_than_a_pipe_holds_arrives_whole() -> None:
    (one,) = ended(Task("hw/a", lambda tell: "x" * 10**6))
    assert len(one.value) == 10**6


def test_every_task_starts_from_the_state_of_the_parent() -> None:
    state: list[int] = []

    def work(tell):
        state.append(1)
        return len(state)

    assert [one.value for one in ended(*[Task(str(n), work) for n in range(5)])] == [1] * 5


def test_every_task_works_in_the_folder_of_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (one,) = ended(Task("a", lambda tell: os.getcwd()))
    assert one.value == str(Path(__file__).parent)


def test_no_more_run_at_a_time_than_allowed(tmp_path: Path) -> None:
    def work(tell):
        mine = tmp_path / str(os.getpid())
        mine.touch()
        time.sleep(0.02)
        together = len(list(tmp_path.iterdir()))
        mine.unlink()
        return together

    counts = [one.value for one in ended(*[Task(str(n), work) for n in range(8)], jobs=3)]
    assert 1 < max(counts) <= 3


@pytest.mark.parametrize(("jobs", "order"), [(1, "abc"), (2, "bca")])
def test_several_workers_begin_with_the_largest_modules(
    tmp_path: Path, jobs: int, order: str
) -> None:
    tasks = []
    for name, size in (("a", 1), ("b", 300), ("c", 20)):
        write(tmp_path / name, "x" * size)
        tasks.append(Task(name, lambda tell: None, Place(tmp_path / name)))
    assert "".join(task.name for task in longest_first(tasks, jobs)) == order


def test_an_error_of_an_author_comes_back_as_it_was_raised() -> None:
    error = ClaimError(
        "no", code="claim", place=PLACE, got="1", wanted="2", advice="3", details=("4",)
    )

    def work(tell):
        raise error

    ((back,),) = [one.errors for one in ended(Task("hw/a", work))]
    assert (type(back), str(back)) == (ClaimError, str(error))


@pytest.mark.parametrize("raised", [SystemExit(3), GeneratorExit(), BaseException("no")])
def test_an_exit_of_a_module_while_it_solves_is_an_error_of_its_author(
    raised: BaseException,
) -> None:
    def work(tell):
        raise raised

    ((back,),) = [one.errors for one in ended(Task("hw/a", work, PLACE))]
    assert (type(back), back.place) == (AuthorError, PLACE)


def test_a_bug_comes_back_with_the_traceback_of_the_worker() -> None:
    def buggy(tell):
        raise LookupError("no such thing")

    ((back,),) = [one.errors for one in ended(Task("hw/a", buggy))]
    assert isinstance(back, InternalError)
    assert "in buggy" in "".join(back.__notes__)


def test_a_worker_that_dies_is_named_and_its_task_tried_once_more(tmp_path: Path) -> None:
    def work(tell):
        if not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    heard: list[Moment] = []
    (one,) = ended(Task("hw/a", work), heard=heard)
    assert one.value == "done"
    assert (heard[0].name, heard[0].stage) == (
        "hw/a",
        "the worker died by SIGKILL; trying once more",
    )


@pytest.mark.parametrize(
    ("death", "how"),
    [
        (lambda tell: os.kill(os.getpid(), signal.SIGKILL), "an end by SIGKILL"),
        (lambda tell: os._exit(3), "an end with exit status 3"),
        (lambda tell: lambda: None, "an end with exit status 1"),
    ],
    ids=["killed", "left", "unsendable"],
)
def test_a_worker_that_dies_twice_is_reported_and_the_others_go_on(death: object, how: str) -> None:
    tasks = Task("hw/a", death, PLACE), Task("hw/b", lambda tell: 1)  # type: ignore[arg-type]
    results = {one.task.name: one for one in ended(*tasks)}
    (error,) = results["hw/a"].errors
    assert error.message == "the worker for hw/a died twice"
    assert (error.got, error.place, error.exit_code) == (how, PLACE, 5)
    assert results["hw/b"].value == 1


def test_a_set_with_a_dead_worker_is_built_all_the_same(tmp_path: Path) -> None:
    write_set(tmp_path, "hw", resnet=MODULE)
    died = str(tmp_path / "died")
    write(
        module(tmp_path),
        f"import os\nif not os.path.exists({died!r}):\n"
        f"    os.close(os.open({died!r}, os.O_CREAT | os.O_EXCL))\n    os.kill(os.getpid(), 9)\n"
        "claims = []\n",
    )
    outcome, _ = run(tmp_path)
    assert (outcome.errors, len(outcome.pdfs)) == ((), 1)


def test_an_interruption_stops_all_workers() -> None:
    def interrupted(tell):
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ended(Task("hw/a", lambda tell: time.sleep(60)), Task("hw/b", interrupted))
    assert time.monotonic() - began < 30


ORPHAN = """
import sys, time
from pathlib import Path
from solutionset.building.workers import Task, Workers
def work(tell):
    try:
        print("at work", file=sys.stderr, flush=True)
        time.sleep(60)
    finally:
        Path(sys.argv[1]).touch()
with Workers(1, Path("/"), lambda moment: None) as workers:
    workers.add(Task("hw/a", work))
    list(workers.ended())
"""


def test_a_worker_ends_in_good_order_when_its_parent_is_killed(tmp_path: Path) -> None:
    tidied = tmp_path / "tidied"
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(tidied)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert parent.stderr is not None
    with parent.stderr:
        parent.stderr.readline()  # the worker is at work
        parent.kill()
        parent.wait()
        parent.stderr.read()  # until the worker has closed it as well, by ending
    assert tidied.exists()


# --------------------------------------------------------------------------------- profile


def test_a_profile_tells_wall_and_cpu_time_of_each_stage_of_each_process() -> None:
    profile = Profile()
    for now in (
        Moment(1, "hw/a", "solving", at=10.0, cpu=1.0, memory=5_000_000),
        Moment(2, "hw/b", "solving", at=10.5, cpu=0.0, memory=5_000_000),
        Moment(1, "hw/a", "checking", at=11.0, cpu=1.5, memory=6_000_000),
        Moment(1, "hw/a", "", at=13.0, cpu=3.5, memory=7_000_000),
        Moment(2, "hw/b", "", at=11.5, cpu=0.75, memory=6_000_000),
    ):
        profile.hear(now)
    table = profile.table()
    assert table["stages"] == {
        "solving": {"seconds": 2.0, "cpu": 1.25},
        "checking": {"seconds": 2.0, "cpu": 2.0},
    }
    assert (table["seconds"], table["cpu"], table["memory_mb"]) == (3.0, 3.25, 7)
    spans = table["spans"]
    assert isinstance(spans, list)
    assert [(span["name"], span["stage"], span["began"]) for span in spans] == [
        *(("hw/a", "solving", 0.0), ("hw/b", "solving", 0.5), ("hw/a", "checking", 1.0)),
    ]
