"""What a million and a billion pictures take, by rates that were measured.

    python bench/scale.py [--reader 4.6] [--llamacpp 0.22] [--server 70] [--prepare 23] [--driver 300]

Each rate is pictures a second, as `python bench/bulk.py` tells it: of the embedded
reader and of llama.cpp on one machine of two cores, of one upstream server, of one core that reads
and prepares pictures, and of the process that a run is begun in, which asks servers or collects what
a cluster sends. Printed is how many machines finish in a day, or a month, and what would first hold
them up.
"""

from __future__ import annotations

import argparse

CORES = 2  # of one machine
DAY_S = 86_400
JOBS = ((1_000_000, 1, "a day"), (1_000_000_000, 30, "30 days"))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reader", type=float, default=4.6)
    options.add_argument("--llamacpp", type=float, default=0.22)
    options.add_argument("--server", type=float, default=70.0)
    options.add_argument("--prepare", type=float, default=23.0)
    options.add_argument("--driver", type=float, default=300.0)
    chosen = options.parse_args()
    kinds = {
        "reader": chosen.reader,
        "llamacpp, on processors": chosen.llamacpp,
        "upstream server": chosen.server,
    }
    print("| Engine | Pictures | On one | In | Needs | Preparing | Runs |")
    print("|---|---|---|---|---|---|---|")
    for kind, rate in kinds.items():
        for pictures, days, words in JOBS:
            wanted = pictures / (days * DAY_S)
            alone = pictures / rate / DAY_S
            cores = wanted / chosen.prepare
            print(
                f"| {kind} | {pictures:,} | {lasting(alone)} | {words} | {up(wanted / rate):,} | "
                f"{up(cores):,} {'core' if up(cores) == 1 else 'cores'} | {up(wanted / chosen.driver):,} |"
            )


def lasting(days: float) -> str:
    """Write days."""
    if days < 3:
        return f"{24 * days:,.0f} h"
    return f"{days:,.0f} days" if days < 1000 else f"{days / 365:,.0f} years"


def up(number: float) -> int:
    """Round up."""
    return int(-(-number // 1))


if __name__ == "__main__":
    main()
