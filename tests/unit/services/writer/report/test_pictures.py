from dataclasses import replace

import numpy as np
from analyses import NAN, analysis, at, changed, fault, lifter_set, nobody, rep, with_joints

from services.writer.report.pictures import (
    MAX_REPS,
    PictureRequest,
    requested_pictures,
    take_picture,
)
from shared.data.analysis import Partial
from shared.data.skeleton import L_ANKLE, R_ANKLE


def keyed(one):
    return {
        request.key: (index, request)
        for index, requests in requested_pictures(one).items()
        for request in requests
    }


def test_start_middle_and_top_of_each_rep_have_one_crop():
    one = analysis()
    requests = keyed(one)
    for number in (1, 2, 3):
        of_rep = [requests[f"1-rep-{number}-{name}"] for name in ("start", "middle", "top")]
        start_s = rep(number).start_s
        times = [one.frames[index].time_s for index, _ in of_rep]
        np.testing.assert_allclose(times, [start_s, start_s + 0.5, start_s + 1.0], atol=0.051)
        assert len({shot.crop_px for _, shot in of_rep}) == 1


def test_a_fault_is_shown_in_its_best_frame():
    weak, strong = fault(1, shown_at=9, confidence=0.5), fault(2, shown_at=46, confidence=0.9)
    requests = keyed(analysis(lifter_set(faults=(weak, strong))))
    assert requests["1-first-worst"][0] == 46
    assert not [key for key in requests if "fault" in key]  # it is the first thing to do


def test_other_faults_have_a_picture_of_their_own():
    other = fault(1, "heels_lift", shown_at=9, confidence=0.7)
    requests = keyed(analysis(lifter_set(faults=(fault(2, shown_at=46), other))))
    assert requests["1-fault-heels_lift"][0] == 9
    assert "1-fault-hips_shoot_up" not in requests


def test_the_worst_moment_and_the_best_rep_have_one_crop():
    requests = keyed(analysis(lifter_set(reps=2, faults=(fault(2, shown_at=46),))))
    worst, best = requests["1-first-worst"], requests["1-first-best"]
    assert worst[0] - best[0] == 36  # the same moment, one repetition earlier
    assert worst[1].crop_px == best[1].crop_px
    assert "1-hero" not in requests


def test_a_set_without_advice_has_a_picture_of_its_best_rep():
    requests = keyed(analysis(lifter_set(reps=2, faults=(), contributions=())))
    assert "1-hero" in requests
    assert not [key for key in requests if "first" in key]


def test_lifter_and_bar_fit_into_their_picture():
    one = analysis(lifter_set(size_px=(640, 480)), size_px=(640, 480))
    for _, shot in keyed(one).values():
        left, top, right, bottom = shot.crop_px
        assert 0 <= left < right <= 640
        assert 0 <= top < bottom <= 480
        for x, y in (*shot.frame.xy_px, shot.frame.bar_px):
            assert left <= x <= right
            assert top <= y <= bottom
    path = keyed(one)["1-path"][1].crop_px
    low = at(0.0, (640, 480))[1]
    assert path[0] <= low[0] <= path[2]
    assert path[1] <= low[1] <= path[3]  # where the bar began, though lockout is shown


def test_feet_are_shown_where_ankles_were_found_too_high():
    lifter = lifter_set(reps=1, faults=(fault(1, shown_at=9),))
    bent = lifter.frames[9]
    high = bent.xy_px.copy()
    high[[R_ANKLE, L_ANKLE], 1] -= 30
    frames = [*lifter.frames[:9], with_joints(bent, high), *lifter.frames[10:]]
    _, shot = keyed(analysis(replace(lifter, frames=tuple(frames))))["1-first-worst"]
    assert shot.crop_px[3] >= min(240, bent.person.sole_px[:, 1].max())


def test_moments_outside_the_clip_have_no_picture():
    lifter = lifter_set(reps=2)
    cut = replace(lifter.reps[0], start_s=NAN, partial=Partial.NO_START)
    requests = keyed(analysis(changed(lifter, reps=(cut, lifter.reps[1]))))
    assert "1-rep-1-start" not in requests
    assert "1-rep-1-middle" not in requests
    assert "1-rep-1-top" in requests
    assert keyed(analysis(nobody())) == {}


def test_the_last_reps_of_a_very_long_set_have_no_thumbnails():
    one = analysis(lifter_set(MAX_REPS + 5, fps=2, faults=()))
    thumbs = {key for key in keyed(one) if "rep-" in key}
    assert len(thumbs) == 3 * MAX_REPS


def test_a_picture_keeps_within_its_bytes():
    noise = np.random.default_rng(0).integers(0, 255, (400, 300, 3), dtype=np.uint8)
    sizes = []
    for most in (100_000, 20_000, 3_000):
        frame = lifter_set(reps=1).frames[0]
        picture = take_picture(PictureRequest("k", frame, (0, 0, 300, 400), 400, most), noise)
        sizes.append(len(picture.data) * 3 / 4)
        assert sizes[-1] <= most + 100
    assert sizes[0] > sizes[1] > sizes[2]
