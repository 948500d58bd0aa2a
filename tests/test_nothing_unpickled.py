"""Nothing is unpickled, and nothing that arrives is run: a look through all sources."""

import ast
import json
import zlib
from pathlib import Path

import pytest

from shared.queue import tasks

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for folder in ("shared", "services", "coach", "synthetic", "training", "benchmarks", "docs",
                   "examples")
    for path in (ROOT / folder).rglob("*.py")
)  # fmt: skip

#: Modules that unpickle, or do the same under another name.
MODULES = {
    "_pickle", "cPickle", "cloudpickle", "copyreg", "dill", "joblib", "jsonpickle", "marshal",
    "multiprocessing", "pickle", "pickletools", "shelve", "skops", "torch", "yaml",
}  # fmt: skip

#: Calls that run, or build, what a text or a file says.
CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "unsafe_load", "full_load"}

#: Calls of those names that run no Python: a client's `eval` sends a script of ours to the server.
HARMLESS = {"re.compile", "ast.literal_eval", "client.eval", "self._client.eval"}

#: Options that let a reader build more than plain values.
OPTIONS = {"allow_pickle", "object_hook", "object_pairs_hook", "ext_hook", "list_hook"}

#: What reads or writes tasks; each takes the serializer, which would be pickle.
_OF_RQ = {"Queue", "Worker", "SimpleWorker", "Job.fetch", "Task.fetch", "Worker.all"}


def name_of(node):
    """A called function's name with what it is taken from, such as `np.load`."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def wrong(source):
    """What a source has that unpickles, or might."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        yield from (name for name in names if name.split(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            yield from _wrong_call(node)


def _wrong_call(node):
    called = name_of(node.func)
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if called.split(".")[-1] in CALLS and called not in HARMLESS:
        yield called
    if called in ("np.load", "numpy.load") and options.get("allow_pickle") != "False":
        yield called
    yield from OPTIONS & {name for name, value in options.items() if value != "False"}
    if options.get("strict_map_key") == "False":
        yield "strict_map_key"
    if called in _OF_RQ and options.get("serializer") not in ("'json'", "serializer"):
        yield f"{called} without a serializer"


def test_no_source_unpickles_or_runs_what_it_reads():
    for path in SOURCES:
        found = set(wrong(path.read_text()))
        if path.is_relative_to(ROOT / "benchmarks"):
            found = {name for name in found if not name.startswith("multiprocessing")}
        assert not found, path  # the benchmarks' processes talk to each other alone


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "def f():\n    import marshal",
        "import os, shelve",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch = 1\nimport torch.serialization",
        "msgpack.unpackb(x, object_hook=f)",
        "msgpack.Unpacker(x, strict_map_key=False)",
        "Queue('a', connection=c)",
        "Worker([q], serializer=None)",
        "pandas.read_pickle(x)",
        "builtins.eval(x)",
    ],
)
def test_each_way_would_be_noticed(source):
    assert list(wrong(source))


def test_tasks_are_json_on_the_way_in_and_out(client):
    tasks.enqueue(client, "decode", "0123abcd", timeout_s=60)
    [key] = client.keys("rq:job:*")
    stored = json.loads(zlib.decompress(client.hget(key, "data")))
    assert stored == ["services.decoder.task.decode", None, ["0123abcd"], {}]
    [task] = tasks.queue(client, "decode").jobs
    assert task.serializer.__name__ == "JSONSerializer"
    assert task.args == ["0123abcd"]
