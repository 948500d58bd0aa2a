"""Every command and snippet of README, CONTRIBUTING and docs runs.

A block that cannot run in CI has `<!-- not run: REASON -->` on the line before it. It is skipped
with that reason, after its `coach` commands are checked against the real command line.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from docs.pages import PAGES, ROOT, TESTED, Block, blocks_of
from typer.testing import CliRunner

from coach.cli.commands import app

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
RUN = {
    page: [b for b in BLOCKS if b.page == page and b.kind in TESTED and not b.reason]
    for page in PAGES
}
NOT_RUN = [block for block in BLOCKS if block.reason]

#: Commands that need a running deployment; a page that uses one of them gets a server.
DEPLOYED = ("submit", "status", "worker", "watch")

#: Ends of a command within a line of shell.
OPERATORS = {"|", "||", "&", "&&", ";", ">", ">>", "<", "(", ")", "#"}


def coach_commands(shell: str) -> Iterator[list[str]]:
    """The arguments of each `coach …` in a block of shell."""
    for line in shell.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        command: list[str] | None = None
        for word in [*words, ";"]:
            if word in OPERATORS:
                if command is not None:
                    yield command
                command = None
            elif command is not None:
                command.append(word)
            elif word.rpartition("/")[2] == "coach":
                command = []


def talks_to_a_deployment(blocks: list[Block]) -> bool:
    return any(
        command[:1] and command[0] in DEPLOYED
        for block in blocks if block.kind == "sh"
        for command in coach_commands(block.code)
    )  # fmt: skip


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of a reader who has activated `.venv` in this checkout."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    usual = {name: at for name, at in os.environ.items() if name != "COACH_REDIS_URL"}
    return {**usual, "PATH": path, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}


@pytest.fixture(scope="session")
def results(short_film, models, environment, tmp_path_factory) -> Path:
    """The result folder of `lift.mp4`, for pages that begin with one."""
    work = tmp_path_factory.mktemp("results")
    shutil.copy(short_film, work / "lift.mp4")
    subprocess.run(["coach", "analyze", "lift.mp4"], cwd=work, env=environment, check=True)
    return work / "out"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if RUN[page]])
def test_the_blocks_of_a_page_run(page, short_film, models, environment, request, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(short_film, work / "lift.mp4")
    code = "".join(block.code for block in RUN[page])
    if "jq " in code and shutil.which("jq") is None:
        assert not os.environ.get("CI"), "CI must have jq"
        pytest.skip("no jq on this machine")
    if "out/lift" in code and "coach analyze lift.mp4" not in code:
        shutil.copytree(request.getfixturevalue("results"), work / "out")
    if "deploy/" in code:
        (work / "deploy").symlink_to(ROOT / "deploy")
    if "redis-server " in code and shutil.which("redis-server") is None:
        assert not os.environ.get("CI"), "CI must have a redis-server"
        pytest.skip("no redis-server on this machine")
    if talks_to_a_deployment(RUN[page]) and "coach up" not in code:
        url = request.getfixturevalue("valkey_url")
        environment = {**environment, "COACH_REDIS_URL": url}
    blocks = tmp_path / "blocks.json"
    blocks.write_text(json.dumps([block.described() for block in RUN[page]]), "utf-8")
    log = tmp_path / "log"  # no pipe: what a page leaves running would hold it
    with log.open("wb") as output:
        runner = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/docs/run_page.py"), str(blocks)],
            cwd=work, env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            status = runner.wait()
        finally:
            with suppress(ProcessLookupError):  # it ends what a block that fails leaves running
                os.killpg(runner.pid, signal.SIGTERM)
    assert status == 0, log.read_text(errors="replace")


@pytest.mark.parametrize("block", NOT_RUN, ids=lambda block: block.place)
def test_blocks_that_are_not_run_use_real_commands(block):
    for command in coach_commands(block.code) if block.kind == "sh" else ():
        asked = CliRunner().invoke(app, [*command, "--help"])
        assert asked.exit_code == 0, f"coach {shlex.join(command)}\n{asked.output}"
    pytest.skip(f"not run: {block.reason}")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_each_block_is_of_a_known_kind_and_parses(block, tmp_path):
    assert block.kind in (*TESTED, "text"), "say what the block is, so that it is tested"
    if block.kind == "toml" and "project" not in tomllib.loads(block.code):
        from coach.cli.fault_settings import read_fault_settings

        (tmp_path / "faults.toml").write_text(block.code, "utf-8")
        assert read_fault_settings(tmp_path / "faults.toml")
    elif block.kind == "json":
        json.loads(block.code)
    elif block.kind == "python":
        compile(block.code, block.place, "exec")


def test_an_unknown_option_in_a_block_is_noticed():
    (command,) = coach_commands("docker compose run --rm coach status --colour | cat")
    assert command == ["status", "--colour"]
    assert CliRunner().invoke(app, [*command, "--help"]).exit_code != 0
