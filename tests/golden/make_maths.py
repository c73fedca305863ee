#!/usr/bin/env python3
"""Writes maths.jsonl: powers of e and logarithms to the last bit, by Python's decimal numbers of 60 digits.

    python3 tests/golden/make_maths.py > tests/golden/maths.jsonl

Numbers near the borders (nothing and infinity, 1, powers of two and ten) and others in between, by a fixed sequence.
"""

import json
import struct
from decimal import Decimal, getcontext

getcontext().prec = 60


def numbers():
    """Arguments: positive ones for logarithms, and their like for powers."""
    positive = [5e-324, 1e-310, 2.2250738585072014e-308, 1e-100, 1.7976931348623157e308]
    positive += [1.0, 0.9999999999999999, 1.0000000000000002, 0.7071067811865475, 0.7071067811865476]
    positive += [1.4142135623730951, 1.4142135623730949, 0.5, 2.0, 3.0, 0.1, 1.1, 0.9]
    positive += [10.0**n for n in range(1, 23)]
    state = 1
    for _ in range(200):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        share = (state >> 11) / 2**53
        positive += [share, 1 + share / 16, 1e4 * share, 10 ** (600 * share - 300)]
    small = [x for x in positive if x < 709]
    return positive, [0.0, 709.78, -708.3, -740.5, -744.9, 1e-9, -1e-9] + small[::3] + [-x for x in small[1::3]]


def main():
    positive, powers = numbers()
    for x in powers:
        write("exp", x, Decimal(x).exp())
    for x in positive:
        write("ln", x, Decimal(x).ln())
        write("log10", x, Decimal(x).log10())


def write(name, x, exact):
    """As bits: not every reader of numbers keeps their last digit."""
    bits = lambda number: struct.unpack("<Q", struct.pack("<d", number))[0]
    print(json.dumps({"of": name, "x": bits(x), "y": bits(float(exact))}))


if __name__ == "__main__":
    main()
