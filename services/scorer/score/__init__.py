"""The score of a lift: each repetition against good lifts, part by part.

ObservedLift ─ gather_evidence ─→ RepEvidence ─ LiftModel ─→ log odds ─ score_lift ─→ LiftScores

Modules:
    values              angles and distances of a posture
    lift_parts          the six parts of a repetition
    terms               the deviations that lower a score, each with its reason
    evidence            what a repetition gives to judge
    lift_model          from evidence to log odds; reads `lift_model.json`
    unscored            why there is no score
    scoring             scores of repetitions, set and frames, with intervals
    score_explanation   what took how much off a score, in words
"""
