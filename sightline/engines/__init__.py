"""Question in, deltas out: the engines that answer, all behind the seam in `engine`."""
