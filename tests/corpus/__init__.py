"""Videos made by the tests, whose true frames, times, colours and sound are known.

Made with PyAV and byte patching alone, so that no other program is needed.

    pattern          the true picture: what orientation, number, colours a picture shows
    muxing           films of it in any codec and container
    colour           its colours by the formulas of the standards; HDR
    sound            beeps of rising pitch, and where they are heard in a written film
    pictures         pictures and animations by Pillow
    boxes, ebml,     patches of MP4, Matroska, H.264 and AVI; DHAV and DV
    h264, recorders
    joining          takes joined byte by byte, files that break off
    damage, reading  damaged files, and a process that reads them under limits
    tripwires        whether another file or an address is opened
    second_opinion   what FFmpeg's command line shows
    checks           holds what `open_source` gives against the truth
"""
