"""A snapshot taken in a process of its own: a request comes in, a manifest goes out, and all memory is given back."""

import pickle
import sys

from tamis.lake.snapshots.sources import reading
from tamis.lake.snapshots.writing import build


def main() -> None:
    """Read a pickled address and request from the parent, and answer the manifest."""
    address, request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent
    with reading(address) as source:
        made = build(request, source)
    sys.stdout.buffer.write(pickle.dumps(made))


if __name__ == "__main__":
    main()
