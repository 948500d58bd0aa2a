"""Trains the model of a repetition from labelled clips and tables of keypoints.

paths ─ labelled_data ─→ LabelledLift ─ rep_table ─→ RepTable ─ folds ─→ log odds of unseen lifters
                                                              └ model_file ─→ LiftModel

Modules:
    table_files         CSV and JSON files that are not trusted
    athletes            who is seen in which file; reads `athletes.csv`
    recordings          a labelled recording of one lifter
    people_tables       COCO-18 and BODY_25 sequences
    skeleton_tables     3D skeletons, filmed from any turn
    clips               the lift of a training clip; caches poses
    lifts               labelled lifts of a folder
    postures            labelled single postures, for the original's way
    labelled_data       all that is labelled in a folder or table
    rep_table           repetitions: what each gives to judge, and its weight
    references          what good lifts look like
    constrained_ridge   weights of at least 0, drawn to an equal prior
    calibration         from a loss to log odds
    estimators          the estimators that are compared
    raw_joints          the original's way, for comparison
    folds               scores of lifters who have not been seen
    shown_scores        the same as an analysis shows them
    evaluation          AUC, Brier score and calibration of sets, with intervals
    null_model          what is left with shuffled labels, and phase's share
    findings            all figures of a training
    model_file          the stored form of the model
    train               trains, compares and builds the model
    calibration_plot    scores against the fraction of good sets
"""
