"""Containers by docker-py: LIFE of one from run to removal. Arguments: socket, API version."""

import sys
import threading

import docker
from docker.errors import APIError, NotFound

client = docker.DockerClient(base_url="unix://" + sys.argv[1], version=sys.argv[2])
prefix = "py" + sys.argv[2].replace(".", "")


def says(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


says(client.containers.run("busybox", ["echo", "hi"], remove=True), b"hi\n")

try:
    client.containers.run("busybox", ["sh", "-c", "echo oh >&2; exit 3"], remove=True)
    raise AssertionError("no error")
except docker.errors.ContainerError as error:
    says((error.exit_status, error.stderr), (3, b"oh\n"))

box = client.containers.run(
    "busybox",
    ["sh", "-c", "echo 1; echo 2; exec sleep 1000"],
    name=prefix + "-box",
    detach=True,
    environment={"GREETING": "hello"},
    labels={"mark": prefix},
    ports={"80/tcp": ("127.0.0.1", None)},
    mem_limit="64m",
    cap_add=["NET_ADMIN"],
    hostname="pybox",
    working_dir="/tmp",
)
box.reload()
says(box.status, "running")
says(box.attrs["Config"]["Labels"]["mark"], prefix)
assert box.ports["80/tcp"][0]["HostPort"].isdigit()

says(box.exec_run(["sh", "-c", "echo $GREETING $(hostname) $PWD"])[:2], (0, b"hello pybox /tmp\n"))
says(box.exec_run("false").exit_code, 1)
says(box.exec_run(["id", "-u"], user="nobody").output, b"65534\n")
says(box.exec_run(["sh", "-c", "echo a; echo b >&2"], demux=True).output, (b"a\n", b"b\n"))
says(b"".join(box.exec_run(["seq", "3"], stream=True).output), b"1\n2\n3\n")

lines = box.logs(stream=True, follow=True)
got = b""
for part in lines:
    got += part
    if got == b"1\n2\n":
        break
lines.close()
says(box.logs(tail=1), b"2\n")

says([each.name for each in client.containers.list(filters={"label": "mark=" + prefix})], [box.name])
says(client.containers.list(filters={"label": "mark=nobody"}), [])
try:
    client.containers.get(prefix + "-nobody")
    raise AssertionError("no error")
except NotFound:
    pass

box.rename(prefix + "-other")
box.reload()
says(box.name, prefix + "-other")
box.pause()
box.reload()
says(box.status, "paused")
box.unpause()
box.restart(timeout=0)
box.reload()
says(box.status, "running")
try:
    box.remove()
    raise AssertionError("no error")
except APIError as error:
    says(error.response.status_code, 409)
box.stop(timeout=0)
says(box.wait()["StatusCode"], 137)
box.start()
box.kill()
says(box.wait()["StatusCode"], 137)
box.remove()
says(client.containers.list(all=True, filters={"label": "mark=" + prefix}), [])

# attach: what is said goes in, what comes out is heard
talk = client.containers.create("busybox", ["sh", "-c", "read x; echo got $x"], stdin_open=True, name=prefix + "-talk")
socket = talk.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
output = talk.attach(stream=True)
talk.start()
socket._sock.sendall(b"this\n")
says(b"".join(output), b"got this\n")
says(talk.wait()["StatusCode"], 0)
talk.remove()

# events: heard while they happen, found again afterwards
seen = []
news = client.events(decode=True, filters={"event": ["create", "start", "die", "destroy"]})


def listen():
    for event in news:
        if event.get("Actor", {}).get("Attributes", {}).get("name") == prefix + "-news":
            seen.append(event["status"])
        if "destroy" in seen:
            return


listener = threading.Thread(target=listen, daemon=True)
listener.start()
client.containers.run("busybox", "true", name=prefix + "-news", remove=True)
listener.join(20)
says(seen, ["create", "start", "die", "destroy"])
news.close()

assert client.ping()
assert client.info()["Containers"] >= 0
assert client.version()["ApiVersion"]
print("done")
