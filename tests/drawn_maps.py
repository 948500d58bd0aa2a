"""Heat maps and fields drawn from known people, as the networks are trained to output them."""

import numpy as np

#: Standard deviation of a joint's Gaussian and half width of a limb's field, in cells (Cao et al.
#: 2017).
SIGMA, HALF_WIDTH = 7 / 8, 1.0

#: A standing person from the front: x (positive to the left), y from crown (0) to ankles (1).
_FRONT = {
    "Head": (0, 0), "Neck": (0, 0.17), "Nose": (0, 0.09), "Chest": (0, 0.33),
    "REye": (-0.02, 0.07), "LEye": (0.02, 0.07), "REar": (-0.045, 0.08), "LEar": (0.045, 0.08),
    "RShoulder": (-0.13, 0.18), "RElbow": (-0.17, 0.36), "RWrist": (-0.18, 0.52),
    "LShoulder": (0.13, 0.18), "LElbow": (0.17, 0.36), "LWrist": (0.18, 0.52),
    "RHip": (-0.07, 0.5), "RKnee": (-0.08, 0.74), "RAnkle": (-0.08, 1.0),
    "LHip": (0.07, 0.5), "LKnee": (0.08, 0.74), "LAnkle": (0.08, 1.0),
}  # fmt: skip

#: A person bent over a bar, from the right; joints of the far side are slightly displaced.
_PROFILE = {
    "Head": (0.36, 0.1), "Neck": (0.22, 0.22), "Nose": (0.33, 0.16), "Chest": (0.1, 0.33),
    "REye": (0.33, 0.13), "LEye": (0.345, 0.135), "REar": (0.28, 0.14), "LEar": (0.3, 0.145),
    "RShoulder": (0.2, 0.24), "RElbow": (0.19, 0.42), "RWrist": (0.18, 0.6),
    "LShoulder": (0.22, 0.23), "LElbow": (0.23, 0.41), "LWrist": (0.23, 0.59),
    "RHip": (-0.02, 0.43), "RKnee": (0.1, 0.66), "RAnkle": (0.0, 0.98),
    "LHip": (0.0, 0.42), "LKnee": (0.13, 0.65), "LAnkle": (0.04, 0.96),
}  # fmt: skip


def figure(layout, x, y, height, profile=False):
    """A person's joints in cells, (joints, 2): crown at (x, y), `height` cells tall."""
    shape = _PROFILE if profile else _FRONT
    return np.array([shape[joint] for joint in layout.joints]) * height + (x, y)


def maps_of(layout, people, height, width, noise=0.0, seed=0):
    """Heat maps (joints + 1, h, w) and fields (channels, h, w) of people (n, joints, 2).

    Joints that are NaN or outside are omitted, and limbs that end in a NaN joint.
    """
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float64)
    heatmaps = np.zeros((len(layout.joints) + 1, height, width))
    fields = np.zeros((1 + max(map(max, layout.fields)), height, width))
    for number in range(len(layout.joints)):
        for person in people:
            away = ((grid - person[number]) ** 2).sum(-1)
            bell = np.nan_to_num(np.exp(-away / (2 * SIGMA**2)))
            heatmaps[number] = np.maximum(heatmaps[number], bell)
    heatmaps[-1] = 1 - heatmaps[:-1].max(0)
    for (a, b), channels in zip(layout.limbs, layout.fields, strict=True):
        total, count = np.zeros((2, height, width)), np.zeros((height, width))
        for person in people:
            along = person[b] - person[a]
            length = np.linalg.norm(along)
            if not length > 0:
                continue
            unit, off = along / length, grid - person[a]
            reach = off @ unit
            beside = np.abs(off @ (unit[1], -unit[0]))
            on = (reach >= -0.5) & (reach <= length + 0.5) & (beside <= HALF_WIDTH)
            total += on * unit[:, None, None]
            count += on
        fields[list(channels)] = total / np.maximum(count, 1)
    rng = np.random.default_rng(seed)
    heatmaps += noise * rng.standard_normal(heatmaps.shape)
    fields += noise * rng.standard_normal(fields.shape)
    return heatmaps.astype(np.float32), fields.astype(np.float32)
