"""The manifest of a result folder: the options of its job, and its files."""

from dataclasses import dataclass, field
from typing import Annotated

from shared.data.fields import Exact, Flag, Listed, Whole
from shared.data.job_options import JobOptions

#: Raised with every change of the manifest's fields.
MANIFEST_SCHEMA = 5

#: Largest size of a file, in bytes, and largest Unix time, in seconds (the year 5138).
MAX_BYTES, MAX_UNIX_S = 2**53, 1e11


@dataclass(frozen=True, slots=True)
class ManifestSource:
    r"""The clip that the result is of.

    Attributes:
        path: Path of the clip when it was analysed, as it was named. Bytes that are not UTF-8 are
            escaped (`\xe9`).
        sha256: SHA-256 of its content; of a folder of pictures, of their names and contents.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """How many frames there are.

    Attributes:
        source: Number of frames of the source that can be decoded.
        analysed: Number of frames that were analysed.
    """

    source: Annotated[int, Whole()]
    analysed: Annotated[int, Whole()]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of the result.

    Attributes:
        sha256: SHA-256 of its content.
        bytes: Size of the file.
    """

    sha256: str
    bytes: Annotated[int, Whole(high=MAX_BYTES, unit="bytes")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest, written last: a folder that has it is a complete result.

    Attributes:
        schema: Version of these fields.
        job: Identity of the job: of content, options and place of the results.
        created_s: Time at which the job was made, as Unix time.
        source: The clip.
        options: The options of the job.
        versions: Library that may change a result → its version.
        engines: What computed the poses, each once: library, version, device, precision, weights.
        rescored: Whether a stored analysis was judged again, without the clip.
        frames: How many frames there are.
        files: Name of each other file of the folder → its hash and size.
    """

    schema: Annotated[int, Whole(MANIFEST_SCHEMA, MANIFEST_SCHEMA)] = MANIFEST_SCHEMA
    job: str
    created_s: Annotated[float, Exact(low=0, high=MAX_UNIX_S, unit="s")]
    source: ManifestSource
    options: JobOptions
    versions: dict[str, str] = field(default_factory=dict)
    engines: Listed[str] = ()
    rescored: Flag = False
    frames: FrameCounts
    files: dict[str, FileRecord] = field(default_factory=dict)
