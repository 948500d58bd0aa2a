"""The cost of a quantized backend is measured, and one that costs too much is not kept."""

import shutil
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from builders import grey_of, person, run_coach, write_clip
from networks import write_network

from coach.cli import quantize
from coach.cli.quantize import measure_cost
from services.pose import engines, weights
from services.pose.engines import ImageInput, openvino_cpu
from services.pose.engines.interface import int8_file
from services.pose.runtime import runtime_from_environment
from shared.data.pose_options import PoseOptions
from shared.errors import ModelError, UsageError
from shared.settings import read_settings

NO_INT8 = openvino_cpu.why_unavailable("int8")


def moved(someone, by_px, joints=slice(None)):
    xy = someone.xy_px.copy()
    xy[joints] += by_px
    return type(someone)(**{**_fields(someone), "xy_px": xy})


def _fields(someone):
    return {name: getattr(someone, name) for name in type(someone).__dataclass_fields__}


def test_the_same_people_cost_nothing_in_any_order():
    one, other = person(100), person(400)
    cost = measure_cost([(one, other), (one,)], [(other, one), (one,)])
    assert (cost.shift, cost.wrong, cost.found) == (0, 0, 1)
    assert cost.is_acceptable


def test_a_lost_person_costs_all_their_joints():
    one, other = person(100), person(400)
    cost = measure_cost([(one, other)], [(one,)])
    assert (cost.shift, cost.wrong, cost.found) == (0, 0.5, 0.5)
    assert not cost.is_acceptable


def test_only_joints_that_move_far_count_as_wrong():
    someone = person()
    assert measure_cost([(someone,)], [(moved(someone, 0.1),)]).wrong == 0
    cost = measure_cost([(someone,)], [(moved(someone, 500, slice(0, 3)),)])
    assert cost.found == 1
    assert cost.wrong == pytest.approx(3 / 15)
    assert not cost.is_acceptable


def test_the_cost_of_losing_everybody_has_no_distance():
    cost = measure_cost([(person(),)], [()])
    assert np.isnan(cost.shift)
    assert (cost.wrong, cost.found) == (1, 0)


def test_images_without_people_are_refused():
    with pytest.raises(UsageError, match="--clip"):
        measure_cost([()], [()])


def test_a_long_clip_does_not_fill_the_memory(tmp_path):
    clip = write_clip(tmp_path / "long.mp4", frames=400, time_base=Fraction(1, 20))
    tracemalloc.start()
    images = list(quantize._images([clip]))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(images) == 64
    assert most < 100 * images[0].nbytes
    greys = [image.mean() for image in (images[0], images[-1])]
    assert greys == pytest.approx([grey_of(0), grey_of(399)], abs=4)


class SeesOne:
    """Sees one person in every image; with `is_ruined`, nobody in int8."""

    def __init__(self, model, runtime, is_ruined):
        self._engine = engines.load(model, runtime, ImageInput(1 / 255))
        self._sees = not (is_ruined and ", int8, " in self._engine.description)

    def people(self, images):
        for image, _ in images:
            self._engine.infer(image[None])
            yield (person(),) if self._sees else ()


@pytest.mark.skipif(bool(NO_INT8), reason=NO_INT8)
def test_only_accepted_int8_networks_are_put_in_place(tmp_path, monkeypatch, clip):
    (tmp_path / "net").mkdir()
    model = write_network(tmp_path / "net" / "small.onnx", channels=32)
    in_place = []

    def run(is_ruined):
        def load_backend(_name, runtime, _options):
            in_place.append(int8_file(model).exists())
            return SeesOne(model, runtime, is_ruined)

        monkeypatch.setattr(quantize, "load_backend", load_backend)
        quantize.run("sees-one", [clip], PoseOptions(), runtime_from_environment())

    def files():
        return {path.name: path.read_bytes() for path in model.parent.iterdir()}

    untouched = files()
    with pytest.raises(ModelError, match="int8 is not suitable for sees-one"):
        run(is_ruined=True)
    assert files() == untouched
    run(is_ruined=False)
    assert not any(in_place)  # a network on trial is elsewhere
    accepted = files()
    assert sorted(accepted) == [
        "small.onnx", "small.onnx.int8.bin", "small.onnx.int8.xml", "small.onnx.int8.xml.sha256",
    ]  # fmt: skip
    with pytest.raises(ModelError, match="int8 is not suitable for sees-one"):
        run(is_ruined=True)
    assert files() == accepted


@pytest.mark.slow
@pytest.mark.thorough
def test_a_network_unsuitable_for_int8_is_refused_and_not_kept(tmp_path):
    """256 levels are too few for a MobileNet's thin layers: nearly nobody is found any more."""
    folder = tmp_path / "openpose-mobilenet"
    folder.mkdir()
    shutil.copy(
        weights.ensure("openpose-mobilenet", read_settings().models_dir)["graph_opt.pb"], folder
    )
    done = run_coach(
        *("models", "quantize", "openpose-mobilenet", "--pose-height", "184"),
        COACH_MODELS_DIR=str(tmp_path),
    )
    assert done.returncode == 2, done.stderr
    assert "int8 is not suitable for openpose-mobilenet" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["graph_opt.pb"]
