"""Where the user's own pip looks for packages, and through which proxy and certificates."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

#: Remedy if a download through pip's settings fails.
PIP_REMEDY = "Check the network and pip's index settings"

#: Time limit for `pip config list`, in s. Chosen: it takes well under a second unless it hangs.
_PIP_TIMEOUT_S = 60

#: Sections of pip's configuration that apply to downloads; the first has priority.
_SECTIONS = (":env:", "download", "global")

#: Values that pip reads as true.
_YES = ("y", "yes", "t", "true", "on", "1")


@dataclass(frozen=True)
class PipSettings:
    """Settings from pip's configuration files and environment variables.

    `index_url` is None if none is set: pip's own default applies. Without pip in this environment,
    all settings have their defaults.
    """

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = None
    cert: str | None = None
    client_cert: str | None = None
    timeout_s: float = 15.0

    @classmethod
    def read(cls) -> Self:
        """Ask pip itself: it knows where its configuration files are."""
        command = [sys.executable, "-m", "pip", "config", "list"]
        try:
            result = subprocess.run(
                command,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=_PIP_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return cls()
        return cls.parse(result.stdout if result.returncode == 0 else "")

    @classmethod
    def parse(cls, listing: str) -> Self:
        """Parse the output of `pip config list`: lines of `section.option='value'`."""
        values: dict[str, str] = {}
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            try:
                values[name] = str(ast.literal_eval(value))
            except (SyntaxError, ValueError):
                continue  # a warning among the lines

        def option(name: str) -> str:
            return next((values[f"{s}.{name}"] for s in _SECTIONS if values.get(f"{s}.{name}")), "")

        return cls(
            index_url=option("index-url") or None,
            extra_index_urls=tuple(option("extra-index-url").split()),
            find_links=tuple(option("find-links").split()),
            no_index=option("no-index").lower() in _YES,
            trusted_hosts=tuple(option("trusted-host").split()),
            proxy=option("proxy") or None,
            cert=option("cert") or None,
            client_cert=option("client-cert") or None,
            timeout_s=_seconds(option("timeout") or option("default-timeout")),
        )


def _seconds(text: str) -> float:
    try:
        return max(float(text), 1.0)
    except ValueError:
        return PipSettings.timeout_s
