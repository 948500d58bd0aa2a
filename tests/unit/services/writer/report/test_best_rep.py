from dataclasses import replace

from analyses import NAN, changed, fault, lifter_set, nobody, rep

from services.writer.report.best_rep import find_best_rep, is_comparable, main_shot, same_moment
from shared.data.analysis import Partial


def test_the_best_repetition_is_a_whole_one_without_a_fault_if_possible():
    lifter = lifter_set(reps=3, faults=())
    partial = replace(lifter.reps[2], score=0.99, partial=Partial.NO_END)
    unknown = replace(lifter.reps[0], score=NAN)
    assert find_best_rep(changed(lifter, reps=(unknown, lifter.reps[1], partial))).index == 2
    assert find_best_rep(changed(lifter, reps=(partial,))).index == 3
    faulty = changed(lifter, faults=(fault(1), fault(3)))
    assert find_best_rep(faulty).index == 2
    assert find_best_rep(nobody()) is None


def test_the_repetition_to_copy_lacks_the_fault_even_with_a_lower_score():
    lifter = lifter_set(reps=3, faults=(fault(1), fault(2)))
    frames = list(lifter.frames)
    shown = same_moment(lifter, frames, lifter.reps[0], frames[11], "hips_shoot_up")
    assert shown.rep == 3
    assert abs(shown.frame.index - (11 + 72)) <= 1


def test_a_repetition_is_not_copied_from_a_worse_one():
    lifter = lifter_set(reps=2, faults=())
    frames = list(lifter.frames)
    assert same_moment(lifter, frames, lifter.reps[0], frames[11]) is None  # it scores higher
    assert same_moment(lifter, frames, lifter.reps[1], frames[47]).rep == 1
    alone = changed(lifter, reps=lifter.reps[:1])
    assert same_moment(alone, frames, lifter.reps[0], frames[11], "hips_shoot_up") is None


def test_repetitions_of_another_shot_or_from_the_front_are_not_compared():
    lifter = lifter_set(reps=3, faults=())
    first, second, _ = lifter.reps
    cut = [replace(frame, shot=int(frame.time_s >= 7.2)) for frame in lifter.frames]
    assert {frame.shot for frame in main_shot(cut)} == {0}
    assert is_comparable(first, main_shot(cut))
    assert not is_comparable(lifter.reps[2], main_shot(cut))

    def turned(frame):
        seen = replace(frame.person, turn_deg=85.0)
        return replace(frame, measured=replace(frame.measured, person=seen))

    from_front = [
        turned(frame) if second.start_s <= frame.time_s <= second.end_s else frame for frame in cut
    ]
    assert is_comparable(first, main_shot(from_front))
    assert not is_comparable(second, main_shot(from_front))


def test_a_repetition_whose_lockout_is_unknown_is_not_compared():
    assert not is_comparable(rep(1, top_s=NAN), list(lifter_set(1).frames))
