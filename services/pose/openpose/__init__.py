"""Backends that use OpenPose's networks.

`mpi` and `mobilenet` are the two backends. `backend` is what they share: an image goes through a
network (`network`, `mobilenet_cut`, `stages`), whose heat maps give joint candidates (`peaks`),
which part affinity fields connect to limbs (`limbs`) and people (`people`). `region` looks only
around the people of the previous frame, `early_exit` stops after fewer stages, and `original`
reproduces the program that Coach replaces.
"""
