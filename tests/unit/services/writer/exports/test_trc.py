"""TRC as OpenSim's reader takes it: the parser here follows OpenSim/Common/TRCFileAdapter.cpp."""

from dataclasses import replace

import numpy as np
import pytest
from analyses import IN_TRUNKS, analysis, changed, lifter_set, nobody, unseen, with_joints

from services.writer.exports import export
from services.writer.exports.trc import MARKERS
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE
from shared.errors import UsageError

KEYS = (
    "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames"
)


def tokens(line):
    """Cells of a line as OpenSim splits them: each ends with a tab; what is left is one if any."""
    *cells, rest = line.split("\t")
    return [*cells, rest] if rest else cells


def read_trc(path):
    """Header, marker names, times (n,) and places (n, markers, 3), NaN where a cell is empty."""
    first, keys, values, names, axes, empty, *rows = path.read_text().split("\n")
    assert first.split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert tokens(keys) == KEYS.split()
    header = dict(zip(tokens(keys), tokens(values), strict=True))
    labels = [label for label in tokens(names) if label]
    assert labels[:2] == ["Frame#", "Time"]
    markers = labels[2:]
    assert len(markers) == int(header["NumMarkers"])
    expected = [f"{axis}{n}" for n in range(1, len(markers) + 1) for axis in "XYZ"]
    assert [label for label in tokens(axes) if label] == expected
    assert empty == ""
    assert rows.pop() == ""
    assert len(rows) == int(header["NumFrames"])
    cells = [tokens(row) for row in rows]
    assert {len(row) for row in cells} <= {2 + 3 * len(markers)}
    assert [int(row[0]) for row in cells] == list(range(1, len(rows) + 1))
    places = np.array([[float(c) if c else np.nan for c in row[2:]] for row in cells])
    times_s = np.array([float(row[1]) for row in cells])
    return header, markers, times_s, places.reshape(-1, len(markers), 3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lift.trc"


def test_markers_times_and_rates_are_those_of_the_analysis(path):
    one = analysis(lifter_set(reps=1, fps=10))
    export(one, path)
    header, markers, time_s, _ = read_trc(path)
    assert markers == list(MARKERS)
    np.testing.assert_allclose(time_s, [frame.time_s for frame in one.frames], atol=1e-6)
    assert header["Units"] == "m"
    for rate in ("DataRate", "CameraRate", "OrigDataRate"):
        assert float(header[rate]) == pytest.approx(10)
    assert int(header["OrigNumFrames"]) == len(one.frames)
    assert path.read_text().startswith("PathFileType\t4\t(X/Y/Z)\tlift.trc\n")


def test_lengths_are_metres_from_the_ankles_forward_and_up(path):
    one = analysis(lifter_set(reps=1))
    export(one, path)
    _, markers, _, places = read_trc(path)
    ankles = places[0, [R_ANKLE, L_ANKLE]]
    np.testing.assert_allclose(ankles.mean(0), 0, atol=1e-5)
    first = one.frames[0].xy_px
    from_ankles_px = first[L_WRIST] - first[[R_ANKLE, L_ANKLE]].mean(0)
    expected = [from_ankles_px[0] / 120, -from_ankles_px[1] / 120, 0]  # 120 pixels a metre
    np.testing.assert_allclose(places[0, L_WRIST], expected, atol=2e-5)
    assert places[0, markers.index("Head"), 1] > 0.8  # the head is above the ankles
    bar = places[:, markers.index("Bar"), 1]
    assert bar.max() - bar.min() == pytest.approx(
        np.ptp([frame.bar_px[1] for frame in one.frames]) / 120, abs=1e-4
    )


def test_forward_is_where_the_lifter_faces(path):
    right = lifter_set(reps=1)
    export(analysis(right), path)
    _, _, _, facing_right = read_trc(path)
    export(analysis(changed(right, facing=-1)), path)
    _, _, _, facing_left = read_trc(path)
    np.testing.assert_allclose(facing_left[..., 0], -facing_right[..., 0], atol=1e-9)
    np.testing.assert_allclose(facing_left[..., 1:], facing_right[..., 1:], atol=1e-9)


def test_markers_that_are_not_seen_are_blank(path):
    lifter = lifter_set(reps=1)
    xy = lifter.frames[1].xy_px.copy()
    xy[L_WRIST] = np.nan
    no_bar = replace(lifter.frames[2], bar_px=np.full(2, np.nan, np.float32))  # the last cells
    frames = (
        lifter.frames[0], with_joints(lifter.frames[1], xy), no_bar, unseen(3, 0.3),
        *lifter.frames[4:],
    )  # fmt: skip
    export(analysis(replace(lifter, frames=frames)), path)
    _, markers, time_s, places = read_trc(path)
    missing = np.isnan(places).any(-1)
    assert [markers[n] for n in np.flatnonzero(missing[1])] == ["LWrist"]
    assert [markers[n] for n in np.flatnonzero(missing[2])] == ["Bar"]
    assert missing[3].all()
    assert not missing[4:].any()
    assert time_s[3] == pytest.approx(0.3)
    assert "nan" not in path.read_text().lower()


def test_the_origin_is_in_the_first_frame_with_an_ankle(path):
    lifter = lifter_set(reps=1)
    xy = lifter.frames[1].xy_px.copy()
    xy[R_ANKLE] = np.nan
    frames = (unseen(0, 0.0), with_joints(lifter.frames[1], xy), *lifter.frames[2:])
    export(analysis(replace(lifter, frames=frames)), path)
    _, _, _, places = read_trc(path)
    np.testing.assert_allclose(places[1, L_ANKLE], 0, atol=1e-5)


def test_without_ankles_the_origin_is_the_pictures_lower_left_corner(path):
    lifter = lifter_set(reps=1)
    feetless = []
    for frame in lifter.frames:
        xy = frame.xy_px.copy()
        xy[[R_ANKLE, L_ANKLE]] = np.nan
        feetless.append(with_joints(frame, xy))
    export(analysis(replace(lifter, frames=tuple(feetless))), path)
    _, _, _, places = read_trc(path)
    x_px, y_px = lifter.frames[0].xy_px[L_WRIST]
    expected = [x_px / 120, (240 - y_px) / 120, 0]
    np.testing.assert_allclose(places[0, L_WRIST], expected, atol=2e-5)


def test_times_of_uneven_frames_stay_as_they_are(path):
    lifter = lifter_set(reps=1)
    times_s = [0.0, 0.1, 0.15, 0.4]
    frames = tuple(
        replace(frame, time_s=time_s)
        for frame, time_s in zip(lifter.frames[:4], times_s, strict=True)
    )
    export(analysis(replace(lifter, frames=frames)), path)
    header, _, time_s, _ = read_trc(path)
    assert time_s.tolist() == times_s
    assert float(header["DataRate"]) == pytest.approx(3 / 0.4, rel=1e-5)


def test_a_single_frame_has_the_rate_of_the_source(path):
    lifter = lifter_set(reps=1)
    export(analysis(replace(lifter, frames=lifter.frames[:1]), fps=29.97), path)
    header, _, _, _ = read_trc(path)
    assert float(header["DataRate"]) == 29.97


@pytest.mark.parametrize("one", [analysis(lifter_set(bar=IN_TRUNKS)), analysis(nobody())])
def test_without_metres_it_is_refused_with_a_remedy(one, path):
    with pytest.raises(UsageError, match="--height-cm"):
        export(one, path)
    assert not path.exists()
