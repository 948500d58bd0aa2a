"""The scorer's process; one is enough for many pose workers, more do no harm."""

from services.scorer.score import posture_model
from services.scorer.worker import Scorer
from shared.queue import keys, worker
from shared.queue.stalled_jobs import Caretaker
from shared.settings import Settings


def main(redis_url: str, burst: bool = False) -> None:
    """Score until stopped, or with `burst` until no keypoints are left or to come."""
    around = worker.set_up("scorer", redis_url)
    consumer = worker.join(around, keys.KEYPOINTS, keys.SCORER_GROUP)
    worker.consume(
        around,
        consumer,
        Scorer(around, consumer, posture_model.chosen(around.settings.posture_model)).handle,
        is_drained=(lambda: worker.is_scoring_drained(around)) if burst else None,
        between=Caretaker(around.client, around.store, around.settings).look,
    )


if __name__ == "__main__":
    worker.run(lambda: main(Settings().redis_url))
