"""The images: each service's has what the service imports, and nothing that only others need."""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from import_nodes import nodes_that_run
from installed import closure
from packaging.requirements import Requirement

from services.writer.results import LIBRARIES

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("decoder", "pose", "scorer", "writer")

#: What a service uses if it is there, and no image has: engines, and formats of files.
OPTIONAL = {"onnxruntime", "pyarrow"}

#: What is imported as part of another distribution that is listed.
PART_OF = {"opentelemetry-api", "opentelemetry-exporter-otlp-proto-http", "pydantic-core"}

#: Imports modules in a process that lacks some packages.
IMPORT_ALL = """
import importlib, sys
missing, modules = set(sys.argv[1].split()), sys.argv[2].split()

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"not in the image: {name}")

sys.meta_path.insert(0, Missing())
for module in modules:
    importlib.import_module(module)
"""


@cache
def modules():
    """The modules that a service's image can have: of the services and of what they share."""
    paths = [path for top in ("shared", "services") for path in (ROOT / top).rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }


def imports(path):
    for node in nodes_that_run(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def reached(service):
    """The modules that a service may import, at its start or later, and the packages of others."""
    todo = {name for name in modules() if name.startswith(f"services.{service}")}
    todo.add("shared.queue.health")
    seen, others = set(), set()
    while todo:
        name = todo.pop()
        seen.add(name)
        for imported in imports(modules()[name]):
            parts = imported.split(".")
            prefixes = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
            todo |= prefixes & modules().keys() - seen
            others.add(parts[0])
    own = {"shared", "services"}
    return seen, others - own - set(sys.stdlib_module_names)


@cache
def listed(service):
    """The distributions that an image is given, by its list and those that the list includes."""
    lines = (ROOT / "deploy/requirements" / f"{service}.txt").read_text().splitlines()
    names = {line for line in lines if line and not line.startswith(("#", "-r"))}
    included = (line.split()[1].removesuffix(".txt") for line in lines if line.startswith("-r "))
    return names.union(*map(listed, included))


@cache
def packages():
    """Package → the distributions that have a part of it, of all that are installed."""
    return {
        package: {name.lower().replace("_", "-") for name in names}
        for package, names in packages_distributions().items()
        if package not in ("shared", "services")
    }


@pytest.mark.parametrize("service", SERVICES)
def test_lists_have_what_a_service_imports_and_no_more(service):
    needed = set()
    for package in reached(service)[1] - OPTIONAL:
        needed |= packages()[package] if package != "opentelemetry" else {"opentelemetry-sdk"}
    assert needed - PART_OF == listed(service) - PART_OF


@pytest.mark.parametrize("service", SERVICES)
def test_service_can_be_imported_with_its_list_alone(service):
    there = closure(listed(service))
    missing = [package for package, names in packages().items() if not names & there]
    names = [name for name in reached(service)[0] if not name.endswith("__main__")]
    subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, " ".join(missing),
         " ".join(sorted(names))],
        check=True, cwd=ROOT,
    )  # fmt: skip


def test_pose_has_nothing_of_the_writer_and_the_reverse():
    assert not {"av", "jinja2", "pillow"} & closure(listed("pose"))
    assert not {"openvino", "onnx", "scipy"} & closure(listed("writer"))
    assert not {"openvino", "onnx", "av", "opencv-python-headless"} & closure(listed("scorer"))


def test_writer_has_the_libraries_whose_versions_a_result_names():
    assert {*LIBRARIES} <= closure(listed("writer")) | {"weightlifting-coach"}


def test_image_with_everything_has_what_the_project_depends_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["otel"]
    assert listed("coach") == {Requirement(text).name for text in wanted}
