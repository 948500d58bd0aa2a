"""300 damaged files: each gives frames or a clear message, within limits, and opens nothing else.

What Python opens is seen by an audit hook. What FFmpeg opens by itself is seen in full where strace
may run; elsewhere only what is still open while the first frame is out (/proc/self/fd).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import ROOT
from corpus import damage

FILES = 300

#: Memory that a file of some kilobytes may take, MiB, and address space (with threads' stacks).
PEAK_MIB, ADDRESSES_MIB = 400, 3000

#: Time after which a file counts as endless, and that a file may take at most, seconds.
ENDLESS_S, SLOW_S = 15, 8

#: Where Python and its libraries lie, and the kernel's accounts of the process.
ELSEWHERE = (sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), str(ROOT), "/proc", "/sys",
             "/usr/lib", "/lib", "/etc/ld.so", "/dev/null", "/dev/urandom")  # fmt: skip


def read_in_a_process(paths, calls):
    """The results of all files by name; a file that ends the process has that as its result."""
    left, results = list(paths), {}
    while left:
        command = [sys.executable, "-m", "corpus.reading", str(ADDRESSES_MIB), str(ENDLESS_S)]
        if can_trace():
            trace = ["strace", "-f", "-qq", "-s", "300", "-A", "-o", str(calls)]
            command = [
                *trace,
                "-e",
                "trace=open,openat,socket,connect,execve",
                *command,
            ]
        done = subprocess.run(
            [*command, *map(str, left)],
            capture_output=True,
            text=True,
            timeout=150,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        )
        begun = None
        for line in done.stdout.splitlines():
            result = json.loads(line)
            begun = result.get("begins", begun)
            if "name" in result:
                results[result["name"]] = result
        if begun is None:
            pytest.fail(f"the process did not begin: {done.stderr[-2000:]}")
        if begun not in results:
            how = "endless" if done.returncode in (-14, 142) else f"status {done.returncode}"
            results[begun] = {"name": begun, "outcome": f"process ended, {how}"}
        names = [path.name for path in left]
        left = left[names.index(begun) + 1 :]
        assert len(paths) - len(results) == len(left)
    return results


def can_trace():
    """Whether strace is there and allowed to trace."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], stderr=-3).returncode == 0


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """The folder, the results by name, and the list of system calls."""
    folder = tmp_path_factory.mktemp("damaged")
    calls = folder / "calls.log"
    return folder, read_in_a_process(damage.write_damaged(folder, FILES), calls), calls


def test_damaged_file_gives_frames_or_a_clear_message(damaged):
    _, results, _ = damaged
    assert len(results) == FILES
    wrong = {}
    for name, result in results.items():
        outcome = result["outcome"]
        if outcome == "read":
            right = result["frames"] > 0 and result["end"] in ("complete", "truncated")
        else:
            right = outcome == "refused" and name in result["message"]
        if not right:
            wrong[name] = result.get("message", outcome)
    assert not wrong, f"{len(wrong)} of {FILES}: {json.dumps(wrong, indent=1)}"


def test_damaged_files_are_of_both_kinds(damaged):
    """Neither are all refused, nor do all come through unharmed."""
    outcomes = [result["outcome"] for result in damaged[1].values()]
    ends = [result.get("end") for result in damaged[1].values()]
    assert outcomes.count("read") > FILES / 3
    assert outcomes.count("refused") > FILES / 20
    assert ends.count("truncated") > FILES / 50


def test_damaged_file_takes_little_time_and_memory(damaged):
    results = damaged[1].values()
    slow = {r["name"]: r["seconds"] for r in results if r.get("seconds", ENDLESS_S) > SLOW_S}
    assert not slow
    large = {r["name"]: r["peak_mib"] for r in results if r.get("peak_mib", 0) > PEAK_MIB}
    assert not large, "the peak from the first of these on"


def test_damaged_file_is_closed_and_no_other_is_opened(damaged):
    folder, results, _ = damaged
    others = {}
    for name, result in results.items():
        seen = [*result.get("opened", ()), *result.get("held", ()), *result.get("left_open", ())]
        wrong = [other for other in seen if not is_fair(other, folder, name)]
        wrong += [f"left open: {other}" for other in result.get("left_open", ())]
        if wrong:
            others[name] = wrong
    assert not others


def is_fair(opened, folder, name=""):
    """Whether what was opened is the file itself, or a part of Python or of the system."""
    if opened.startswith(("pipe:", "socket:", "anon_inode:", "<")):
        return True  # the process's own standard streams, and the test runner's
    path = os.path.realpath(opened)
    if Path(path).parent == Path(os.path.realpath(folder)):
        return Path(path).name in (name, "calls.log") or not name
    return path.startswith(ELSEWHERE) or path.startswith("/dev/pts")


def test_ffmpeg_itself_opens_no_other_file_and_no_address(damaged):
    folder, _, calls = damaged
    if not calls.exists():
        has_strace = shutil.which("strace") is not None
        assert has_strace or not os.environ.get("CI"), "CI must have strace"
        pytest.skip("strace is missing or may not trace: FFmpeg's own calls cannot be seen")
    assert not unfair_calls(calls.read_text(errors="replace"), folder)


def unfair_calls(text, folder):
    """The sockets, addresses and other files in a list of system calls, from the mark on."""
    begins = text.split("corpus-begins-here")[1:]
    assert begins, "the mark is missing"
    wrong = set()
    for part in begins:
        until_next = part.split("execve(")[0]
        wrong.update(re.findall(r"(?:socket|connect)\(.*", until_next))
        for path in re.findall(r'(?:open|openat)\([^"]*"([^"]*)"', until_next):
            # A descriptor that is looked at again was opened before, under its own name.
            if not path.startswith("/proc/self/fd") and not is_fair(path, folder):
                wrong.add(path)
    return wrong


def test_unfair_calls_would_be_seen(tmp_path):
    mark = 'openat(AT_FDCWD, "/corpus-begins-here", O_RDONLY) = -1 ENOENT\n'
    for call in (
        'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3',
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 4",
        f'openat(AT_FDCWD, "{tmp_path.parent}/other.mp4", O_RDONLY) = -1 ENOENT',
    ):
        assert unfair_calls(f"{mark}1 {call}\n", tmp_path)
    fair = f'openat(AT_FDCWD, "{tmp_path}/a.mp4", O_RDONLY) = 3'
    assert not unfair_calls(f"{mark}1 {fair}\n", tmp_path)
