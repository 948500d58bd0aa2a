"""`--faults FILE.toml`: fields of fault rules that differ from the defaults.

    [incomplete_lockout]
    threshold_deg = 18
    views = ["side"]

docs/faults.md lists the faults and their fields.
"""

import tomllib
from pathlib import Path

from shared.data.job_options import FaultSettings
from shared.errors import UsageError

#: Maximum size of a settings file, in bytes. All fields of all rules take about 3 kB.
MAX_BYTES = 64 * 1024


def read_fault_settings(path: Path) -> FaultSettings:
    """Read a settings file and check it against the rules.

    Returns:
        The fields that differ from the defaults, by fault.

    Raises:
        UsageError: the file cannot be read or is no TOML, or it names a fault, a field or a value
            that there is not.
    """
    from services.scorer.faults import rules_with, settings_of

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise UsageError(f"it is larger than {MAX_BYTES} bytes")
        return settings_of(rules_with(_tables(content)))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}; docs/faults.md lists faults and fields") from error


def _tables(content: bytes) -> FaultSettings:
    """The tables of a TOML document."""
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # ValueError: no TOML, no UTF-8, a huge number
        raise UsageError(f"it is no TOML ({error})") from error
    for name, value in tables.items():
        if not isinstance(value, dict):
            raise UsageError(f"{name!r} stands outside a table such as [rounded_back]")
    return tables
