"""Ctrl-C where Python ignores what its handler raises."""

import subprocess
import sys

import pytest

#: Where Python ignores exceptions: name → code in which `interrupt` is called there.
IGNORED = {
    "fork": """
os.register_at_fork(after_in_parent=interrupt)
if not os.fork():
    os._exit(0)
""",
    "end of an object": """
class Ending:
    __del__ = interrupt
Ending()
""",
    "callback of a weak reference": """
class Referred:
    pass
referred = Referred()
reference = weakref.ref(referred, interrupt)
del referred
""",
}

SCRIPT = """
import os, signal, time, weakref
from coach.cli.interrupts import raise_interrupts

def interrupt(*_):
    os.kill(os.getpid(), signal.{name})

raise_interrupts()
try:
    {code}
    time.sleep(30)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("where", IGNORED)
def test_interrupt_is_not_lost(where, name):
    script = SCRIPT.format(name=name, code=IGNORED[where].strip().replace("\n", "\n    "))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


@pytest.mark.parametrize("code", ["interrupt()", "exec('interrupt()')"])
def test_interrupted_command_says_so_and_has_its_own_status(code, tmp_path):
    script = f"""
import os
import signal
from coach.cli import app, commands

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

@commands.app.command()
def interrupted():
    {code}

app.main()
"""
    (tmp_path / "script.py").write_text(script)
    command = [sys.executable, "-m", "script", "interrupted"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["typer", "coach.cli.models_app"])
def test_interrupt_while_commands_are_loaded_is_one_line(module, number):
    script = f"""
import os
import runpy
import signal
import sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{number})

sys.meta_path.insert(0, Interrupting())
runpy.run_module("coach", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_other_ignored_errors_are_shown():
    script = """
from coach.cli.interrupts import raise_interrupts
raise_interrupts()
class Ending:
    def __del__(self):
        raise ValueError("shown")
Ending()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, "ValueError: shown" in done.stderr) == (0, True)
