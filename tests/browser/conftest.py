"""The browser of these tests."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs chromium to look at the report")
        pytest.skip("the report is not looked at: there is no chromium")
    return path
