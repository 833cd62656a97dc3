"""The Helm chart, rendered by helm, held to Kubernetes' own schemas and to what pods may do at most."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from sightline.settings import TABLE
from tests.server.test_deploy import DEPLOY, settings, tool
from tests.waiting import PATIENCE_S

CHART = "helm/sightline"
IMAGE = ("--set", "image.repository=registry.example.com/sightline", "--set", "image.tag=0.2.0")
KINDS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "with state": ("--set", "state.enabled=true,replicas=1,state.storageClass=fast"),
    "scaled": (
        "--set", "autoscaling.enabled=true,settingsSecret=more,image.pullSecrets[0]=registry",
        "--set", "networkPolicy.internet=false,networkPolicy.egress[0].ports[0].port=6379",
        "--set", "networkPolicy.clients[0].podSelector.matchLabels.app=web",
    ),
}  # fmt: skip


def rendered(*words: str) -> str:
    return tool("helm", "template", "sightline", CHART, *IMAGE, *words)


def objects(text: str) -> dict[str, Any]:
    """The objects, by kind and name."""
    found = (each for each in yaml.safe_load_all(text) if each)
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in found}


def refused(*words: str) -> str:
    tool("helm", "version")
    done = subprocess.run(
        ["helm", "template", "sightline", CHART, *words],
        cwd=DEPLOY, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode
    return done.stderr


def test_helm_takes_the_chart() -> None:
    tool("helm", "lint", "--strict", CHART, *IMAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_kubernetes_takes_what_it_makes(kind: str, tmp_path: Path) -> None:
    made = tmp_path / "made.yaml"
    made.write_text(rendered(*KINDS[kind]), "utf-8")
    tool("kubernetes-validate", "--strict", str(made))


@pytest.mark.parametrize("kind", KINDS)
def test_pods_may_do_little(kind: str) -> None:
    made = objects(rendered(*KINDS[kind]))
    pod = made["Deployment/sightline"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 999
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    assert container["resources"]["limits"]["memory"]
    assert not any("hostPath" in volume for volume in pod["volumes"])
    policy = made["NetworkPolicy/sightline"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_starts_is_what_the_server_takes(kind: str) -> None:
    text = rendered(
        *KINDS[kind], "--set", "settings.max_held_bytes=2147483648,settings.assist=true"
    )
    pod = objects(text)["Deployment/sightline"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    assert set(variables) <= {row.variable for row in TABLE}
    name, *words = container["args"]
    assert name == "serve"
    read = settings(words, **variables)
    assert read.needs_keys
    assert read.max_held_bytes == 2147483648
    assert read.assist is True
    assert read.zero_retention is (kind != "with state")
    assert pod["terminationGracePeriodSeconds"] > read.drain_s + read.drain_delay_s
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"http": read.port, "metrics": read.admin_port}
    mounted = {each["mountPath"] for each in container["volumeMounts"]}
    assert str(read.keys_path.parent) in mounted


def test_pods_that_are_alike_are_several_and_one_with_state_is_alone() -> None:
    alike, alone, scaled = (objects(rendered(*words)) for words in KINDS.values())
    assert alike["Deployment/sightline"]["spec"]["replicas"] == 2
    assert "PodDisruptionBudget/sightline" in alike
    assert alone["Deployment/sightline"]["spec"]["strategy"] == {"type": "Recreate"}
    assert "PersistentVolumeClaim/sightline" in alone
    assert "PodDisruptionBudget/sightline" not in alone
    assert "replicas" not in scaled["Deployment/sightline"]["spec"]
    assert "HorizontalPodAutoscaler/sightline" in scaled
    assert "replicas to 1" in refused(*IMAGE, "--set", "state.enabled=true")


def test_no_pod_reaches_private_addresses() -> None:
    policy = objects(rendered())["NetworkPolicy/sightline"]["spec"]
    blocks = [
        to["ipBlock"] for rule in policy["egress"] for to in rule.get("to", ()) if "ipBlock" in to
    ]
    (four,) = [block for block in blocks if block["cidr"] == "0.0.0.0/0"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(
        four["except"]
    )
    closed = objects(rendered(*KINDS["scaled"]))["NetworkPolicy/sightline"]["spec"]
    assert not any("to" in rule for rule in closed["egress"])


def test_what_is_missing_or_unknown_is_said() -> None:
    assert "image.repository: where the image is" in refused()
    assert "nonsense" in refused(*IMAGE, "--set", "nonsense=1")
    schema = json.loads((DEPLOY / CHART / "values.schema.json").read_text("utf-8"))
    values = yaml.safe_load((DEPLOY / CHART / "values.yaml").read_text("utf-8"))
    assert set(values) == set(schema["properties"]) - {"global"}
