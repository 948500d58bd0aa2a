"""What a quantised backend costs is measured, and one that costs too much is not kept."""

import shutil
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from builders import grey_of, person, run_coach, write_clip
from networks import write_network

from coach.cli import quantize as quantise
from coach.cli.quantize import cost
from services.pose import engines, weights
from services.pose.engines import ImageInput, openvino_cpu
from services.pose.engines.interface import int8_file
from shared.data.pose_options import PoseOptions
from shared.errors import ModelError, UsageError


def moved(someone, by_px, joints=slice(None)):
    xy = someone.xy_px.copy()
    xy[joints] += by_px
    return type(someone)(**{**_fields(someone), "xy_px": xy})


def _fields(someone):
    return {name: getattr(someone, name) for name in type(someone).__dataclass_fields__}


def test_the_same_people_cost_nothing_in_any_order():
    one, other = person(100), person(400)
    told = cost([(one, other), (one,)], [(other, one), (one,)])
    assert (told.shift, told.far, told.found) == (0, 0, 1)
    assert told.is_bearable


def test_somebody_who_is_lost_costs_all_their_joints():
    one, other = person(100), person(400)
    told = cost([(one, other)], [(one,)])
    assert (told.shift, told.far, told.found) == (0, 0.5, 0.5)
    assert not told.is_bearable


def test_joints_that_jump_are_counted_and_those_that_tremble_are_not():
    someone = person()
    assert cost([(someone,)], [(moved(someone, 0.1),)]).far == 0
    told = cost([(someone,)], [(moved(someone, 500, slice(0, 3)),)])
    assert told.found == 1
    assert told.far == pytest.approx(3 / 15)
    assert not told.is_bearable


def test_nobody_left_is_told_without_a_distance():
    told = cost([(person(),)], [()])
    assert np.isnan(told.shift)
    assert (told.far, told.found) == (1, 0)


def test_pictures_without_people_tell_nothing():
    with pytest.raises(UsageError, match="--clip"):
        cost([()], [()])


def test_a_long_clip_does_not_fill_the_memory(tmp_path):
    clip = write_clip(tmp_path / "long.mp4", frames=400, time_base=Fraction(1, 20))
    tracemalloc.start()
    pictures = list(quantise._pictures([clip]))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(pictures) == 64
    assert most < 100 * pictures[0].nbytes
    greys = [picture.mean() for picture in (pictures[0], pictures[-1])]
    assert greys == pytest.approx([grey_of(0), grey_of(399)], abs=4)


class Eye:
    """Sees somebody in every picture; nobody in int8 where that is to ruin its network."""

    def __init__(self, model, is_ruined):
        self._engine = engines.load(model, 1, ImageInput(1 / 255))
        self._sees = not (is_ruined and ", int8, " in self._engine.about)

    def people(self, images):
        for image, _ in images:
            self._engine.infer(image[None])
            yield (person(),) if self._sees else ()


@pytest.mark.skipif(bool(openvino_cpu.missing("int8")), reason=openvino_cpu.missing("int8"))
def test_only_what_was_judged_good_is_put_in_place_and_stays_there(tmp_path, monkeypatch, clip):
    (tmp_path / "net").mkdir()
    model = write_network(tmp_path / "net" / "small.onnx", channels=32)
    lay_there = []

    def run(is_ruined):
        def backend(*_):
            lay_there.append(int8_file(model).exists())
            return Eye(model, is_ruined)

        monkeypatch.setattr(quantise, "load_backend", backend)
        quantise.run("eye", [clip], PoseOptions())

    def files():
        return {path.name: path.read_bytes() for path in model.parent.iterdir()}

    untouched = files()
    with pytest.raises(ModelError, match="int8 is not for eye"):
        run(is_ruined=True)
    assert files() == untouched
    run(is_ruined=False)
    assert not any(lay_there)  # it is judged elsewhere
    accepted = files()
    assert sorted(accepted) == ["small.onnx", "small.onnx.int8.bin", "small.onnx.int8.xml"]
    with pytest.raises(ModelError, match="int8 is not for eye"):
        run(is_ruined=True)
    assert files() == accepted


@pytest.mark.slow
def test_a_network_that_int8_ruins_is_refused_and_nothing_is_kept(tmp_path):
    """A MobileNet's thin layers do not bear 256 levels: nearly nobody is found any more."""
    folder = tmp_path / "openpose-mobilenet"
    folder.mkdir()
    shutil.copy(weights.ensure("openpose-mobilenet")["graph_opt.pb"], folder)
    done = run_coach(
        *("models", "quantize", "openpose-mobilenet", "--pose-height", "184"),
        COACH_MODELS_DIR=str(tmp_path),
    )
    assert done.returncode == 2, done.stderr
    assert "int8 is not for openpose-mobilenet" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["graph_opt.pb"]
