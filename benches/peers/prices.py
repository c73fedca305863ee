#!/usr/bin/env python3
"""The last rows of a 1m series as columns in memory, by other libraries: first once, then again and again.

    pip install numpy pandas polars pyarrow duckdb
    python3 benches/peers/prices.py write SERIES.bin BARS.parquet 0 0
    python3 benches/peers/prices.py numpy SERIES.bin BARS.parquet 500000 20

Only the library asked for is loaded, and loading it is not measured; the map of the file stays open. Prints one line of JSON: milliseconds of the
first time and of the best later one, by the clock and of all cores together, and the sum of the six columns' bits, each
times its place.
"""

import functools
import json
import sys
import time

import numpy as np

COLUMNS = ["time_ms", "open", "high", "low", "close", "volume"]
BAR = np.dtype(
    [("time_ms", "<u8")]
    + [(name, "<f8") for name in COLUMNS[1:]]
    + [("utc_offset_s", "<i4"), ("count", "<u4"), ("flags", "<u4"), ("crc32c", "<u4")]
)

work, series, parquet, rows, rounds = sys.argv[1:]
rows, rounds = int(rows), int(rounds)


@functools.cache
def bars():
    return np.memmap(series, dtype=BAR, mode="r")


def contiguous():
    last = bars()[-rows:]
    return {name: np.ascontiguousarray(last[name]) for name in COLUMNS}


def first_time_ms():
    """The instant from which on the last rows are: the peers of Parquet are told it, and need not look for it."""
    return int(bars()["time_ms"][-rows])


def numpy():
    return contiguous, lambda made: made


def numpy_reused():
    kept = {}

    def ask():
        if not kept:
            kept.update(contiguous())
            return kept
        last = bars()[-rows:]
        for name in COLUMNS:
            np.copyto(kept[name], last[name])
        return kept

    return ask, lambda made: made


def pandas():
    import pandas as pd

    return lambda: pd.DataFrame(contiguous(), copy=False), lambda made: {n: made[n].to_numpy() for n in COLUMNS}


def polars_numpy():
    import polars as pl

    return lambda: pl.DataFrame(contiguous()), lambda made: {n: made[n].to_numpy() for n in COLUMNS}


def polars_parquet():
    import polars as pl

    since = first_time_ms()
    plan = pl.scan_parquet(parquet).filter(pl.col("time_ms") >= since).select(COLUMNS)
    return plan.collect, lambda made: {n: made[n].to_numpy() for n in COLUMNS}


def duckdb_parquet():
    import duckdb
    import polars  # noqa: F401, what the rows become

    query = f"SELECT {', '.join(COLUMNS)} FROM '{parquet}' WHERE time_ms >= {first_time_ms()}"
    return lambda: duckdb.sql(query).pl(), lambda made: {n: made[n].to_numpy() for n in COLUMNS}


def duckdb_numpy():
    import duckdb

    query = f"SELECT {', '.join(COLUMNS)} FROM '{parquet}' WHERE time_ms >= {first_time_ms()}"
    return lambda: duckdb.sql(query).fetchnumpy(), lambda made: made


def write():
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: np.ascontiguousarray(bars()[name]) for name in COLUMNS})
    pq.write_table(table, parquet, compression="zstd", row_group_size=122_880)


def checksum(columns):
    total = 0
    for place, name in enumerate(COLUMNS, 1):
        bits = np.ascontiguousarray(columns[name]).view("<u8")
        total += place * int(bits.sum(dtype="<u8"))
    return f"{total % 2**64:016x}"


def timed(ask):
    """What it gives, and milliseconds by the clock and of all cores together."""
    begin, busy = time.perf_counter(), time.process_time()
    made = ask()
    return made, [1e3 * (time.perf_counter() - begin), 1e3 * (time.process_time() - busy)]


def measured(ask, as_arrays):
    made, fresh_ms = timed(ask)
    warm_ms = [float("inf")] * 2
    for _ in range(rounds):
        made, again_ms = timed(ask)
        warm_ms = [min(both) for both in zip(warm_ms, again_ms)]
    print(json.dumps({"fresh_ms": fresh_ms, "warm_ms": warm_ms, "checksum": checksum(as_arrays(made))}))


if work == "write":
    write()
else:
    measured(*globals()[work.replace("-", "_")]())
