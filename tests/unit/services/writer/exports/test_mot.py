"""MOT as OpenSim's reader takes it: the parser here follows OpenSim/Common/DelimFileAdapter.cpp."""

from dataclasses import replace

import numpy as np
import pytest
from analyses import analysis, angles, lifter_set, nobody, unseen

from services.writer.exports import export
from shared.data.analysis import ANGLES


def read_mot(path):
    """Header, column names, times (n,) and values (n, columns)."""
    name, *lines = path.read_text().split("\n")
    end = lines.index("endheader")
    header = dict(line.split("=") for line in lines[:end])
    names, *rows = (line.split("\t") for line in lines[end + 1 : -1])
    assert lines[-1] == ""
    assert names[0] == "time"
    assert {len(row) for row in rows} <= {len(names)}
    assert int(header["nRows"]) == len(rows)
    assert int(header["nColumns"]) == len(names)
    values = np.array([[float(cell) for cell in row] for row in rows]).reshape(-1, len(names))
    return {"name": name, **header}, names[1:], values[:, 0], values[:, 1:]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lift.mot"


def at_times(times_s, knees_deg):
    """An analysis with a frame at each of these times."""
    lifter = lifter_set(reps=2)
    frames = tuple(
        replace(frame, time_s=time_s, angles=angles(knee=knee_deg))
        for frame, time_s, knee_deg in zip(lifter.frames, times_s, knees_deg, strict=False)
    )
    return analysis(replace(lifter, frames=frames))


def test_angles_and_times_are_those_of_the_analysis(path):
    one = analysis(lifter_set(reps=1))
    export(one, path)
    header, names, time_s, values = read_mot(path)
    assert (header["inDegrees"], header["version"], header["name"]) == ("yes", "1", "lift.mot")
    assert names == list(ANGLES)
    np.testing.assert_allclose(time_s, [frame.time_s for frame in one.frames], atol=1e-6)
    expected = [[getattr(frame.angles, name) for name in ANGLES] for frame in one.frames]
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_unknown_angles_are_nan(path):
    lifter = lifter_set(reps=1)
    frames = (*lifter.frames[:5], unseen(5, 0.5), *lifter.frames[6:])
    export(analysis(replace(lifter, frames=frames)), path)
    _, names, _, values = read_mot(path)
    assert np.isnan(values[5]).all()
    assert np.isnan(values[:, names.index("elbow")]).all()
    knee = values[:, names.index("knee")]
    assert np.isfinite(np.delete(knee, 5)).all()


def test_rows_are_evenly_spaced_where_frames_are_not(path):
    export(at_times([0.0, 0.1, 0.15, 0.3], [100, 110, 115, 130]), path)
    _, names, time_s, values = read_mot(path)
    np.testing.assert_allclose(time_s, [0, 0.1, 0.2, 0.3], atol=1e-6)
    np.testing.assert_allclose(values[:, names.index("knee")], [100, 110, 120, 130], atol=1e-4)


def test_times_rounded_to_a_millisecond_count_as_even(path):
    times_s = [0.0, 0.033, 0.067, 0.1]
    export(at_times(times_s, [100, np.nan, 120, 130]), path)
    _, names, time_s, values = read_mot(path)
    assert time_s.tolist() == times_s
    knee = values[:, names.index("knee")]
    assert np.isnan(knee).tolist() == [False, True, False, False]


def test_nothing_is_interpolated_beside_an_unknown_angle(path):
    export(at_times([0.0, 0.1, 0.15, 0.3], [100, 110, np.nan, 130]), path)
    _, names, _, values = read_mot(path)
    knee = values[:, names.index("knee")]
    assert np.isnan(knee).tolist() == [False, False, True, False]


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_short_clips_have_their_rows(frames, path):
    export(analysis(nobody(frames=frames)), path)
    _, _, time_s, values = read_mot(path)
    assert len(time_s) == frames
    assert np.isnan(values).all()
