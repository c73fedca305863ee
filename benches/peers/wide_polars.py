#!/usr/bin/env python3
"""polars expressions over many requests, in one lazy plan or eagerly.

    pip install polars numpy
    python3 benches/peers/wide_polars.py FOLDER [eager]
"""

import sys

import polars as pl
from wide import Formulas, given, measured


class Windows:
    """polars' own."""

    @staticmethod
    def mean(x, p):
        return x.rolling_mean(p)

    @staticmethod
    def sum(x, p):
        return x.rolling_sum(p)

    @staticmethod
    def max(x, p):
        return x.rolling_max(p)

    @staticmethod
    def min(x, p):
        return x.rolling_min(p)

    @staticmethod
    def std(x, p):
        return x.rolling_std(p, ddof=0)

    @staticmethod
    def var(x, p):
        return x.rolling_var(p, ddof=0)

    @staticmethod
    def ewm(x, alpha):
        return x.ewm_mean(alpha=alpha, adjust=False)

    @staticmethod
    def correlation(x, y, p):
        return pl.rolling_corr(x, y, window_size=p)

    @staticmethod
    def above(x):
        return x.clip(lower_bound=0)

    @staticmethod
    def where(condition, x):
        return pl.when(condition).then(x).otherwise(0.0)

    @staticmethod
    def largest(*columns):
        return pl.max_horizontal(*columns)


def main():
    is_eager = sys.argv[2:] == ["eager"]
    columns, requests = given()
    frame = pl.DataFrame(columns)
    formulas = Formulas(Windows, {name: pl.col(name) for name in columns})

    def work():
        made = [formulas.of(name, arguments) for name, arguments in requests]
        wanted = [x.alias(f"{n}_{m}") for n, xs in enumerate(made) if xs is not None for m, x in enumerate(xs)]
        # What is asked of a frame itself goes through a plan as well, but without being optimised.
        result = frame.select(wanted) if is_eager else frame.lazy().select(wanted).collect()
        return result.width, sum(xs is None for xs in made)

    measured("polars, eagerly" if is_eager else "polars, one lazy plan", work)


if __name__ == "__main__":
    main()
