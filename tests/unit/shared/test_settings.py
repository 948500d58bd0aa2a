import os
from pathlib import Path

import pytest

from shared.errors import UsageError
from shared.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """An environment without settings, whatever the tests were started with."""
    for name in [name for name in os.environ if name.startswith("COACH_")]:
        monkeypatch.delenv(name)


def test_environment_gives_another_process_the_same_settings(monkeypatch):
    monkeypatch.setenv("COACH_OUT_ROOTS", '["/a", "/b c"]')
    monkeypatch.setenv("COACH_POSTURE_MODEL", "/m.json")
    settings = read_settings(engine="openvino", lifeline="server", claim_idle_s=2.5)
    environment = settings.environment()
    monkeypatch.delenv("COACH_OUT_ROOTS")
    monkeypatch.delenv("COACH_POSTURE_MODEL")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings
    assert settings.out_roots == [Path("/a"), Path("/b c")]


def test_environment_holds_only_what_was_set():
    assert Settings().environment() == {}
    assert read_settings(backend="movenet").environment() == {"COACH_BACKEND": "movenet"}


def test_given_settings_win_over_the_environment(monkeypatch):
    monkeypatch.setenv("COACH_ENGINE", "cuda")
    assert read_settings(engine="openvino").engine == "openvino"
    assert read_settings(engine=None).engine == "cuda"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("COACH_POSE_THREADS", "0"), ("COACH_ENGINE", "abacus"), ("COACH_LOG_LEVEL", "loud")],
)
def test_wrong_value_is_refused_with_the_variables_name(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=variable):
        read_settings()


def test_log_level_may_be_in_small_letters(monkeypatch):
    monkeypatch.setenv("COACH_LOG_LEVEL", "debug")
    assert read_settings().log_level == "DEBUG"


@pytest.mark.parametrize(
    "name",
    ["decode_turn_s", "claim_idle_s", "hang_s", "stall_s", "task_timeout_s", "keep_jobs_s"],
)
@pytest.mark.parametrize("value", ["inf", "nan", "1e300"])
def test_times_that_no_timer_takes_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"COACH_{name}".upper(), value)
    with pytest.raises(UsageError, match=f"COACH_{name}".upper()):
        read_settings()
