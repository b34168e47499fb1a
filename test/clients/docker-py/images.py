"""Images by docker-py. Arguments: socket, API version, registry's host, repository with tags a and b."""

import io
import sys
import tarfile

import docker
from docker.errors import APIError, ImageNotFound

socket, version, registry, repository = sys.argv[1:]
client = docker.DockerClient(base_url="unix://" + socket, version=version)
prefix = "py" + version.replace(".", "")


def says(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def makes(path, content):
    """A tar of one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


name = f"{registry}/{repository}"
image = client.images.pull(name, tag="a")
says(image.tags, [name + ":a"])
says(sorted(tag for each in client.images.pull(name, all_tags=True) for tag in each.tags), [name + ":a", name + ":b"])
progress = list(client.api.pull(name, tag="a", stream=True, decode=True))
assert any("status" in each for each in progress), progress
try:
    client.images.pull(name, tag="nothing")
    raise AssertionError("no error")
except APIError:
    pass

client.api.import_image_from_data(makes("mark", prefix.encode()), repository=prefix + "-made", tag="v1")
made = client.images.get(prefix + "-made:v1")
assert made.tag(prefix + "-other", tag="v2")
archive = b"".join(made.save(named=True) if version != "1.12" else made.save())
client.images.remove(prefix + "-other:v2")
client.images.remove(made.id, force=True)
try:
    client.images.get(prefix + "-made:v1")
    raise AssertionError("no error")
except ImageNotFound:
    pass
# the wrapper around it cannot take the silence of old versions
list(client.api.load_image(archive) or [])
says(client.images.get(prefix + "-made:v1").id, made.id)
assert made.history()
says([each.id for each in client.images.list(name=prefix + "-made")], [made.id])
says(client.images.list(filters={"dangling": True}), [])
client.images.remove(prefix + "-made:v1")
print("done")
