"""Groups are lifters, not files."""

import pytest

from shared.errors import UsageError
from training.athletes import Athletes, check_named, shared_lifters


@pytest.mark.parametrize(
    ("source", "file", "athlete"),
    [
        ("EricGilerson__Deadlift-ESAP", "model/pose_data/good_front/deadlift_1.json", "kaggle_C1"),
        ("clips", "jf9ss9_deadlift.mp4", "kaggle_C1"),  # one lifter in two sources
        ("philip-g-mak__Kinect-Deadlift", "raw_data/g_7.txt", "philip_mak"),  # all of its files
        ("sravb", "good/4.jpg", "sravb_pic_studio"),
        ("other", "good/4.jpg", "file other/good/4.jpg"),
    ],
)
def test_known_files_show_known_lifters(source, file, athlete):
    assert Athletes().of(source, file) == athlete


def test_the_list_is_believed_before_the_source():
    assert Athletes().of("clips", "bichraix_bad_10.mp4", "somebody") == "bichraix_F"
    assert Athletes().of("clips", "new.mp4", "somebody") == "somebody"


def test_ones_own_table_is_believed_before_the_list(tmp_path):
    table = tmp_path / "who.csv"
    table.write_text("source,file,athlete\nclips,jf9ss9_deadlift.mp4,anna\nmine,*,ben\n")
    athletes = Athletes([table])
    assert athletes.of("clips", "jf9ss9_deadlift.mp4") == "anna"
    assert athletes.of("mine", "any.json") == "ben"


def test_files_of_unknown_lifters_are_refused_unless_said_to_be_lifters():
    names = [Athletes().of("mine", "a.json"), "anna"]
    with pytest.raises(UsageError, match=r"1 files, first file mine/a\.json.*--athletes"):
        check_named(names, files_are_lifters=False)
    check_named(names, files_are_lifters=True)
    check_named(["anna"], files_are_lifters=False)


def test_lifters_of_several_sources_are_named():
    found = shared_lifters(["a", "a", "b", "b"], ["anna", "ben", "ben", "cleo"])
    assert found == {"ben": ("a", "b")}
