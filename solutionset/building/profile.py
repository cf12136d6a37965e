"""Where the time of a build went: its stages, with wall time, CPU time and memory."""

import json
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

SCHEMA = 1


@dataclass(frozen=True)
class Moment:
    """The beginning of a stage of `task`, at work on `name`; an empty stage is the end.

    Times in seconds: `at` by a clock that all processes share, `cpu` of the process and of the
    programs that it waited for; `memory` is the most that the process has held so far, in bytes.
    """

    process: int
    name: str
    stage: str
    at: float
    cpu: float
    memory: int


def moment(name: str, stage: str) -> Moment:
    """Return this moment of this process."""
    own, programs = resource.getrusage(resource.RUSAGE_SELF), _programs()
    cpu = own.ru_utime + own.ru_stime + programs
    return Moment(os.getpid(), name, stage, time.monotonic(), cpu, own.ru_maxrss * 1024)


def _programs() -> float:
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return waited.ru_utime + waited.ru_stime


@dataclass(frozen=True)
class Span:
    """One stage from its beginning to its end."""

    name: str
    stage: str
    process: int
    began: float
    seconds: float
    cpu: float
    memory: int


class Profile:
    """Collects the moments of all processes."""

    def __init__(self) -> None:
        self._open: dict[int, Moment] = {}
        self.spans: list[Span] = []

    def hear(self, now: Moment) -> None:
        """Close the stage that its process was in, and open the next."""
        before = self._open.pop(now.process, None)
        if before is not None:
            self.spans.append(
                Span(
                    name=before.name,
                    stage=before.stage,
                    process=now.process,
                    began=before.at,
                    seconds=now.at - before.at,
                    cpu=now.cpu - before.cpu,
                    memory=now.memory,
                )
            )
        if now.stage:
            self._open[now.process] = now

    def table(self) -> dict[str, object]:
        """Return the spans in the order of their beginnings, and the sums of each stage."""
        spans = sorted(self.spans, key=lambda span: span.began)
        start = spans[0].began if spans else 0.0
        stages: dict[str, dict[str, float]] = {}
        for span in spans:
            total = stages.setdefault(span.stage, {"seconds": 0.0, "cpu": 0.0})
            total["seconds"] = round(total["seconds"] + span.seconds, 4)
            total["cpu"] = round(total["cpu"] + span.cpu, 4)
        return {
            "schema": SCHEMA,
            "seconds": round(max((s.began + s.seconds for s in spans), default=start) - start, 4),
            "cpu": round(sum(span.cpu for span in spans), 4),
            "memory_mb": max((span.memory for span in spans), default=0) // 10**6,
            "stages": stages,
            "spans": [
                {
                    "name": span.name,
                    "stage": span.stage,
                    "process": span.process,
                    "began": round(span.began - start, 4),
                    "seconds": round(span.seconds, 4),
                    "cpu": round(span.cpu, 4),
                    "memory_mb": span.memory // 10**6,
                }
                for span in spans
            ],
        }

    def write(self, path: Path) -> None:
        """Write the table as JSON."""
        path.write_text(f"{json.dumps(self.table(), indent=1)}\n", encoding="utf-8")
