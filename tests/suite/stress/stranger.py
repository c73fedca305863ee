"""A stranger: maps series files as docs/FORMAT.md says, knows nothing else, and holds on to what it has mapped.

It ends when its standard input does. An assertion, or a SIGBUS, is how it says that a promise was broken.
"""

import collections
import glob
import mmap
import os
import random
import struct
import sys
import threading
import time

place, board = sys.argv[1:3]
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ 0x82F63B78 if n & 1 else n >> 1
    TABLE.append(n)


def castagnoli(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def epoch():
    return int(open(os.path.join(board, "state")).read().split()[0])


dice = random.Random(7)
held = collections.deque(maxlen=100)
maps = bars = looks = 0
while not stop.is_set():
    before = epoch()
    files = sorted(glob.glob(os.path.join(place, "data", "aggregate", "1m", "*.bin")))
    files += sorted(glob.glob(os.path.join(place, "data", "resample", "*", "*.bin")))
    for path in files:
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size // 64 * 64
                if size == 0:
                    continue
                view = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            continue  # The lake is being exchanged for another one.
        times = memoryview(view).cast("Q")[::8].tolist()
        sound = all(a < b for a, b in zip(times, times[1:]))
        rows = [dice.randrange(size // 64) for _ in range(3)] + [0, size // 64 - 1]
        for row in rows:
            record = view[64 * row : 64 * row + 64]
            sound &= castagnoli(record[:60]) == struct.unpack("<I", record[60:])[0]
        if before % 2 == 0 and epoch() == before:
            assert sound, f"{path}: {size} bytes that are torn or out of order"
            maps += 1
            bars += len(times)
            held.append((path, view, hash(view[:])))
    if held:
        path, view, what = held[dice.randrange(len(held))]
        assert hash(view[:]) == what, f"{path}: bytes changed in an old map"
        looks += 1
    time.sleep(0.005)
print(f'report {{"maps": {maps}, "bars": {bars}, "old_maps_read_again": {looks}}}', flush=True)
