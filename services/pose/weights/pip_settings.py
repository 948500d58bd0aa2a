"""Where the user's own pip looks for packages, and how it gets through to there."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

#: What to do where nothing comes from there.
PIP_REMEDY = "Check the network and pip's index settings"

#: pip reads its configuration files in well under a second; more means that it hangs.
_PIP_TIMEOUT_S = 60

#: The sections that bear on a download, later ones first.
_SECTIONS = (":env:", "download", "global")

#: How pip spells yes.
_YES = ("y", "yes", "t", "true", "on", "1")


@dataclass(frozen=True)
class PipSettings:
    """What pip's configuration files and environment variables say.

    `index_url` is None where nothing is said: pip's own default then holds. Without pip in this
    environment everything is at its default.
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
        """Ask pip itself, which knows where its files lie on this system."""
        command = [sys.executable, "-m", "pip", "config", "list"]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=_PIP_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return cls()
        return cls.parse(done.stdout if done.returncode == 0 else "")

    @classmethod
    def parse(cls, listing: str) -> Self:
        """Read what `pip config list` prints: lines of `section.option='value'`."""
        said: dict[str, str] = {}
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            try:
                said[name] = str(ast.literal_eval(value))
            except (SyntaxError, ValueError):
                continue  # a warning among the lines

        def option(name: str) -> str:
            return next((said[f"{s}.{name}"] for s in _SECTIONS if said.get(f"{s}.{name}")), "")

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
