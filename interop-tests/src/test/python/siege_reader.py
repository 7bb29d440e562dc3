"""Reads a table with PyIceberg by its folder, again and again until standard input ends.

No append may be there by half and no row twice. PyIceberg goes by the version hint, so it may see
an older state than it saw before; that is counted, not refused. Exit code 1 at the first wrong row.
"""

import collections
import select
import sys

from pyiceberg.table import StaticTable


def read(folder):
    rows = StaticTable.from_metadata(folder).scan().to_arrow().to_pydict()
    parts = collections.defaultdict(list)
    for writer, number, part, all_parts in zip(
        rows["writer"], rows["number"], rows["part"], rows["parts"]
    ):
        parts[writer, number, all_parts].append(part)
    for (writer, number, all_parts), there in parts.items():
        if sorted(there) != list(range(1, all_parts + 1)):
            sys.exit(f"{writer} {number} of {all_parts} parts has {there}")
    return len(parts)


def main():
    reads, backwards, most = 0, 0, 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0.2)[0]:
        count = read(sys.argv[1])
        backwards += count < most
        most = max(most, count)
        reads += 1
    print(f"reads {reads} backwards {backwards}", flush=True)


main()
