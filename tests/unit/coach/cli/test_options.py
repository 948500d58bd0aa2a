"""Values of options that a job's record could not hold."""

import pytest
from typer.testing import CliRunner

from coach.cli.commands import app
from coach.cli.options import every_of, stages_of
from shared.errors import UsageError


@pytest.mark.parametrize("command", ["analyze", "submit", "batch"])
@pytest.mark.parametrize("value", ["inf", "nan", "-1", "2147483648"])
def test_time_limits_that_no_record_takes_are_refused(command, value):
    done = CliRunner().invoke(app, [command, "clip.mp4", "--timeout", value])
    assert done.exit_code == 2
    assert "--timeout" in done.output


@pytest.mark.parametrize("read", [every_of, stages_of])
def test_a_number_of_thousands_of_digits_is_refused(read):
    with pytest.raises(UsageError, match="takes a whole number") as refused:
        read("9" * 5000)
    assert len(str(refused.value)) < 200
