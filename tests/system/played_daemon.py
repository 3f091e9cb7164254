#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that is played, for the supervisor's test: its name is the program's. It keeps the rules of
lib/daemon (pid file with its lock, beat, hello on its socket) and breaks them when <run-dir>/../NAME.mode
says so: crash, hang (no beat), mute (a beat but no hello), busy (hello once, then only a beat), stubborn (SIGTERM is ignored)."""
import fcntl
import os
import signal
import socket
import struct
import sys
import time

name = os.path.basename(sys.argv[0])
run_dir = sys.argv[sys.argv.index("--run-dir") + 1]
top = os.path.dirname(run_dir)


def path(suffix):
    return os.path.join(run_dir, name + suffix)


def tell(file, text):
    with open(os.path.join(top, file), "a") as f:
        f.write(text + "\n")


def mode():
    try:
        with open(os.path.join(top, name + ".mode")) as f:
            return f.read().strip()
    except OSError:
        return ""


def leave(_signo, _frame):
    tell("stopped", name)
    if mode() == "stubborn":
        return
    for suffix in (".sock", ".pid", ".beat"):
        os.unlink(path(suffix))
    os._exit(0)


tell("started", " ".join([name] + sys.argv[1:]))
if mode() == "crash":
    sys.exit(3)
signal.signal(signal.SIGTERM, leave)
lock = open(path(".pid"), "a+")
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
lock.truncate(0)
lock.write("%d\n" % os.getpid())
lock.flush()
beat = os.open(path(".beat"), os.O_RDWR | os.O_CREAT, 0o644)
if os.path.exists(path(".sock")):
    os.unlink(path(".sock"))
server = socket.socket(socket.AF_UNIX)
server.bind(path(".sock"))
server.listen()
server.settimeout(0.1)
hello = bytes([0x0a, len(name)]) + name.encode() + b"\x18"
pid = os.getpid()
while pid > 127:
    hello += bytes([pid & 127 | 128])
    pid >>= 7
hello += bytes([pid])
count = said = 0
while True:
    if mode() != "hang":
        count += 1
        os.pwrite(beat, struct.pack("=Q", count), 0)
    if mode() == "mute" or (mode() == "busy" and said):
        time.sleep(0.1)
        continue
    try:
        peer = server.accept()[0]
        peer.sendall(struct.pack(">IH", len(hello) + 2, 1) + hello)
        said += 1
        peer.close()
    except OSError:
        pass
