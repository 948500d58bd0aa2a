"""Videos made by the tests, whose true frames, times, colours and sound are known.

Made with PyAV and byte patching alone, so that no other program is needed.
"""
