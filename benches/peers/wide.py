"""What the scripts about many columns share: the bars and requests of a folder, and the line they print.

The folder has open, high, low, close and volume, each a file of f64, and requests.txt: one request a line, the
engine's names, which are TA-Lib's in lower case, and the arguments in TA-Lib's order: bbands_20_2_2.
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np

FIELDS = ["open", "high", "low", "close", "volume"]


def given():
    """The columns and the requests, as names and numbers."""
    folder = pathlib.Path(sys.argv[1])
    columns = {field: np.fromfile(folder / field) for field in FIELDS}
    requests = []
    for line in (folder / "requests.txt").read_text().split():
        parts = line.split("_")
        cut = next((n for n, part in enumerate(parts) if part.isdigit()), len(parts))
        requests.append(("_".join(parts[:cut]), [int(part) for part in parts[cut:]]))
    return columns, requests


def measured(peer, work):
    """Does the work, which gives the number of columns and of requests left out, and prints how it went."""
    begin = time.perf_counter()
    columns, left_out = work()
    seconds = time.perf_counter() - begin
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peer": peer, "seconds": seconds, "columns": columns, "left_out": left_out, "peak_mb": peak_mb}))


class Formulas:
    """Indicators as arithmetic on columns. `lib` knows the windows of one library; a request it has no formula for
    gives None."""

    def __init__(self, lib, columns):
        self.lib, self.c = lib, columns

    def of(self, name, arguments):
        formula = getattr(self, name, None)
        if formula is None:
            return None
        made = formula(*arguments)
        return made if isinstance(made, tuple) else (made,)

    def true_range(self):
        c, before = self.c, self.c["close"].shift(1)
        return self.lib.largest(c["high"] - c["low"], (c["high"] - before).abs(), (c["low"] - before).abs())

    def ema(self, p, of=None):
        return self.lib.ewm(self.c["close"] if of is None else of, 2 / (p + 1))

    def sma(self, p):
        return self.lib.mean(self.c["close"], p)

    def rma(self, p, of=None):
        return self.lib.ewm(self.c["close"] if of is None else of, 1 / p)

    def dema(self, p):
        one = self.ema(p)
        return 2 * one - self.ema(p, one)

    def tema(self, p):
        one = self.ema(p)
        two = self.ema(p, one)
        return 3 * one - 3 * two + self.ema(p, two)

    def trix(self, p):
        three = self.ema(p, self.ema(p, self.ema(p)))
        return 100 * (three / three.shift(1) - 1)

    def trima(self, p):
        inner = (p + 1) // 2
        return self.lib.mean(self.lib.mean(self.c["close"], inner), p + 1 - inner)

    def zlema(self, p):
        close = self.c["close"]
        return self.ema(p, 2 * close - close.shift((p - 1) // 2))

    def midpoint(self, p):
        return (self.lib.max(self.c["close"], p) + self.lib.min(self.c["close"], p)) / 2

    def midprice(self, p):
        return (self.lib.max(self.c["high"], p) + self.lib.min(self.c["low"], p)) / 2

    def max(self, p):
        return self.lib.max(self.c["close"], p)

    def min(self, p):
        return self.lib.min(self.c["close"], p)

    def minmax(self, p):
        return self.min(p), self.max(p)

    def sum(self, p):
        return self.lib.sum(self.c["close"], p)

    def stddev(self, p):
        return self.lib.std(self.c["close"], p)

    def var(self, p):
        return self.lib.var(self.c["close"], p)

    def atr(self, p):
        return self.rma(p, self.true_range())

    def natr(self, p):
        return 100 * self.atr(p) / self.c["close"]

    def mom(self, p):
        return self.c["close"] - self.c["close"].shift(p)

    def rocp(self, p):
        return self.rocr(p) - 1

    def rocr(self, p):
        return self.c["close"] / self.c["close"].shift(p)

    def rocr100(self, p):
        return 100 * self.rocr(p)

    def roc(self, p):
        return 100 * self.rocp(p)

    def moves(self):
        change = self.c["close"] - self.c["close"].shift(1)
        return self.lib.above(change), self.lib.above(-change)

    def rsi(self, p):
        up, down = (self.rma(p, move) for move in self.moves())
        return 100 * up / (up + down)

    def cmo(self, p):
        up, down = (self.rma(p, move) for move in self.moves())
        return 100 * (up - down) / (up + down)

    def willr(self, p):
        high, low = self.lib.max(self.c["high"], p), self.lib.min(self.c["low"], p)
        return -100 * (high - self.c["close"]) / (high - low)

    def apo(self, fast, slow, kind=1):
        return self.ema(fast) - self.ema(slow)

    def ppo(self, fast, slow, kind=1):
        return 100 * (self.ema(fast) / self.ema(slow) - 1)

    def er(self, p):
        close = self.c["close"]
        return (close - close.shift(p)).abs() / self.lib.sum((close - close.shift(1)).abs(), p)

    def dpo(self, p):
        return self.c["close"].shift(p // 2 + 1) - self.sma(p)

    def qstick(self, p):
        return self.lib.mean(self.c["close"] - self.c["open"], p)

    def vwma(self, p):
        return self.lib.sum(self.c["close"] * self.c["volume"], p) / self.lib.sum(self.c["volume"], p)

    def mfi(self, p):
        typical = (self.c["high"] + self.c["low"] + self.c["close"]) / 3
        change, flow = typical - typical.shift(1), typical * self.c["volume"]
        up = self.lib.sum(self.lib.where(change > 0, flow), p)
        return 100 * up / (up + self.lib.sum(self.lib.where(change < 0, flow), p))

    def directional(self, p):
        up, down = self.c["high"] - self.c["high"].shift(1), self.c["low"].shift(1) - self.c["low"]
        plus = self.lib.where((up > down) & (up > 0), up)
        minus = self.lib.where((down > up) & (down > 0), down)
        return self.rma(p, plus), self.rma(p, minus)

    def plus_dm(self, p):
        return self.directional(p)[0]

    def minus_dm(self, p):
        return self.directional(p)[1]

    def plus_di(self, p):
        return 100 * self.directional(p)[0] / self.atr(p)

    def minus_di(self, p):
        return 100 * self.directional(p)[1] / self.atr(p)

    def dx(self, p):
        plus, minus = self.directional(p)
        return 100 * (plus - minus).abs() / (plus + minus)

    def adx(self, p):
        return self.rma(p, self.dx(p))

    def adxr(self, p):
        adx = self.adx(p)
        return (adx + adx.shift(p - 1)) / 2

    def cmf(self, p):
        c = self.c
        flow = (2 * c["close"] - c["high"] - c["low"]) / (c["high"] - c["low"]) * c["volume"]
        return self.lib.sum(flow, p) / self.lib.sum(c["volume"], p)

    def correl(self, p):
        return self.lib.correlation(self.c["high"], self.c["low"], p)

    def bbands(self, p, up=2, down=2):
        mean, deviation = self.sma(p), self.stddev(p)
        return mean + up * deviation, mean, mean - down * deviation

    def donchian(self, p):
        high, low = self.lib.max(self.c["high"], p), self.lib.min(self.c["low"], p)
        return high, (high + low) / 2, low

    def macd(self, fast, slow, signal):
        macd = self.ema(fast) - self.ema(slow)
        line = self.ema(signal, macd)
        return macd, line, macd - line

    def stochf(self, p, d, kind=0):
        high, low = self.lib.max(self.c["high"], p), self.lib.min(self.c["low"], p)
        k = 100 * (self.c["close"] - low) / (high - low)
        return k, self.lib.mean(k, d)

    def stoch(self, p, slowk, kind, slowd, kind_d=0):
        k = self.lib.mean(self.stochf(p, 1)[0], slowk)
        return k, self.lib.mean(k, slowd)
