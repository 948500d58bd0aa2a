"""`coach doctor`: what this machine has, and whether a job could run on it."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from coach.cli.checkup import examine
from coach.cli.finding import Finding
from shared.settings import Settings

_COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}


def run(urls: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Examine the machine and print the findings.

    Args:
        urls: the servers of a deployment; none if there is none.
        settings: those of the pose workers that would run the job.
        as_json: print one JSON document.

    Returns:
        The exit status: 0 if a job could run here, otherwise 1.
    """
    findings = list(examine(urls, settings))
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if as_json:
        document = {"ok": not wrong, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(document, indent=2))
    else:
        _show(findings)
    return 1 if wrong else 0


def _show(findings: list[Finding]) -> None:
    table = Table(Column(""), Column("what", overflow="fold"), Column("found", overflow="fold"))
    area = ""
    for finding in findings:
        if finding.area != area:
            table.add_section()
        shown = finding.area if finding.area != area else ""
        value = Text(finding.value, style=_COLOURS[finding.state])
        table.add_row(shown, Text(finding.name), value)
        area = finding.area
    console = Console()
    console.print(table)
    for finding in findings:
        if finding.remedy:
            state = Text(f"{finding.state}: ", style=_COLOURS[finding.state])
            console.print(state + Text(f"{finding.name}: {finding.remedy}"))
    if any(finding.state == "wrong" for finding in findings):
        console.print("No job could run here as it is.", style="red")
    else:
        console.print("A job could run here.", style="green")
