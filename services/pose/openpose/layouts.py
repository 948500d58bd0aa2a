"""Channels of OpenPose's networks and the thresholds that belong to them. Pure data.

Joint orders and channels: OpenPose, poseParameters.cpp. Channels are counted within the heat maps
and within the fields, each from 0.
"""

from dataclasses import dataclass

from shared.data.skeleton import LIMBS as MPI_LIMBS
from shared.data.skeleton import MPI_15


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes a peak a joint, a pair of joints a limb, and a set of joints a person.

    Args:
        peak: minimum height of a heat map's peak, 0..1.
        alignment: minimum component of the field along a limb, at a sample point.
        min_aligned_fraction: minimum fraction of a limb's sample points with this alignment.
        min_joints: minimum joints of a person.
        min_score: minimum score per joint of a person, see `people.People`.
    """

    peak: float
    alignment: float
    min_aligned_fraction: float = 0.95
    min_joints: int = 3
    min_score: float = 0.4


@dataclass(frozen=True, slots=True)
class Layout:
    """Joints and limbs of one network.

    Args:
        name: name of the skeleton.
        joints: names, in the order of the heat maps; further maps (background) are ignored.
        limbs: pairs of joints.
        fields: for each limb, the channels of its field's x and y components.
        thresholds: what makes joints, limbs and people.
    """

    name: str
    joints: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    fields: tuple[tuple[int, int], ...]
    thresholds: Thresholds

    def __post_init__(self) -> None:
        if len(self.limbs) != len(self.fields):
            raise ValueError(f"{len(self.limbs)} limbs with {len(self.fields)} fields")


#: OpenPose's thresholds for the 4-stage network ("MPI_4_layers").
MPI_THRESHOLDS = Thresholds(peak=0.3, alignment=0.01)

#: OpenPose's threshold of peaks for the 6-stage network, whose maps are sharper.
MPI_PEAK_6_STAGES = 0.6

MPI = Layout(
    name="mpi-15",
    joints=MPI_15,
    limbs=MPI_LIMBS,
    fields=tuple((2 * limb, 2 * limb + 1) for limb in range(len(MPI_LIMBS))),
    thresholds=MPI_THRESHOLDS,
)

#: The last two limbs connect ears and shoulders: they find an ear if the face is turned away.
COCO = Layout(
    name="coco-18",
    joints=(
        "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist",
        "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar",
    ),
    limbs=(
        (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11),
        (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17), (2, 16), (5, 17),
    ),
    fields=(
        (12, 13), (20, 21), (14, 15), (16, 17), (22, 23), (24, 25), (0, 1), (2, 3), (4, 5),
        (6, 7), (8, 9), (10, 11), (28, 29), (30, 31), (34, 35), (32, 33), (36, 37), (18, 19),
        (26, 27),
    ),
    thresholds=Thresholds(peak=0.05, alignment=0.05),
)  # fmt: skip
