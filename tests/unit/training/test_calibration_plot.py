"""The calibration plot."""

from labelled import leaning_reps

from training.calibration_plot import calibration_plot
from training.estimators import SHIPPED
from training.evaluation import sets_of
from training.folds import unseen_log_odds


def test_the_plot_shows_points_on_its_axes():
    reps = leaning_reps()
    image = calibration_plot(sets_of(reps, unseen_log_odds(reps, SHIPPED)))
    assert image.shape == (480, 480, 3)
    assert (image == (176, 105, 36)).all(-1).sum() > 100
