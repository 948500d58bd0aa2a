"""Log lines for people and for programs."""

import json
import logging

import pytest

from shared import logs


@pytest.fixture
def root_log():
    """The root log, put back as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = before, level


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_text_names_service_job_and_chunk(root_log, capsys):
    logs.configure("pose", "INFO")
    root_log.debug("not shown")
    root_log.info("waiting")
    with logs.about("3f2a", 0):
        root_log.info("16 frames in %.2f s", 0.31)
    waiting, frames = (line.partition(" ")[2] for line in lines(capsys))
    assert waiting == "INFO pose waiting"
    assert frames == "INFO pose job=3f2a chunk=0 16 frames in 0.31 s"


def test_json_has_one_object_a_line_with_the_traceback_in_it(root_log, capsys):
    logs.configure("pose", "INFO", "json")
    root_log.info('a "quoted"\nname: %s', "\udce4")
    with logs.about("3f2a", 12):
        try:
            raise ValueError("cut off")
        except ValueError:
            root_log.exception("failed")
    plain, failed = map(json.loads, lines(capsys))
    assert plain.keys() == {"time", "level", "service", "message"}
    assert plain["message"] == 'a "quoted"\nname: \udce4'
    assert plain["time"].endswith("Z")
    assert (failed["level"], failed["service"]) == ("ERROR", "pose")
    assert (failed["job"], failed["chunk"]) == ("3f2a", 12)
    assert failed["traceback"].endswith("ValueError: cut off")
