"""Trains the posture model from labelled pictures, clips and tables of keypoints.

Modules:
    datasets           labelled postures from pictures, clips and tables
    clips              the lift of a training clip; caches poses
    keypoint_tables    COCO-18, BODY_25 and MediaPipe-33 tables
    samples            features, labels and weights of postures
    estimators         the estimators that are compared
    evaluation         AUC and Brier score, with intervals
    train              trains, evaluates and chooses a model
    model_file         the stored form of the model
    calibration_plot   scores against the fraction of good postures
"""
