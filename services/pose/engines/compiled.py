"""Compiled networks that are kept in the models' cache: reading one is four times faster.

A file's name is a hash of everything that compiling depends on; its last bytes are the SHA-256 of
the rest. A file that is missing or damaged is not an error, and neither is a folder that cannot be
written, or that other users can change: the network is compiled then. The folder may be deleted at
any time.
"""

import hashlib
import logging
import os
from pathlib import Path

from services.pose.weights.private import is_private

_log = logging.getLogger(__name__)

#: Version of the files' format; part of their names.
_FORMAT = 1

#: Length of a SHA-256, in bytes.
_DIGEST_BYTES = hashlib.sha256().digest_size


class CompiledFile:
    """The file that keeps one compiled network.

    Args:
        folder: folder of all compiled networks.
        name: name of the network, for people.
        *compiled_from: everything that compiling depends on: weights, library, processor, options.
    """

    def __init__(self, folder: Path, name: str, *compiled_from: object) -> None:
        key = hashlib.sha256(repr((_FORMAT, *compiled_from)).encode()).hexdigest()[:16]
        self._path = folder / f"{name}-{key}.compiled"

    def read(self) -> bytes | None:
        """The compiled network; None if it is not kept, damaged, or others could have put it there.

        A compiled network is code.
        """
        if not is_private(self._path.parent):
            return None
        try:
            content = self._path.read_bytes()
        except OSError:
            return None
        compiled, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
        if hashlib.sha256(compiled).digest() == digest:
            return compiled
        _log.warning("%s is damaged; compiling the network again", self._path)
        return None

    def write(self, compiled: bytes) -> None:
        """Keep a compiled network, if the folder can be written."""
        staged = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(0o755, parents=True, exist_ok=True)
            if not is_private(self._path.parent):
                return
            try:
                with staged.open("wb") as file:
                    file.write(compiled)
                    file.write(hashlib.sha256(compiled).digest())
                os.replace(staged, self._path)
            finally:
                staged.unlink(missing_ok=True)
        except OSError as error:
            _log.info("the compiled network is not kept: %s", error)
