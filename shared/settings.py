"""What an operator may set, from the environment: `COACH_REDIS_URL`, `COACH_MODELS_DIR` and so on.

Nothing here changes a result but `COACH_POSTURE_MODEL` and `COACH_OPENPOSE_WEIGHTS`, and in the
last digits what poses are computed with (`COACH_ENGINE`, `COACH_PRECISION`; a job's manifest names
it); what else does is an option of the job (`shared.queue.jobs.JobOptions`).
"""

from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.engine_names import EngineName, Precision
from shared.errors import UsageError


class Settings(BaseSettings):
    """Settings of one process, read when it is made."""

    model_config = SettingsConfigDict(env_prefix="COACH_")

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0", description="Redis ≥ 7.0 or Valkey ≥ 7.2."
    )
    backend: str = Field(default="blazepose-full", description="Backend of a pose worker.")
    posture_model: Path | None = Field(
        default=None, description="Posture model of a scorer (JSON); the shipped one if not set."
    )
    models_dir: Path = Field(
        default_factory=lambda: user_cache_path("weightlifting-coach") / "models",
        description="Where network weights are cached.",
    )
    openpose_weights: Path | None = Field(
        default=None,
        description="A caffemodel to use for openpose-mpi as it is; the registered one if not set.",
    )
    source_roots: list[Path] = Field(
        default=[Path("/")],
        description="Workers read videos from below these folders only (JSON list).",
    )
    out_roots: list[Path] = Field(
        default=[Path("/")],
        description="Workers write results below these folders only (JSON list).",
    )
    pose_threads: int = Field(default=1, ge=1, description="Processor threads of one pose worker.")
    engine: EngineName = Field(
        default="auto", description="What runs the networks; auto: NVIDIA if it can, or OpenVINO."
    )
    precision: Precision = Field(default="f32", description="What the networks are computed in.")
    window_chunks: int = Field(
        default=16,
        ge=1,
        description="Chunks of one job in flight; bounds what a job holds in Redis.",
    )
    claim_idle_s: float = Field(
        default=15.0,
        gt=0,
        description="A message untouched for so long is another worker's to take.",
    )
    max_deliveries: int = Field(
        default=5,
        ge=1,
        description="A message delivered more often fails its job: it kills workers.",
    )
    stall_s: float = Field(
        default=60.0, gt=0, description="A job without progress for so long is looked after."
    )
    task_timeout_s: int = Field(default=6 * 3600, ge=60, description="Longest decoding or writing.")
    keep_jobs_s: int = Field(
        default=7 * 86400, ge=60, description="Ended jobs stay in Redis so long."
    )
    max_frame_px: int = Field(
        default=8192 * 8192,
        ge=1,
        description="Largest frame accepted, in pixels: guards the memory.",
    )
    lifeline: bool = Field(
        default=False,
        description="End when stdin closes: set by the local runner for its children.",
    )


def read_settings(**given: Any) -> Settings:
    """The settings of this process: what is given, else the environment, else the default.

    Args:
        given: settings by name; None stands for not given.

    Raises:
        UsageError: a value is wrong; names the variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"COACH_{first['loc'][0]}".upper()
        raise UsageError(f"wrong value in the environment: {variable}: {first['msg']}") from error
