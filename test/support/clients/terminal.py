"""Runs a command on a real pseudo-terminal and talks to it: terminal.py STEPS COMMAND...

STEPS is a JSON list. Each step may hold, in this order: "resize" [rows, columns] of the terminal, "send" a text,
"expect" a regular expression that must appear after what earlier steps matched, and "again": the text is sent (and
the size set) anew until it does. The transcript goes to standard output; the exit code is the command's own, 124 when a step waited
in vain.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

DEADLINE = 30


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(terminal, seconds):
    """What there is within the time, None at the end."""
    if not select.select([terminal], [], [], seconds)[0]:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:
        return None


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        if "resize" in steps[0]:
            resize(0, *steps[0]["resize"])
        os.execvp(command[0], command)
    transcript, seen = b"", 0
    for step in steps:
        if "resize" in step:
            resize(terminal, *step["resize"])
        if "send" in step:
            os.write(terminal, step["send"].encode())
        if "expect" not in step:
            continue
        pattern, until = re.compile(step["expect"].encode()), time.monotonic() + DEADLINE
        while not (match := pattern.search(transcript, seen)):
            part = read(terminal, 0.25)
            if part is None or time.monotonic() > until:
                sys.stdout.buffer.write(transcript)
                sys.stderr.write("no " + step["expect"] + "\n")
                os.kill(pid, 9)
                sys.exit(124)
            if part == b"" and step.get("again"):
                if "resize" in step:
                    # A client that was not listening yet has missed the signal; the same size again would give none.
                    rows, columns = step["resize"]
                    resize(terminal, rows, columns - 1)
                    resize(terminal, rows, columns)
                os.write(terminal, step["send"].encode())
            transcript += part
        seen = match.end()
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and (part := read(terminal, 1)) is not None:
        transcript += part
    sys.stdout.buffer.write(transcript)
    if time.monotonic() > until:
        os.kill(pid, 9)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
