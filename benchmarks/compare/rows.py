"""The rows that all contenders append; Rows.java makes the same."""
import struct
import zlib


def rows(first, count):
    """Rows of the ids from first up, as dicts."""
    return [
        {"id": i, "name": f"task-{i % 1000}", "value": i * 0.5} for i in range(first, first + count)
    ]


def digest(found):
    """A CRC-32 of all values of all rows, in the order of their ids."""
    crc = 0
    for row in sorted(found, key=lambda r: r["id"]):
        bits = struct.unpack(">q", struct.pack(">d", row["value"]))[0]
        crc = zlib.crc32(f"{row['id']},{row['name']},{bits}\n".encode(), crc)
    return f"{crc:08x}"
