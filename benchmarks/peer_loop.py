"""The loop that everyone writes: mediapipe's Pose on each frame of a video, drawn and written.

.venv/peer/bin/python benchmarks/peer_loop.py CLIP OUT.mp4

It is the loop of mediapipe's own guide, with its default thresholds. It imports nothing of this
project, because mediapipe needs another numpy: `make .venv/peer` installs it in an environment of
its own.
"""

import sys

import cv2
import mediapipe as mp


def main(clip: str, out: str) -> int:
    """Process a clip; returns its number of frames."""
    drawing, solution = mp.solutions.drawing_utils, mp.solutions.pose
    capture = cv2.VideoCapture(clip)
    sides = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
    size = [int(capture.get(side)) for side in sides]
    fourcc = cv2.VideoWriter_fourcc(*"mp4v")
    writer = cv2.VideoWriter(out, fourcc, capture.get(cv2.CAP_PROP_FPS), size)
    frames = 0
    with solution.Pose(model_complexity=1) as pose:
        while True:
            is_read, frame = capture.read()
            if not is_read:
                break
            found = pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            drawing.draw_landmarks(frame, found.pose_landmarks, solution.POSE_CONNECTIONS)
            writer.write(frame)
            frames += 1
    capture.release()
    writer.release()
    return frames


if __name__ == "__main__":
    count = main(*sys.argv[1:3])
    print(f"{count} frames")
    sys.exit(0 if count else f"{sys.argv[1]}: no frame could be read")
