#!/usr/bin/env python3
"""Figures of TA-Lib for tests/suite/indicators/golden.rs.

    pip install TA-Lib==0.8.2 numpy
    python3 tests/golden/make_talib.py            # writes tests/golden/talib.jsonl

The bars are made of whole numbers by the same rule in golden.rs, so that only results have to be kept. One line a
result: function, arguments, series, output, number of rows before the first value, number of rows, the sum of the
absolute values, and the values of some rows (for patterns: every row that is not zero).
"""

import json
import math
import pathlib

import numpy as np
import talib
import talib.abstract

ROWS = 5000
MASK = (1 << 64) - 1


def dice(seed):
    """SplitMix64 (Steele, Lea, Flood 2014), the upper 31 bits."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield (z ^ (z >> 31)) >> 33


def market(seed, rows):
    """Prices in hundredths around 100, volumes from 2 to 61; every seventh bar or so repeats numbers of its own, so
    that bars without a body, a shadow or a range occur."""
    throw = dice(seed)
    close, bars = 10000, []
    for _ in range(rows):
        gap = next(throw) % 41 - 20
        open_ = max(close + (gap if next(throw) % 5 == 0 else 0), 500)
        size = [20, 60, 200][next(throw) % 3]
        close = max(open_ + next(throw) % (2 * size + 1) - size, 500)
        if next(throw) % 7 == 0:
            close = open_
        high = max(open_, close) + (0 if next(throw) % 4 == 0 else next(throw) % (size + 1))
        low = min(open_, close) - (0 if next(throw) % 4 == 0 else next(throw) % (size + 1))
        bars.append((open_, high, max(low, 100), close, 2 + next(throw) % 60))
    return bars


def series():
    """Names and bars: open, high, low, close in hundredths, volume."""
    yield "market", market(1, ROWS)
    yield "constant", [(10000, 10000, 10000, 10000, 10)] * 300
    yield "one", market(2, 1)
    jumps = market(3, 300)
    yield "gaps", [tuple([x + 5000 * ((i // 50) % 2) for x in bar[:4]] + [bar[4]]) for i, bar in enumerate(jumps)]
    yield "zeros", [(0, 0, 0, 0, 0)] * 300
    yield "rises", [(10000 + 10 * i, 10012 + 10 * i, 9998 + 10 * i, 10008 + 10 * i, 10 + i % 7) for i in range(300)]
    yield "falls", [(20000 - 10 * i, 20002 - 10 * i, 19988 - 10 * i, 19992 - 10 * i, 10 + i % 7) for i in range(300)]


def argument_sets(function):
    """The defaults; every period twice as long and one more; every period as short as may be; every kind of average."""
    info = talib.abstract.Function(function)
    defaults = dict(info.info["parameters"])
    yield defaults
    periods = [name for name in defaults if "period" in name]
    if periods:
        yield {k: (2 * v + 1 if k in periods else v) for k, v in defaults.items()}
        yield {k: (max(2, v // 3) if k in periods else v) for k, v in defaults.items()}
    for name in defaults:
        if name.endswith("matype"):
            for kind in range(0, 9):
                if kind != defaults[name]:
                    yield {**defaults, name: kind}
    extra = {
        "BBANDS": [{"nbdevup": 1.5, "nbdevdn": 2.5}],
        "STDDEV": [{"nbdev": 2.5}],
        "SAR": [{"acceleration": 0.05, "maximum": 0.4}],
        "SAREXT": [{"startvalue": 90.0}, {"startvalue": -110.0, "offsetonreverse": 0.01}],
        "T3": [{"vfactor": 0.3}],
        "MAMA": [{"fastlimit": 0.8, "slowlimit": 0.1}],
        "SUPERTREND": [{"multiplier": 1.5}],
        "KC": [{"nbdev": 1.0}],
        "PERCENTILE": [{"percentile": 12.5}],
    }
    for change in extra.get(function, []):
        yield {**defaults, **change}
    if "penetration" in defaults:
        yield {**defaults, "penetration": 0.6}


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


def number(value):
    """Shortest text that gives the same number; JSON has no word for the others."""
    return value if math.isfinite(value) else str(value)


def rows_to_keep(values, lead, pattern):
    if pattern:
        return [i for i in range(lead, len(values)) if values[i] != 0]
    rows = len(values)
    some = set(range(lead, min(lead + 24, rows))) | set(range(max(lead, rows - 8), rows)) | set(range(lead, rows, 97))
    return sorted(some)


def main():
    out = pathlib.Path(__file__).with_name("talib.jsonl")
    lines = [json.dumps({"talib": talib.__ta_version__.decode().split(" ")[0], "wrapper": talib.__version__})]
    for name, bars in series():
        table = np.array(bars, dtype=float)
        prices = table[:, :4] / 100.0
        columns = dict(zip(["open", "high", "low", "close"], prices.T.copy()))
        columns["volume"] = table[:, 4].copy()
        for function in talib.get_functions():
            sets = list(argument_sets(function))
            for arguments in sets if name in ("market", "gaps") else sets[:1]:
                try:
                    result = getattr(talib, function)(*inputs_of(function, columns), **arguments)
                except Exception as error:  # what TA-Lib refuses is kept as such
                    lines.append(json.dumps({"f": function, "a": list(arguments.values()), "s": name, "error": str(error)[:80]}))
                    continue
                outputs = result if isinstance(result, tuple) else (result,)
                for place, values in enumerate(outputs):
                    is_pattern = function.startswith("CDL")
                    values = np.asarray(values, dtype=float)
                    known = np.flatnonzero(~np.isnan(values))
                    lead = 0 if is_pattern else int(known[0]) if len(known) else len(values)
                    kept = rows_to_keep(values, lead, is_pattern)
                    finite = values[np.isfinite(values)]
                    lines.append(json.dumps({
                        "f": function, "a": list(arguments.values()), "s": name, "o": place, "lead": lead,
                        "rows": len(values), "sum": float(np.sum(np.abs(finite))),
                        "at": kept, "v": [number(float(values[i])) for i in kept],
                    }, separators=(",", ":")))
    out.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} lines, {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
