"""Reads the files of one folder with every library there is, and prints what each read: one JSON object a line.

A line has the library, the file, and its columns; numbers as Python writes them, times as text of the file's clock.
"""
import glob
import json
import os
import sys

folder = sys.argv[1]


def say(library, path, columns):
    print(json.dumps({"library": library, "file": os.path.relpath(path, folder), "columns": columns}))


def of_frame(frame):
    """Columns of a pandas frame."""
    columns = {}
    for name in frame.columns:
        values = frame[name]
        if str(values.dtype).startswith("datetime"):
            columns[name] = values.dt.strftime("%Y-%m-%d %H:%M:%S").tolist()
        elif str(values.dtype) in ("category", "object", "str", "string"):
            columns[name] = [str(value) for value in values]
        else:
            columns[name] = values.tolist()
    return columns


def of_polars(frame):
    import polars
    times = [name for name, kind in frame.schema.items() if isinstance(kind, polars.Datetime)]
    frame = frame.with_columns([polars.col(name).dt.strftime("%Y-%m-%d %H:%M:%S") for name in times])
    return frame.to_dict(as_series=False)


def files(*endings):
    found = [path for ending in endings for path in glob.glob(os.path.join(folder, "*" + ending))]
    return sorted(found)


def with_pyarrow():
    import pyarrow
    import pyarrow.parquet
    for path in files(".parquet"):
        say("pyarrow", path, of_frame(pyarrow.parquet.read_table(path).to_pandas()))
    for path in files(".arrow"):
        with pyarrow.memory_map(path) as source:
            say("pyarrow", path, of_frame(pyarrow.ipc.open_file(source).read_all().to_pandas()))
    for path in files(".arrows"):
        with open(path, "rb") as source:
            say("pyarrow", path, of_frame(pyarrow.ipc.open_stream(source).read_all().to_pandas()))
    import pyarrow.dataset
    table = pyarrow.dataset.dataset(os.path.join(folder, "hive"), partitioning="hive").to_table()
    say("pyarrow", os.path.join(folder, "hive"), of_frame(table.to_pandas().sort_values(["symbol", "time_ms"])))


def with_pandas():
    import pandas
    for path in files(".parquet"):
        say("pandas", path, of_frame(pandas.read_parquet(path)))
    for path in files(".csv"):
        say("pandas", path, of_frame(pandas.read_csv(path, float_precision="round_trip")))
    for path in files(".ndjson"):
        say("pandas", path, of_frame(pandas.read_json(path, lines=True, precise_float=False, convert_dates=False)))
    frame = pandas.read_parquet(os.path.join(folder, "hive"))
    say("pandas", os.path.join(folder, "hive"), of_frame(frame.sort_values(["symbol", "time_ms"])))


def with_polars():
    import polars
    readers = {".parquet": polars.read_parquet, ".arrow": polars.read_ipc, ".arrows": polars.read_ipc_stream,
               ".csv": polars.read_csv, ".ndjson": polars.read_ndjson}
    for ending, read in readers.items():
        for path in files(ending):
            say("polars", path, of_polars(read(path)))
    hive = polars.scan_parquet(os.path.join(folder, "hive"), hive_partitioning=True)
    say("polars", os.path.join(folder, "hive"), of_polars(hive.sort(["symbol", "time_ms"]).collect()))


def with_duckdb():
    import duckdb
    for path in files(".parquet"):
        say("duckdb", path, of_frame(duckdb.sql(f"SELECT * FROM '{path}'").df()))
    for path in files(".csv"):
        say("duckdb", path, of_frame(duckdb.sql(f"SELECT * FROM read_csv('{path}')").df()))
    hive = os.path.join(folder, "hive", "**", "*.parquet")
    query = f"SELECT * FROM read_parquet('{hive}', hive_partitioning = true) ORDER BY symbol, time_ms"
    say("duckdb", os.path.join(folder, "hive"), of_frame(duckdb.sql(query).df()))


for library in (with_pyarrow, with_pandas, with_polars, with_duckdb):
    try:
        library()
    except ImportError as error:
        print(json.dumps({"library": library.__name__, "missing": str(error)}))
