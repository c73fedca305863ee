#!/usr/bin/env python3
"""TA-Lib's functions with their defaults on the bars of a folder, one at a time, as the bench asks for them.

    pip install TA-Lib numpy
    python3 benches/peers/talib_functions.py FOLDER      # then lines "NAME ROWS CALLS" on standard input

FOLDER has open, high, low, close and volume, each a file of f64. First comes a line of JSON with the version and the
names of the functions; then one for every line of input: the seconds of the fastest of so many calls, and the sum of
the sizes of all numbers that came out.
"""

import json
import os
import pathlib
import sys
import time

import numpy as np
import talib
import talib.abstract

FIELDS = ["open", "high", "low", "close", "volume"]


def inputs_of(function, columns):
    """The arrays of a function in the order of its inputs. Where it takes two of a kind: high and low."""
    names = talib.abstract.Function(function).info["input_names"]
    arrays = []
    for name, of in names.items():
        if name == "periods":
            arrays.append(columns["volume"])
        else:
            arrays.extend(columns[one] for one in ([of] if isinstance(of, str) else of))
    return arrays


def main():
    # Answers are all that may stand in the pipe.
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    folder = pathlib.Path(sys.argv[1])
    whole = {field: np.fromfile(folder / field) for field in FIELDS}
    version = talib.__ta_version__.decode().split(" ")[0]
    names = [name.lower() for name in talib.get_functions()]
    print(json.dumps({"version": version, "functions": names}), file=pipe, flush=True)
    for line in sys.stdin:
        name, rows, calls = line.split()
        function = getattr(talib, name.upper())
        inputs = inputs_of(name.upper(), {field: values[: int(rows)] for field, values in whole.items()})
        best, result = float("inf"), None
        for _ in range(int(calls)):
            result = None
            begin = time.perf_counter()
            result = function(*inputs)
            best = min(best, time.perf_counter() - begin)
        outputs = result if isinstance(result, tuple) else (result,)
        total = 0.0
        for values in outputs:
            values = np.asarray(values, dtype=float)
            total += float(np.sum(np.abs(values[np.isfinite(values)])))
        print(json.dumps({"seconds": best, "sum": total}), file=pipe, flush=True)


if __name__ == "__main__":
    main()
