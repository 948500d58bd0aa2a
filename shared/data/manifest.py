"""The manifest of a result folder: what was asked for, and what lies there."""

from dataclasses import dataclass, field

from shared.data.job_options import JobOptions

#: Raised with every change of the manifest's fields.
MANIFEST_SCHEMA = 3


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """The clip that the result is of.

    Attributes:
        path: Where it lay.
        sha256: SHA-256 of its content.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """How many frames there are.

    Attributes:
        source: Frames of the source.
        analysed: Frames that were looked at.
    """

    source: int
    analysed: int


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of the result.

    Attributes:
        sha256: SHA-256 of its content.
        bytes: Its size.
    """

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The manifest, written last: a folder that has it is a complete result.

    Attributes:
        schema: Version of these fields.
        job: Identity of the job: of content, options and place of the results.
        created_s: When the job was made, Unix seconds.
        source: The clip.
        options: What was asked for.
        versions: Versions of the libraries that may change a result, by name.
        engines: What computed the poses, each once: library, version, device, precision, weights.
        rescored: Whether a stored analysis was judged again, without the clip.
        frames: How many frames there are.
        files: The other files of the folder, by name.
    """

    schema: int = MANIFEST_SCHEMA
    job: str
    created_s: float
    source: ManifestSource
    options: JobOptions
    versions: dict[str, str] = field(default_factory=dict)
    engines: tuple[str, ...] = ()
    rescored: bool = False
    frames: FrameCounts
    files: dict[str, FileRecord] = field(default_factory=dict)
