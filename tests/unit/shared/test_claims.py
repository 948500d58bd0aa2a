import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import claims
from shared.claims import Owner

ONE, OTHER = Owner("/a/lift.mp4", "ab" * 32), Owner("/b/lift.mp4", "ab" * 32)


def test_one_source_keeps_a_name_until_it_is_released(tmp_path):
    folder = tmp_path / "lift"
    assert claims.take(folder, ONE, while_running=False) == (ONE, True)
    assert claims.take(folder, OTHER, while_running=False) == (ONE, False)
    assert claims.take(folder, ONE, while_running=False) == (ONE, False)
    claims.release(folder, OTHER)
    assert claims.holder(folder) == ONE
    claims.release(folder, ONE)
    assert claims.holder(folder) is None
    assert list(tmp_path.iterdir()) == []


def test_of_many_at_once_one_gets_the_name(tmp_path):
    owners = [Owner(f"/{number}/lift.mp4", "ab" * 32) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda o: claims.take(tmp_path / "lift", o, False), owners))
    assert sum(made for _, made in taken) == 1
    assert len({holder for holder, _ in taken}) == 1


def test_claims_that_are_made_and_removed_at_once_do_not_fail(tmp_path):
    def take_and_release(number):
        owner = Owner(f"/{number}/lift.mp4", "ab" * 32)
        for _ in range(20):
            claims.take(tmp_path / f"{number}", owner, while_running=False)
            claims.release(tmp_path / f"{number}", owner)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take_and_release, range(4)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [None, "", "\0\0\0", "[]", "{}", '{"path": "/a"}', "[" * 99_999])
def test_damaged_claim_is_nobodys(tmp_path, text):
    place = tmp_path / ".coach" / "lift"
    place.mkdir(parents=True)
    if text is not None:
        (place / "claim.json").write_text(text)
    assert claims.holder(tmp_path / "lift") is None
    assert claims.take(tmp_path / "lift", ONE, while_running=False) == (ONE, True)


def test_file_in_place_of_a_claim_is_nobodys(tmp_path):
    (tmp_path / ".coach").mkdir()
    (tmp_path / ".coach" / "lift").touch()
    assert claims.take(tmp_path / "lift", ONE, while_running=False) == (ONE, True)


def test_claim_of_a_killed_process_does_not_hold(tmp_path):
    command = (
        "import os, pathlib; from shared import claims\n"
        f"folder = pathlib.Path({str(tmp_path / 'lift')!r})\n"
        "claims.take(folder, claims.Owner('/a/lift.mp4', ''), while_running=True); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", command], check=False)
    assert json.loads((tmp_path / ".coach" / "lift" / "claim.json").read_text())["pid"] > 0
    assert claims.holder(tmp_path / "lift") is None
    assert claims.take(tmp_path / "lift", OTHER, while_running=False) == (OTHER, True)


@pytest.mark.parametrize("while_running", [True, False])
def test_process_gives_up_only_what_it_has_claimed_itself(tmp_path, while_running):
    folder = tmp_path / "lift"
    child = os.fork()
    if child == 0:
        claims.take(folder, ONE, while_running=False)  # a submitted job outlives its command
        os._exit(0)
    os.waitpid(child, 0)
    claims.release(folder, ONE, own_only=True)
    assert claims.holder(folder) == ONE
    claims.release(folder, ONE)
    claims.take(folder, ONE, while_running)
    claims.release(folder, ONE, own_only=True)
    assert claims.holder(folder) is None


def test_name_that_cannot_be_stored_is_said(tmp_path):
    with pytest.raises(OSError, match="too long"):
        claims.take(tmp_path / ("x" * 256), ONE, while_running=False)
    assert os.listdir(tmp_path) == []
