#!/usr/bin/env python3
"""How far the close is from its mean, in standard deviations: an indicator for engine's `indicators` section.

Bars come on stdin as an Arrow IPC stream, columns go out on stdout as another one. Needs pandas and pyarrow.
The number of bars in a window is the first argument; `warm_up` in the configuration has to be one less or more.
"""

import sys

import pandas as pd
import pyarrow as pa


def main() -> None:
    period = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with pa.ipc.open_stream(sys.stdin.buffer) as stream:
        bars = stream.read_pandas()

    window = bars["close"].rolling(period)
    mean = window.mean()
    answer = pd.DataFrame({"z": (bars["close"] - mean) / window.std(ddof=0), "mean": mean})

    table = pa.Table.from_pandas(answer, preserve_index=False)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    main()
