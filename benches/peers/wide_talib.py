#!/usr/bin/env python3
"""TA-Lib over many requests, all results kept: one after the other, or on so many threads (the wrapper lets them run).

    pip install TA-Lib numpy
    python3 benches/peers/wide_talib.py FOLDER [THREADS]
"""

import concurrent.futures
import sys

import talib
from talib_functions import inputs_of
from wide import given, measured


def main():
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    columns, requests = given()
    known = set(talib.get_functions())
    calls = []
    for name, arguments in requests:
        if name.upper() in known:
            calls.append((getattr(talib, name.upper()), inputs_of(name.upper(), columns), arguments))

    def one(call):
        function, inputs, arguments = call
        result = function(*inputs, *arguments)
        return result if isinstance(result, tuple) else (result,)

    def work():
        if threads == 1:
            results = [one(call) for call in calls]
        else:
            with concurrent.futures.ThreadPoolExecutor(threads) as pool:
                results = list(pool.map(one, calls))
        return sum(len(result) for result in results), len(requests) - len(calls)

    measured(f"TA-Lib, {threads} threads" if threads > 1 else "TA-Lib", work)


if __name__ == "__main__":
    main()
