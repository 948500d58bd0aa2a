"""The blocks of the docs that need Docker run, on a machine that has built the images before.

Elsewhere they skip, for building takes minutes and needs a registry: run `docker compose build`
once, and they run with the tests.
"""

import json
import os
import shutil
import subprocess
import sys
import uuid

import pytest
from docs.pages import PAGES, ROOT, blocks_of

NEEDED = ("weightlifting-coach", "valkey/valkey:8-alpine")
BLOCKS = {page: [b for b in blocks_of(page) if b.reason == "needs Docker"] for page in PAGES}

#: The weights that the tests have, in place of a volume into which they would be fetched.
OVERRIDE = """\
volumes:
  models:
    driver: local
    driver_opts: {{type: none, o: bind, device: {folder}}}
"""


def is_built():
    for command in (["compose", "version"], ["image", "inspect", *NEEDED]):
        if subprocess.run(["docker", *command], capture_output=True).returncode:
            return False
    return True


def copy_checkout(folder):
    """Copy what images are built from, and the files that say how."""
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    names = [line[1:] for line in sent if line.startswith("!")]
    for name in (*names, ".dockerignore", "Dockerfile", "docker-compose.yml"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)


@pytest.fixture
def environment(models, tmp_path):
    """A project of Compose with containers, volumes and folders of its own."""
    if not shutil.which("docker") or not is_built():
        pytest.skip("no Docker on this machine, or no images: `docker compose build`")
    weights = tmp_path / "weights"
    for folder in {path.parent for path in models.values()}:
        shutil.copytree(folder, weights / folder.name)
    override = tmp_path / "override.yml"
    override.write_text(OVERRIDE.format(folder=weights), "utf-8")
    environment = {
        **os.environ,
        "COMPOSE_FILE": f"{tmp_path / 'checkout/docker-compose.yml'}{os.pathsep}{override}",
        "COMPOSE_PROJECT_NAME": f"coach-test-{uuid.uuid4().hex[:8]}",
    }
    yield environment
    subprocess.run(["docker", "compose", "down", "--volumes"], env=environment, check=True)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("page", [page for page in PAGES if BLOCKS[page]])
def test_blocks_that_need_docker_run(page, short_film, environment, tmp_path):
    work = tmp_path / "checkout"
    copy_checkout(work)
    shutil.copy(short_film, work / "lift.mp4")
    blocks = tmp_path / "blocks.json"
    blocks.write_text(json.dumps([block.described() for block in BLOCKS[page]]), "utf-8")
    subprocess.run(
        [sys.executable, str(ROOT / "tests/docs/run_page.py"), str(blocks)],
        cwd=work, env=environment, check=True,
    )  # fmt: skip
