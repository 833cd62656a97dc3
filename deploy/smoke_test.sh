#!/bin/sh
# Runs an image as compose.yaml and the chart do, and asks it about a picture: deploy/smoke_test.sh IMAGE
# CONTAINER names the engine (docker by default; podman), FLAGS more of its flags for `run`. No network is needed.
set -eu
image=$1
container=${CONTAINER:-docker}
name=sightline-smoke-$$
hardened="--network none --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges ${FLAGS:-}"
state="--volume $name:/var/lib/sightline"
picture=$(base64 -w 0 "$(dirname "$0")/../samples/sign.png")

say() { echo "$*" >&2; }
clean() { $container rm --force "$name" >/dev/null 2>&1 || true; $container volume rm "$name" >/dev/null 2>&1 || true; }
inside() { $container exec --interactive "$name" "$@"; }
ready() {
  for _ in $(seq 60); do
    inside python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)" 2>/dev/null && return
    sleep 1
  done
  $container logs "$name" >&2
  return 1
}
trap clean EXIT
trap "exit 1" INT TERM

say "bytes: $($container image inspect --format '{{.Size}}' "$image")"
# shellcheck disable=SC2086
key=$($container run --rm $hardened $state "$image" keys add smoke --json | sed -n 's/.*"key": "\([^"]*\)".*/\1/p')
# shellcheck disable=SC2086
$container run --detach --name "$name" $hardened $state "$image" >/dev/null
ready
inside sh -c '
  set -eu
  no() { if "$@" >/dev/null 2>&1; then echo "it can: $*" >&2; exit 1; fi; }
  test "$(id -u)" = 999
  for tool in cc gcc g++ make; do no command -v "$tool"; done
  no touch /anywhere
  no touch /opt/sightline/anywhere
  no python -m pip --version
'
metrics='import urllib.request as u; assert b"sightline_requests_total" in u.urlopen("http://127.0.0.1:9464/metrics").read()'
inside python -c "$metrics"
say "it runs as another user than root, on a file system that it cannot write to"
ask='
import base64, io, sys, openai
key, picture = sys.stdin.read().split()
client = openai.OpenAI(base_url="http://127.0.0.1:8000/v1", api_key=key)
url = f"data:image/png;base64,{picture}"
content = [{"type": "text", "text": "What does it say?"}, {"type": "image_url", "image_url": {"url": url}}]
said = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])
print(said.choices[0].message.content)
assert "MAPLE AVENUE" in said.choices[0].message.content
if not list(client.files.list()):
    client.files.create(file=("sign.png", base64.b64decode(picture)), purpose="vision", expires_after={"anchor": "created_at", "seconds": 3600})
assert [file.filename for file in client.files.list()] == ["sign.png"]
try:
    openai.OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="no").models.list()
    raise SystemExit("it lets anyone in")
except openai.AuthenticationError:
    pass
'
echo "$key $picture" | inside python -c "$ask" >&2
inside sightline backup /tmp/state.tar >&2
$container stop --time 45 "$name" >/dev/null
test "$($container inspect --format '{{.State.ExitCode}}' "$name")" = 0
say "it ends in order"
$container start "$name" >/dev/null
ready
echo "$key $picture" | inside python -c "$ask" >&2
say "what was uploaded is there after a restart"
