import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import claims
from shared.claims import Owner
from shared.errors import OutputError

ONE, OTHER = Owner("/a/lift.mp4", "ab" * 32), Owner("/b/lift.mp4", "ab" * 32)


def snapshot(folder):
    return {path: path.is_file() and path.read_text() for path in folder.rglob("*")}


def test_one_source_keeps_a_name_until_it_is_released(tmp_path):
    folder = tmp_path / "lift"
    assert claims.claim(folder, ONE) == ONE
    assert claims.claim(folder, OTHER) == ONE
    assert claims.claim(folder, ONE) == ONE
    claims.release(folder, OTHER)
    assert claims.holder(folder) == ONE
    claims.release(folder, ONE)
    assert claims.holder(folder) is None
    assert list(tmp_path.iterdir()) == []


def test_claim_outlives_its_process(tmp_path):
    child = os.fork()
    if child == 0:
        claims.claim(tmp_path / "lift", ONE)
        os._exit(9)
    os.waitpid(child, 0)
    assert claims.claim(tmp_path / "lift", OTHER) == ONE


def test_of_many_at_once_one_gets_the_name(tmp_path):
    owners = [Owner(f"/{number}/lift.mp4", "ab" * 32) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        holders = set(pool.map(lambda owner: claims.claim(tmp_path / "lift", owner), owners))
    assert holders == {claims.holder(tmp_path / "lift")}


def test_claims_that_are_made_and_removed_at_once_do_not_fail(tmp_path):
    def claim_and_release(number):
        owner = Owner(f"/{number}/lift.mp4", "ab" * 32)
        for _ in range(20):
            assert claims.claim(tmp_path / f"{number}", owner) == owner
            claims.release(tmp_path / f"{number}", owner)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(claim_and_release, range(4)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [None, "", "\0\0\0", "[]", "{}", '{"path": "/a"}', "[" * 99_999])
def test_damaged_claim_is_nobodys(tmp_path, text):
    place = tmp_path / ".coach" / "lift"
    place.mkdir(parents=True)
    if text is not None:
        (place / "claim.json").write_text(text)
    assert claims.holder(tmp_path / "lift") is None
    assert claims.claim(tmp_path / "lift", ONE) == ONE


@pytest.mark.parametrize("name", ["lift", "lift/notes.txt", "lift/claim.json/notes.txt"])
def test_persons_files_in_place_of_a_claim_stay(tmp_path, name):
    own = tmp_path / ".coach" / name
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    before = snapshot(tmp_path)
    with pytest.raises(OutputError, match=r"move \S*/\.coach/lift away"):
        claims.claim(tmp_path / "lift", ONE)
    claims.release(tmp_path / "lift", ONE)
    assert snapshot(tmp_path) == before


def test_persons_files_beside_a_claim_stay(tmp_path):
    claims.claim(tmp_path / "lift", ONE)
    (tmp_path / ".coach" / "lift" / "notes.txt").write_text("mine")
    claims.release(tmp_path / "lift", ONE)
    assert [path.name for path in tmp_path.rglob("*")] == [".coach", "lift", "notes.txt"]


@pytest.mark.parametrize("linked", [".coach", ".coach/lift"])
def test_links_are_not_followed(tmp_path, linked):
    own, link = tmp_path / "own", tmp_path / "out" / linked
    for folder in (own, own / "lift"):
        folder.mkdir()
        (folder / "claim.json").write_text("mine")
    link.parent.mkdir(parents=True)
    link.symlink_to(own)
    before = snapshot(own)
    with pytest.raises(OutputError, match=rf"move \S*/{linked} away"):
        claims.claim(tmp_path / "out" / "lift", ONE)
    assert snapshot(own) == before
    assert link.is_symlink()


def test_file_in_place_of_the_claims_is_not_removed(tmp_path):
    (tmp_path / ".coach").write_text("mine")
    with pytest.raises(OutputError, match=r"move \S*/\.coach away"):
        claims.claim(tmp_path / "lift", ONE)
    assert (tmp_path / ".coach").read_text() == "mine"


def test_name_that_cannot_be_stored_is_said(tmp_path):
    with pytest.raises(OSError, match="too long"):
        claims.claim(tmp_path / ("x" * 256), ONE)
    assert os.listdir(tmp_path) == []
