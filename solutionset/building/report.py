"""The outcome of `check` for other programs: as JSON, and as JUnit XML for CI servers."""

import json
from pathlib import Path
from xml.etree import ElementTree

from solutionset.building.checks import ProblemReport
from solutionset.building.contents import write_whole
from solutionset.building.record import claim_row
from solutionset.errors import SolutionSetError

SCHEMA = 1


def write_json(path: Path, reports: tuple[ProblemReport, ...], seeds: tuple[int, ...]) -> None:
    """Write every problem with its claims, as rows of the ledger, or its errors."""
    table = {
        "schema": SCHEMA,
        "seeds": list(seeds),
        "exit_code": min((e.exit_code for r in reports for e in r.errors), default=0),
        "problems": [
            {
                "id": report.name,
                "verdict": "failed" if report.errors else "holds",
                "claims": [claim_row(report.name, claim) for claim in report.claims],
                "errors": [_error_row(error) for error in report.errors],
            }
            for report in reports
        ],
    }
    text = json.dumps(table, indent=1, ensure_ascii=False)
    write_whole(str(path.absolute()), f"{text}\n".encode())


def write_junit(path: Path, reports: tuple[ProblemReport, ...]) -> None:
    """Write a test suite for each problem and a test case for each claim and each error."""
    suites = ElementTree.Element("testsuites", name="solutionset")
    for report in reports:
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=report.name,
            tests=str(len(report.claims) + len(report.errors)),
            failures=str(len(report.errors)),
        )
        for claim in report.claims:
            ElementTree.SubElement(suite, "testcase", classname=report.name, name=claim.name)
        for number, error in enumerate(report.errors, start=1):
            name = f"{error.code} {number}"
            case = ElementTree.SubElement(suite, "testcase", classname=report.name, name=name)
            failure = ElementTree.SubElement(
                case, "failure", type=error.code, message=_printable(error.message)
            )
            failure.text = _printable(str(error))
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    write_whole(str(path.absolute()), text + b"\n")


def _error_row(error: SolutionSetError) -> dict[str, object]:
    place = error.place
    return {
        "code": error.code,
        "exit_code": error.exit_code,
        "path": None if place is None else str(place.path),
        "line": None if place is None or not place.line else place.line,
        "message": error.message,
        "got": error.got,
        "wanted": error.wanted,
        "do": error.advice,
        "details": list(error.details),
    }


def _printable(text: str) -> str:
    """Return text without the control characters that XML has no way to write."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() and c not in "\ufffe\uffff"))
