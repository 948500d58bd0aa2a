"""Settings of the operator, from the environment: `COACH_REDIS_URL`, `COACH_MODELS_DIR` and so on.

Settings are read once, at the start of a process, and passed down from there.

Only a few of them change results: `COACH_POSTURE_MODEL` and `COACH_OPENPOSE_WEIGHTS`, in the last
digits `COACH_ENGINE` and `COACH_PRECISION` (a job's manifest names the engine), and `COACH_TIMINGS`
adds times to them. Everything else that changes a result is an option of the job
(`shared.data.job_options.JobOptions`).
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from shared.data.defaults import BACKEND, MAX_TIME_S
from shared.engine_names import EngineName, Precision
from shared.errors import UsageError

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)
]

LogFormat = Literal["text", "json"]

#: Largest frame accepted where nothing else is set, in pixels (8192 × 8192: a decoded frame then
#: takes 200 MB).
MAX_FRAME_PX = 8192 * 8192

#: Jobs of one batch, or of one user, that are at work at a time where nothing else is set (chosen:
#: enough for a hundred pose workers, and another user's job waits for no more than these).
BATCH_JOBS = 64

_PREFIX = "COACH_"


class Settings(BaseSettings):
    """Settings of one process, read from its environment when the object is made."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX)

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0", description="Redis ≥ 7.0 or Valkey ≥ 7.2."
    )
    shards: list[str] = Field(
        default=[],
        description="URLs of the servers that share the jobs (JSON list); one if empty.",
    )
    backend: str = Field(default=BACKEND, description="Backend of a pose worker.")
    posture_model: Path | None = Field(
        default=None,
        description="Model of good lifts (JSON) of a scorer; the shipped one if not set.",
    )
    models_dir: Path = Field(
        default_factory=lambda: user_cache_path("weightlifting-coach") / "models",
        description="Folder where network weights are cached.",
    )
    openpose_weights: Path | None = Field(
        default=None,
        description="A caffemodel for openpose-mpi; the registered one if not set.",
    )
    source_roots: list[Path] = Field(
        default=[Path("/")],
        description="Videos are read from below these folders only (JSON list).",
    )
    out_roots: list[Path] = Field(
        default=[Path("/")],
        description="Results are written below these folders only (JSON list).",
    )
    pose_threads: int = Field(default=1, ge=1, description="Processor threads of each pose worker.")
    engine: EngineName = Field(
        default="auto",
        description="What runs the networks; auto takes an NVIDIA device if usable, else OpenVINO.",
    )
    precision: Precision = Field(
        default="f32", description="Precision that the networks are computed in."
    )
    window_chunks: int = Field(
        default=16,
        ge=1,
        description="Maximum chunks of one job in flight; bounds the memory of a job in Redis.",
    )
    window_bytes: int = Field(
        default=64 * 2**20,
        ge=1,
        description="Maximum bytes of one job's chunks in flight; at least one chunk is.",
    )
    in_flight_bytes: int = Field(
        default=256 * 2**20,
        ge=1,
        description="Maximum bytes of all jobs' chunks that wait for pose workers, per priority.",
    )
    autoscaled: list[str] = Field(
        default=[],
        description="Pose backends whose workers something starts when chunks wait (JSON list): "
        "nobody is told then that none is running.",
    )
    batch_jobs: int = Field(
        default=BATCH_JOBS,
        ge=1,
        description="Maximum jobs of one batch, or of one user, that are at work at a time.",
    )
    decode_turn_s: float = Field(
        default=20.0,
        gt=0,
        le=MAX_TIME_S,
        description="Time after which decoding a long video gives way to jobs that wait, in "
        "seconds.",
    )
    claim_idle_s: float = Field(
        default=10.0,
        gt=0,
        le=MAX_TIME_S,
        description="Idle time after which another worker claims a message, in seconds.",
    )
    max_deliveries: int = Field(
        default=3,
        ge=1,
        description="Deliveries of one message before it is put aside: it may kill its workers.",
    )
    hang_s: float = Field(
        default=60.0,
        gt=0,
        le=MAX_TIME_S,
        description="Time for one frame after which a worker counts as hung and ends, in seconds.",
    )
    stall_s: float = Field(
        default=60.0,
        gt=0,
        le=MAX_TIME_S,
        description="Time without progress after which a job is checked and repaired, in seconds.",
    )
    task_timeout_s: int = Field(
        default=6 * 3600,
        ge=60,
        le=MAX_TIME_S,
        description="Time limit of decoding or writing, in seconds.",
    )
    keep_jobs_s: int = Field(
        default=7 * 86400,
        ge=60,
        le=MAX_TIME_S,
        description="Time that the record of an ended job stays in Redis, in seconds.",
    )
    max_frame_px: int = Field(
        default=MAX_FRAME_PX,
        ge=1,
        description="Largest frame accepted, in pixels; bounds the memory of decoding.",
    )
    timings: bool = Field(
        default=True,
        description="Whether results say how long each frame's poses took: two runs differ in it.",
    )
    log_level: LogLevel = Field(
        default="INFO", description="Lowest level that the services log: DEBUG, INFO, WARNING, …"
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port on which a service shows its metrics to Prometheus; 0 for none.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address on which a service shows its metrics."
    )
    log_format: LogFormat = Field(
        default="text", description="Form of the services' log lines: text or json."
    )
    otlp_endpoint: str = Field(
        default="",
        description="URL of an OpenTelemetry collector (OTLP over HTTP) for traces; none if empty.",
    )
    lifeline: Literal["none", "process", "server"] = Field(
        default="none",
        description="What ends when stdin closes: nothing, this process, or the server with it. "
        "Those who start services as children set it.",
    )

    def environment(self) -> dict[str, str]:
        """Environment variables from which another process reads the same settings.

        Only settings that were set are in it; the other process has the same defaults.
        """
        values = self.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return {
            f"{_PREFIX}{name}".upper(): value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }


def read_settings(**given: Any) -> Settings:
    """Read the settings of this process: what is given, else the environment, else the default.

    Args:
        **given: settings by name; None stands for not given.

    Raises:
        UsageError: a value is wrong; the message names the variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"COACH_{first['loc'][0]}".upper()
        raise UsageError(f"wrong value in the environment: {variable}: {first['msg']}") from error
    except SettingsError as error:  # a list that is no JSON
        raise UsageError(f"wrong value in the environment: {error}") from error
