#!/usr/bin/env python3
"""DuckDB and polars write a series that they hold in memory: `LIBRARY parquet|csv` a line, an answer in JSON each.

    pip install numpy polars duckdb pyarrow
    python3 benches/peers/formats.py FOLDER       (of a lake: FOLDER/data/aggregate/1m/EUR-USD.bin)
"""
import json
import os
import sys
import time

import duckdb
import numpy as np
import polars as pl

BAR = np.dtype([("time_ms", "<u8"), ("open", "<f8"), ("high", "<f8"), ("low", "<f8"), ("close", "<f8"),
                ("volume", "<f8"), ("utc_offset_s", "<i4"), ("count", "<u4"), ("flags", "<u4"), ("crc32c", "<u4")])
folder = sys.argv[1]
bars = np.memmap(os.path.join(folder, "data/aggregate/1m/EUR-USD.bin"), BAR, mode="r")
time_ms = bars["time_ms"].astype("i8")
wall = time_ms + 1000 * bars["utc_offset_s"].astype("i8")
frame = pl.DataFrame({
    "symbol": pl.repeat("EUR-USD", len(bars), eager=True),
    "timeframe": pl.repeat("1m", len(bars), eager=True),
    "time": pl.Series(wall).cast(pl.Datetime("ms")),
    "time_ms": time_ms,
    **{name: np.ascontiguousarray(bars[name]) for name in ("open", "high", "low", "close", "volume", "count")},
})
held = frame.to_arrow()
duckdb.sql("CREATE TABLE bars AS SELECT * FROM held")


def path(library, kind):
    return os.path.join(folder, "out", f"{library}.{kind}")


def write(library, kind):
    file = path(library, kind)
    if library == "polars" and kind == "parquet":
        frame.write_parquet(file)
    elif library == "polars":
        frame.write_csv(file, datetime_format="%Y-%m-%d %H:%M:%S")
    elif kind == "parquet":
        duckdb.sql(f"COPY bars TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    else:
        duckdb.sql(f"COPY bars TO '{file}' (FORMAT csv, HEADER)")


def same(kind):
    read = pl.read_parquet if kind == "parquet" else pl.read_csv
    return read(path("engine", kind)).equals(read(path("polars", kind)))


print(json.dumps({"rows": len(bars)}), flush=True)
for line in sys.stdin:
    library, kind = line.split()
    if library == "same":
        print(json.dumps({"same": same(kind)}), flush=True)
        continue
    begun = time.perf_counter()
    write(library, kind)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "bytes": os.path.getsize(path(library, kind))}), flush=True)
