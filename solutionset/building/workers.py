"""Work in forked copies of this process, a bounded number at a time.

A worker has all that its parent has imported, costs a few milliseconds, and starts each time from
the same state, so that results depend neither on their order nor on how many there are. It talks
to the parent through a pipe, and ends when the parent does, however that ends.
"""

import fcntl
import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

from solutionset.building.faults import author_place, explain, python_error
from solutionset.building.profile import Moment, moment
from solutionset.errors import EnvironmentFault, InternalError, Place, SolutionSetError

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGIO)
_GRACE = 3.0  # seconds for a worker to stop TeX and to go
_CHUNK = 1 << 16


def usable_cpus() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


def bound_environment() -> None:
    """Make workers alike, whoever starts them: one thread each, one time zone, no window.

    To be called before NumPy is imported, which asks only then. Threads of its own would disturb
    the other workers, change the last digits of results, and double the time of the import.
    """
    for name in ("OPENBLAS", "OMP", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ["MPLBACKEND"] = "agg"
    os.environ["TZ"] = "UTC"
    time.tzset()


@dataclass(frozen=True)
class Task:
    """A piece of work; it is handed a function that hears of its stages, "name" and "stage".

    `place` is the file worked on, for errors that know no closer one.
    """

    name: str
    work: Callable[[Callable[[str, str], None]], object]
    place: Place | None = None


def longest_first(tasks: list[Task], jobs: int) -> list[Task]:
    """Return tasks in the order in which several workers are done soonest, one by one as they are.

    A long one that comes last would run alone. How long is not known; large files take longer.
    """
    sizes = {task.name: task.place.path.stat().st_size for task in tasks if task.place}
    return tasks if jobs == 1 else sorted(tasks, key=lambda task: -sizes.get(task.name, 0))


@dataclass(frozen=True)
class Ended:
    """A task that has come to its end: what it returned, or the errors that it raised."""

    task: Task
    value: Any
    errors: tuple[SolutionSetError, ...]


class _Worker:
    """A forked process at work on a task."""

    def __init__(self, task: Task, attempt: int, pid: int, pipe: int, lifeline: int) -> None:
        self.task = task
        self.attempt = attempt
        self.pid = pid
        self.pipe = pipe
        self.lifeline = lifeline
        self.unread = bytearray()

    def close(self) -> None:
        """Let go of both pipes."""
        os.close(self.pipe)
        os.close(self.lifeline)

    def messages(self) -> Iterator[Any]:
        """Yield the messages that have arrived whole."""
        while len(self.unread) >= 8:
            end = 8 + int.from_bytes(self.unread[:8], "big")
            if len(self.unread) < end:
                return
            yield pickle.loads(self.unread[8:end])
            del self.unread[:end]


class Workers:
    """Runs tasks in the order in which they were added; to be used in a `with`.

    `hear` is told of each stage of each task. Leaving the block stops whatever still runs.
    """

    def __init__(self, jobs: int, root: Path, hear: Callable[[Moment], None]) -> None:
        self._jobs = jobs
        self._root = root
        self._hear = hear
        self._waiting: deque[tuple[Task, int]] = deque()
        self._running: dict[int, _Worker] = {}
        self._ended: deque[Ended] = deque()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def add(self, task: Task, *, first: bool = False) -> None:
        """Add a task behind those that wait, or before them."""
        if first:
            self._waiting.appendleft((task, 1))
        else:
            self._waiting.append((task, 1))

    def start(self) -> None:
        """Start as many of the waiting tasks as may run, without waiting for any."""
        while self._waiting and len(self._running) < self._jobs:
            self._fork(*self._waiting.popleft())

    def ended(self) -> Iterator[Ended]:
        """Yield the tasks as they end; more may be added meanwhile."""
        while self._waiting or self._running or self._ended:
            self.start()
            if not self._ended:
                ready, _, _ = select.select(list(self._running), [], [])
                for pipe in ready:
                    self._read(self._running[pipe])
            while self._ended:
                yield self._ended.popleft()

    # --------------------------------------------------------------------------- the parent

    def _fork(self, task: Task, attempt: int) -> None:
        (reading, writing), (theirs, ours) = os.pipe(), os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # until it is known who is who
        pid = os.fork()
        if pid == 0:
            for other in self._running.values():
                other.close()
            os.close(reading)
            os.close(ours)
            _work(task, _Channel(writing), theirs, self._root)
        os.close(writing)
        os.close(theirs)
        self._running[reading] = _Worker(task, attempt, pid, reading, ours)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)

    def _read(self, worker: _Worker) -> None:
        data = os.read(worker.pipe, _CHUNK)
        if not data:
            self._bury(worker)
            return
        worker.unread += data
        for message in worker.messages():
            if isinstance(message, Moment):
                self._hear(message)
            elif message is None:
                raise KeyboardInterrupt
            else:
                self._ended.append(Ended(worker.task, *message))
                self._remove(worker)
                return

    def _remove(self, worker: _Worker) -> int:
        """Forget a worker that is done, and return how it ended."""
        del self._running[worker.pipe]
        worker.close()
        return os.waitpid(worker.pid, 0)[1]

    def _bury(self, worker: _Worker) -> None:
        """Try a task whose worker died once more, or report it."""
        status = self._remove(worker)
        killed = os.WIFSIGNALED(status)
        number = os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
        how = f"by {signal.Signals(number).name}" if killed else f"with exit status {number}"
        if worker.attempt == 1:
            self._hear(moment(worker.task.name, f"the worker died {how}; trying once more"))
            self._waiting.appendleft((worker.task, 2))
            return
        fault = EnvironmentFault(
            f"the worker for {worker.task.name} died twice",
            code="worker",
            place=worker.task.place,
            got=f"an end {how}",
            advice="if memory ran out, try --jobs 1; a library that crashes ends like this too",
        )
        self._ended.append(Ended(worker.task, None, (fault,)))

    def _stop(self) -> None:
        for worker in self._running.values():
            os.kill(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for worker in self._running.values():
            while os.waitpid(worker.pid, os.WNOHANG)[0] == 0:
                if time.monotonic() > deadline:
                    os.kill(worker.pid, signal.SIGKILL)
                time.sleep(0.005)
            worker.close()
        self._running.clear()


# ------------------------------------------------------------------------------- the worker


class _Channel:
    """The way to the parent."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def tell(self, name: str, stage: str) -> None:
        """Report the beginning of a stage."""
        self.send(moment(name, stage))

    def send(self, message: object) -> None:
        """Write one message whole."""
        data = pickle.dumps(message)
        left = memoryview(len(data).to_bytes(8, "big") + data)
        while left:
            left = left[os.write(self._pipe, left) :]


def _work(task: Task, channel: _Channel, lifeline: int, root: Path) -> NoReturn:
    """Do a task and leave the process, past whatever the parent would do on its way out."""
    status = 1
    try:
        try:
            _listen(lifeline)
            outcome = _outcome(task, channel, root)
            channel.tell(task.name, "")
            channel.send(outcome)
            status = 0
        except KeyboardInterrupt:
            channel.send(None)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # nothing may come in between now
            sys.stdout.flush()
            sys.stderr.flush()
    except BrokenPipeError:
        status = 1  # the parent is gone, and nobody will ask
    finally:
        os._exit(status)


def _outcome(
    task: Task, channel: _Channel, root: Path
) -> tuple[object, tuple[SolutionSetError, ...]]:
    try:
        os.chdir(root)  # so that a relative name means the same, wherever a build is started
        return task.work(channel.tell), ()
    except KeyboardInterrupt:
        raise
    except Exception as error:
        errors = explain(error, root, task.place)
    except BaseException as error:  # SystemExit and the like, which only an author's code raises
        place = author_place(error, root) or task.place
        return None, (python_error(error, place or Place(root)),)
    for one in errors:
        if isinstance(one, InternalError):
            one.add_note("".join(traceback.format_exception(one.__cause__)))  # it stays behind
    return None, errors


def _listen(lifeline: int) -> None:
    """End when told to, and when the parent ends: its side of the lifeline is closed then."""
    for number in _ENDINGS:
        signal.signal(number, _end)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # stdout carries the results of the parent only
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)
    if select.select([lifeline], [], [], 0)[0]:  # it ended before anybody listened
        raise BrokenPipeError


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Interrupt the work, so that it stops its TeX; and make sure of the end."""
    for other in _ENDINGS:  # SIG_IGN would make Python complain of one that has come already
        signal.signal(other, lambda number, frame: None)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(_GRACE))
    raise KeyboardInterrupt
