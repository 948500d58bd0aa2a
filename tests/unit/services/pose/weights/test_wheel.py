import pytest

from services.pose import weights
from shared.errors import ModelError


def test_an_unreachable_index_is_reported_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(ModelError, match="models pull"):
        weights.ensure("blazepose-full", tmp_path)
    assert list((tmp_path / "blazepose-full").iterdir()) == []
