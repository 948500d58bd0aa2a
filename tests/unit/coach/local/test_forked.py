"""Services in forked processes."""

import subprocess
import sys

#: Forks a service, and gets Ctrl-C while Python's own callbacks of the fork run.
INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from coach.local.forked import Lifeline, fork_service
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    fork_service("nothing", Path(sys.argv[1]), {}, Lifeline())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_while_a_service_is_forked_is_not_lost(tmp_path):
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "interrupted\n", done.stderr
