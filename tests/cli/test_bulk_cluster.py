"""`sightline bulk --ray` on a real cluster of several nodes, which lose workers and one another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.test_bulk import drawn, rows
from tests.waiting import PATIENCE_S, slow_model, until

# It is imported where it is used: that takes a second, in each process of the tests.
pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
COUNT = 60


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head with one core."""
    from ray.cluster_utils import Cluster

    # A node that is lost is missed after 6 s, not after half a minute.
    soon = {
        "health_check_initial_delay_ms": 1000,
        "health_check_period_ms": 1000,
        "health_check_failure_threshold": 6,
    }
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "_system_config": soon})
    yield made
    made.shutdown()  # type: ignore[no-untyped-call]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for i in range(COUNT):
        (made / f"{i}.png").write_bytes(drawn(i))
    (made / "broken.png").write_bytes(b"none")
    return made


def workers() -> list[psutil.Process]:
    """The processes in which this cluster's actors ask."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            words = " ".join(process.cmdline())
            if words.startswith("ray::") and "_Ask" in words:
                found.append(process)
    return found


def test_a_worker_and_a_node_are_lost_half_way(cluster: Any, folder: Path, tmp_path: Path) -> None:
    lost = cluster.add_node(num_cpus=2)
    cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    out = tmp_path / "answers.jsonl"
    with slow_model() as slow:
        run = subprocess.Popen(
            [sys.executable, "-m", "sightline.cli.main", "bulk", str(folder), "Which?", "--out",
             str(out), "--base-url", slow.url, "--ray", cluster.address],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "RAY_DEDUP_LOGS": "0"},
        )  # fmt: skip
        try:
            until(lambda: len(slow.asked) >= 8)
            slow.let_go(8)
            until(lambda: len(slow.asked) >= 12)
            killed = workers()[0]
            killed.kill()
            slow.let_go(20)
            until(lambda: len(slow.asked) >= 30)
            cluster.remove_node(lost, allow_graceful=False)
            slow.let_go(100_000)
            _, said = run.communicate(timeout=PATIENCE_S)
        finally:
            run.kill()
            run.communicate()
    assert run.returncode == 0, said
    assert f"{COUNT + 1} asked about in " in said
    found = rows(out)
    assert set(found) == {f"{i}.png" for i in range(COUNT)} | {"broken.png"}
    assert [key for key, row in found.items() if row["error"]] == ["broken.png"]
    assert len(slow.asked) >= COUNT
