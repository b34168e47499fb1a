"""What is in containers and volumes, and what they use, by docker-py. Arguments: socket, API version."""

import io
import sys
import tarfile

import docker
from docker.errors import APIError, NotFound

client = docker.DockerClient(base_url="unix://" + sys.argv[1], version=sys.argv[2])
prefix = "files" + sys.argv[2].replace(".", "")


def says(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def packed(name, data):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return memory.getvalue()


def unpacked(parts):
    with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
        return {one.name: one for one in archive.getmembers()}, {
            one.name: archive.extractfile(one).read() for one in archive.getmembers() if one.isfile()
        }


marks = {} if sys.argv[2] == "1.21" else {"labels": {"mark": prefix}}
volume = client.volumes.create(prefix + "-data", **marks)
says(client.volumes.get(volume.name).attrs["Driver"], "local")
says([one.name for one in client.volumes.list(filters={"name": volume.name})], [volume.name])

box = client.containers.run(
    "busybox",
    ["sleep", "1000"],
    name=prefix + "-box",
    detach=True,
    volumes={volume.name: {"bind": "/data", "mode": "rw"}},
)

# archive: in, out, and what is said of it
assert box.put_archive("/data", packed("note", b"kept\n"))
assert box.put_archive("/tmp", packed("x", b"1234"))
parts, stat = box.get_archive("/data/note")
says((stat["name"], stat["size"]), ("note", 5))
says(unpacked(parts)[1], {"note": b"kept\n"})
try:
    box.get_archive("/nobody")
    raise AssertionError("no error")
except NotFound:
    pass
try:
    box.put_archive("/nobody", packed("x", b""))
    raise AssertionError("no error")
except NotFound:
    pass
says({one["Path"]: one["Kind"] for one in box.diff()}.get("/tmp/x"), 1)
assert "tmp/x" in unpacked(box.export())[0]

# figures
figures = box.stats(stream=False)
assert figures["memory_stats"]["usage"] > 0
assert figures["cpu_stats"]["cpu_usage"]["total_usage"] > 0
stream = box.stats(decode=True)
assert next(stream)["pids_stats" if sys.argv[2] != "1.21" else "memory_stats"]
stream.close()
says(box.top()["Processes"][0][-1], "sleep 1000")
says(box.top(ps_args="-o pid,comm")["Titles"], ["PID", "COMMAND"])

if sys.argv[2] != "1.21":
    box.update(mem_limit="64m", memswap_limit="128m")
    box.reload()
    says(box.attrs["HostConfig"]["Memory"], 64 << 20)

# a container as an image
image = box.commit(repository=prefix, tag="made", message="by hand", changes="CMD cat /tmp/x")
says(client.containers.run(prefix + ":made", remove=True), b"1234")
says(image.history()[0]["Comment"], "by hand")

try:
    volume.remove()
    raise AssertionError("no error")
except APIError as error:
    says(error.response.status_code, 409)
box.remove(force=True)
volume.remove()
client.images.remove(prefix + ":made")

names = {one.name for one in client.networks.list()}
assert {"bridge", "host", "none"} <= names, names
says(client.networks.list(names=["bridge"])[0].attrs["Driver"], "bridge")
if sys.argv[2] not in ("1.21", "1.24"):
    says(set(client.df()) >= {"Containers", "Images", "Volumes"}, True)
    says(client.containers.prune(filters={"label": "mark=" + prefix})["SpaceReclaimed"], 0)
print("done")
