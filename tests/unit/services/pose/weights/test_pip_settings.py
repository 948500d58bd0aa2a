"""Where the user's pip looks is where Coach looks."""

import os

from services.pose.weights.pip_settings import PipSettings

LISTING = """\
WARNING: something about the configuration
:env:.index-url='https://mine.example/simple'
download.extra-index-url='https://a.example/simple'
global.cert='/certs.pem'
global.extra-index-url='https://b.example/simple'
global.find-links='\\n/wheels\\nfile:///more'
global.index-url='https://other.example/simple'
global.no-index='false'
global.proxy='http://proxy.example:3128'
global.timeout='60'
global.trusted-host='mine.example other.example:8080'
"""


def test_settings_for_downloads_override_global_ones():
    assert PipSettings.parse(LISTING) == PipSettings(
        index_url="https://mine.example/simple",
        extra_index_urls=("https://a.example/simple",),
        find_links=("/wheels", "file:///more"),
        trusted_hosts=("mine.example", "other.example:8080"),
        proxy="http://proxy.example:3128",
        cert="/certs.pem",
        timeout_s=60.0,
    )


def test_missing_settings_have_pips_defaults():
    assert PipSettings.parse("") == PipSettings()
    assert PipSettings.parse("global.timeout='soon'\nglobal.cert=oops(\n") == PipSettings()


def test_pip_itself_is_asked(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://mine.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a.example/s https://b.example/s")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    read = PipSettings.read()
    assert read.index_url == "https://mine.example/simple"
    assert read.extra_index_urls == ("https://a.example/s", "https://b.example/s")
    assert read.no_index
