#!/usr/bin/env python3
"""The ratio to another symbol and its change, over columns that the engine computes: an indicator for engine's
`indicators` section.

Bars and inputs come on stdin as an Arrow IPC stream, columns go out on stdout as another one. Needs polars.
The first argument is the name of the input, as the configuration writes it.
"""

import sys

import polars as pl


def main() -> None:
    other = sys.argv[1]
    bars = pl.read_ipc_stream(sys.stdin.buffer)
    ratio = pl.col("close") / pl.col(other)
    answer = bars.select(ratio=ratio, change=ratio - ratio.shift(1))
    answer.write_ipc_stream(sys.stdout.buffer)


if __name__ == "__main__":
    main()
