"""The compose file: accepted by Compose, and each service starts with its command and settings."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from builders import wait_for

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = ("decoder", "pose", "scorer", "writer")


def compose_command():
    if shutil.which("docker"):
        asked = subprocess.run(["docker", "compose", "version"], capture_output=True)
        if asked.returncode == 0:
            return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def test_compose_accepts_the_file():
    command = compose_command()
    if command is None:
        assert not os.environ.get("CI"), "CI must have Compose"
        pytest.skip("no Compose on this machine")
    done = subprocess.run(
        [*command, "-f", "docker-compose.yml", "config", "-q"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_server_persists_and_never_evicts():
    command = COMPOSE["services"]["redis"]["command"]
    settings = dict(zip(command[1::2], command[2::2], strict=True))
    assert settings["--appendonly"] == "yes"
    assert settings["--maxmemory-policy"] == "noeviction"


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_each_service_starts_and_is_found_healthy(service, models, redis_server_url, tmp_path):
    described = COMPOSE["services"][service]
    for folder in ("data", "models"):
        (tmp_path / folder).mkdir()
    for folder in {path.parent for path in models.values()}:
        shutil.copytree(folder, tmp_path / "models" / folder.name)
    environment = {**os.environ}
    for name, value in described["environment"].items():
        value = value.replace("redis://redis:6379/0", redis_server_url)
        for folder in ("/data", "/models"):
            value = value.replace(folder, f"{tmp_path}{folder}")
        environment[name] = value
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "coach", *described["command"]],
        env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        check = described["healthcheck"]["test"]
        assert check[:2] == ["CMD", "python"]

        def is_healthy():
            assert process.poll() is None, (tmp_path / "log").read_text()
            asked = subprocess.run([sys.executable, *check[2:]], env=environment, cwd=ROOT)
            return asked.returncode == 0

        wait_for(is_healthy, 60, f"{service} to be healthy")
    finally:
        process.terminate()
        assert process.wait(30) == 0
        log.close()
    asked = subprocess.run([sys.executable, *check[2:]], env=environment, cwd=ROOT)
    assert asked.returncode == 1  # a service that has ended is not healthy


@pytest.mark.parametrize("service", [*SERVICES, "coach"])
def test_containers_write_nowhere_else_and_gain_no_rights(service):
    described = COMPOSE["services"][service]
    assert described["read_only"] is True
    assert described["tmpfs"] == ["/tmp"]
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]


def test_what_the_image_copies_is_sent_to_the_builder():
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    copies = [line.split()[1:-1] for line in (ROOT / "Dockerfile").read_text().splitlines()
              if line.startswith("COPY ") and "--from" not in line]  # fmt: skip
    assert copies
    for name in sum(copies, []):
        assert {f"!{name}", f"!{name.partition('/')[0]}"} & set(sent)
        assert (ROOT / name).exists()


def test_image_has_the_stated_python_and_no_root_user():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "FROM python:3.11-slim AS base" in lines
    targets = [line.split()[-1] for line in lines if line.startswith("FROM base ")]
    assert targets == [*SERVICES, "coach"]  # the last one is built if none is named
    assert lines.count("USER coach") == len(targets)
    assert not any("USER root" in line for line in lines)
    assert not any(service.get("pull_policy") for service in COMPOSE["services"].values())
