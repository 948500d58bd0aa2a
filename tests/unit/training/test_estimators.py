"""Estimators and their stored form."""

import numpy as np
import pytest
from labelled import labelled
from services.scorer.score.posture_model import linked, standardised

from training.estimators import fit
from training.samples import gather


@pytest.mark.parametrize("name", ["ridge", "lasso", "elastic-net", "logistic"])
def test_the_stored_model_scores_as_its_estimator_does(name):
    rng = np.random.default_rng(6)
    samples = gather([labelled(rng, good, 5) for good in (True, False)])
    fitted = fit(samples, name)
    coefficients, pairs, intercept = fitted.linear
    z = standardised(samples.features, fitted.mean, fitted.scale, 3.0)
    linear = z @ coefficients + ((z @ pairs) * z).sum(-1) + intercept
    link = "logistic" if name == "logistic" else "identity"
    np.testing.assert_allclose(linked(linear, link), fitted.predict(samples.features), atol=1e-6)
