"""Clips to train on are looked at as the decoder would."""

from fractions import Fraction

from builders import write_clip

from training.clips import motion_in


class Looking:
    """A backend that sees nobody, and notes the size of what it looks at."""

    def __init__(self):
        self.seen = set()

    def people(self, images):
        for image, _ in images:
            self.seen.add((image.shape[1], image.shape[0]))
            yield ()


def test_pixels_of_a_clip_to_train_on_are_made_square(tmp_path):
    clip = write_clip(
        tmp_path / "wide.mkv", frames=3, size_px=(720, 576), sample_aspect=Fraction(64, 45)
    )
    backend = Looking()
    assert motion_in(clip, backend, "looking") is None
    assert backend.seen == {(800, 450)}
