#!/usr/bin/env python3
"""pandas over many requests, all results kept.

    pip install pandas numpy
    python3 benches/peers/wide_pandas.py FOLDER
"""

import numpy as np
import pandas as pd
from wide import Formulas, given, measured


class Windows:
    """pandas' own."""

    @staticmethod
    def mean(x, p):
        return x.rolling(p).mean()

    @staticmethod
    def sum(x, p):
        return x.rolling(p).sum()

    @staticmethod
    def max(x, p):
        return x.rolling(p).max()

    @staticmethod
    def min(x, p):
        return x.rolling(p).min()

    @staticmethod
    def std(x, p):
        return x.rolling(p).std(ddof=0)

    @staticmethod
    def var(x, p):
        return x.rolling(p).var(ddof=0)

    @staticmethod
    def ewm(x, alpha):
        return x.ewm(alpha=alpha, adjust=False).mean()

    @staticmethod
    def correlation(x, y, p):
        return x.rolling(p).corr(y)

    @staticmethod
    def above(x):
        return x.clip(lower=0)

    @staticmethod
    def where(condition, x):
        return x.where(condition, 0.0)

    @staticmethod
    def largest(*columns):
        return pd.Series(np.maximum.reduce(columns))


def main():
    columns, requests = given()
    formulas = Formulas(Windows, {name: pd.Series(values) for name, values in columns.items()})

    def work():
        made = [formulas.of(name, arguments) for name, arguments in requests]
        results = {f"{n}_{m}": x for n, xs in enumerate(made) if xs is not None for m, x in enumerate(xs)}
        frame = pd.DataFrame(results, copy=False)
        return frame.shape[1], sum(xs is None for xs in made)

    measured("pandas", work)


if __name__ == "__main__":
    main()
