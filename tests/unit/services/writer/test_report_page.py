import html

import numpy as np
import pytest

from services.writer import report
from services.writer.tables import PoseRecord, SourceRecord, analysis_document
from shared.messages import Analysis, LifterFrame, empty_skeleton


def page_of(path, warnings=()):
    nobody = np.full(4, np.nan, np.float32)
    frames = tuple(
        LifterFrame(i, i / 10, *empty_skeleton(), nobody, i / 10, 20.0) for i in range(5)
    )
    analysis = Analysis("job", frames, 0.2, "side", warnings)
    source = SourceRecord(path, "ab" * 32, 320, 240, 0.5, 5, 10.0)
    document = analysis_document(analysis, source, PoseRecord("blazepose-full", 1))
    return report.render(document, analysis, source, [])


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.mp4",
        '"><img src=x onerror=alert(1)>.mp4',
        "{{ 7 * 7 }}{% raw %}.mp4",  # a template is not made of what comes from outside
        "</title><b>&amp;.mp4",
    ],
)
def test_a_hostile_file_name_is_shown_as_it_is(name):
    page = page_of(f"/clips/{name.replace('/', '-')}", warnings=(name,))
    shown = str(html.escape(name.replace("/", "-"))).replace("&quot;", "&#34;")
    assert page.count(shown) >= 2  # title and heading
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page


def test_a_file_name_that_is_no_text_does_not_spoil_the_page():
    page_of("/clips/Kreuzheben_\udcfc.mp4").encode()
