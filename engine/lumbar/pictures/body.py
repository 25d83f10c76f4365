"""The one body of all pictures: how long its bones are, how thick it is, how far its joints go."""

from collections.abc import Mapping

HIP_OUT, SHOULDER_OUT = 8.5, 16.2
SPINE = (15.0, 15.0, 18.0)  # hips to waist, to the lowest ribs, to the shoulders
NECK, HEAD = 8.0, 9.5  # shoulders to the base of the skull, and on to the middle of the head
THIGH, SHANK, SOLE = 43.0, 41.0, 7.5
UPPER_ARM, FOREARM, PALM = 29.0, 25.0, 7.0

# Degrees that people can do without strain, as the pictures name the joints.
LIMITS: Mapping[str, tuple[float, float]] = {
    "lumbar": (-35, 50),
    "chest": (-25, 40),
    "neck": (-45, 50),
    "head": (-30, 35),
    "side_bend": (-30, 30),
    "twist": (-45, 45),
    "hip": (-25, 125),
    "hip out": (-30, 50),
    "hip turn": (-50, 60),
    "knee": (0, 155),
    "ankle": (-75, 35),
    "shoulder": (-65, 182),
    "shoulder out": (-50, 180),
    "elbow": (0, 152),
    "wrist": (-95, 95),
}
MISSED = 1.0  # centimetres by which a hand or a foot may miss where it is put
