# SPDX-License-Identifier: GPL-2.0-or-later
"""A zebra on its own in a network namespace: mgmtd and a routing client are played by hand.

    z = Zebra(build, "zt1"); z.start(); z.commit(set={PATH: VALUE}); z.rows("zebra/routes", afi="4")
    c = RibClient(z, "ospf"); c.group(1, [("10.0.0.2", 2)]); c.routes(1, ["192.0.2.0/24"])
"""
import ipaddress
import json
import os
import shutil
import socket
import struct
import subprocess
import time

from mgmt import field, parse, submessage

PREPARE, PREPARE_REPLY, APPLY, APPLY_REPLY, STATE, STATE_CHUNK = 2, 3, 4, 5, 7, 8
R_HELLO, R_HELLO_REPLY, R_GROUP, R_ROUTES, R_REPLAY_END, R_RESULTS = 1, 2, 3, 5, 6, 7
R_VLINK, R_VLINK_STATE, R_VADDRESS, R_LAN, R_READY = 17, 18, 19, 20, 21
R_NHT_REGISTER, R_NHT_UPDATE, R_REDISTRIBUTE, R_REDISTRIBUTED, R_SYNCED = 8, 9, 10, 11, 15


def run(*argv, check=True):
    p = subprocess.run(argv, capture_output=True, text=True)
    if check and p.returncode:
        raise RuntimeError("%s: %s" % (" ".join(argv), p.stderr.strip()))
    return p.stdout


class Frames:
    """Length-prefixed messages over a UNIX socket."""

    def __init__(self, path, timeout=10):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(timeout)
        self.s.connect(path)
        self.buf = b""

    def send(self, kind, body=b""):
        self.s.sendall(struct.pack(">IH", len(body) + 2, kind) + body)

    def recv(self):
        while True:
            if len(self.buf) >= 4:
                n, = struct.unpack(">I", self.buf[:4])
                if len(self.buf) >= 4 + n:
                    kind, = struct.unpack(">H", self.buf[4:6])
                    body, self.buf = self.buf[6:4 + n], self.buf[4 + n:]
                    return kind, body
            more = self.s.recv(1 << 20)
            if not more:
                raise EOFError
            self.buf += more

    def wait(self, *kinds):
        while True:
            kind, body = self.recv()
            if kind in kinds:
                return kind, parse(body)

    def close(self):
        self.s.close()


class Zebra:
    def __init__(self, build, name):
        self.build, self.name, self.dir, self.p, self.txn = build, name, "/tmp/grevy-" + name, None, 0
        self.config = {}
        run("ip", "netns", "del", name, check=False)
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *argv, check=True):
        return run("ip", "-n", self.name, *argv, check=check)

    def ip_json(self, *argv):
        return json.loads(self.ip("-j", *argv) or "[]")

    def veth(self, a, b, address=None):
        self.ip("link", "add", a, "type", "veth", "peer", "name", b)
        self.ip("link", "set", a, "up")
        self.ip("link", "set", b, "up")
        if address:
            self.ip("addr", "add", address, "dev", a)

    def start(self, *argv):
        os.makedirs(self.dir, exist_ok=True)
        self.log = open(self.dir + "/log", "a")
        self.p = subprocess.Popen(["ip", "netns", "exec", self.name, self.build + "/sbin/zebra", "-N", self.name,
                                   "--run-dir", self.dir, "--state-dir", self.dir + "/state", "--log", "stdout",
                                   *argv], stdout=self.log, stderr=self.log)
        end = time.time() + 10
        while time.time() < end:
            try:
                self.nb = Frames(self.dir + "/zebra.sock")
                self.nb.wait(1)
                return self
            except (OSError, EOFError):
                time.sleep(0.01)
        raise RuntimeError("zebra does not start: " + open(self.dir + "/log").read()[-500:])

    def kill(self):
        self.p.kill()
        self.p.wait()

    def stop(self):
        if self.p and self.p.poll() is None:
            self.p.terminate()
            return self.p.wait(10)
        return self.p.returncode if self.p else None

    def close(self):
        if self.p and self.p.poll() is None:
            self.kill()
        run("ip", "netns", "del", self.name, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def commit(self, set=None, delete=(), full=False):
        """set: {path: value}; a whole config is kept, so that a restarted zebra can be given it again."""
        self.txn += 1
        edits = [(1, path, "") for path in delete] + [(0, p, v) for p, v in (set or {}).items()]
        self.config.update(set or {})
        for path in delete:
            for key in [k for k in self.config if k == path or k.startswith(path + "/")]:
                del self.config[key]
        if full:
            edits = [(0, p, v) for p, v in self.config.items()]
        for i in range(0, max(1, len(edits)), 2000):
            body = field(1, self.txn) + field(2, full) + field(3, i + 2000 < len(edits))
            for op, path, value in edits[i:i + 2000]:
                body += submessage(4, field(1, op) + field(2, path) + field(3, value))
            self.nb.send(PREPARE, body)
        _, reply = self.nb.wait(PREPARE_REPLY)
        if 2 in reply:
            raise RuntimeError([parse(e) for e in reply[2]])
        self.nb.send(APPLY, field(1, self.txn))
        self.nb.wait(APPLY_REPLY)

    def rows(self, path, **filters):
        body = field(1, 7) + field(2, path)
        for k, v in filters.items():
            body += submessage(3, field(1, k) + field(2, v))
        self.nb.send(STATE, body)
        text = b""
        while True:
            _, chunk = self.nb.wait(STATE_CHUNK)
            text += b"".join(chunk.get(2, []))
            if 4 in chunk:
                raise RuntimeError(chunk[4])
            if chunk.get(3):
                return [json.loads(line) for line in text.decode().splitlines()]


def pack(prefix):
    net = ipaddress.ip_network(prefix)
    return bytes([net.prefixlen]) + net.network_address.packed[:(net.prefixlen + 7) // 8]


class RibClient(Frames):
    def __init__(self, z, protocol, grace=30, results=False):
        super().__init__(z.dir + "/rib.sock")
        self.send(R_HELLO, field(1, protocol) + field(3, 1) + field(4, grace) + field(5, results))
        _, reply = self.wait(R_HELLO_REPLY)
        if 1 in reply:
            raise RuntimeError(reply[1][0].decode())
        self.wait(R_SYNCED)

    def group(self, gid, legs):
        """legs: (gateway or None, ifindex[, backup rank])"""
        body = field(1, gid)
        for leg in legs:
            gw = ipaddress.ip_address(leg[0]).packed if leg[0] else b""
            body += submessage(2, field(1, gw) + field(2, leg[1]) + field(5, leg[2] if len(leg) > 2 else 0))
        self.send(R_GROUP, body)

    def routes(self, gid, prefixes, metric=10, withdraw=False, sequence=0):
        afi = 2 if ":" in prefixes[0] else 1
        for i in range(0, len(prefixes), 10000):
            self.send(R_ROUTES, field(1, withdraw) + field(3, afi) + field(6, metric) + field(8, gid) +
                      field(10, b"".join(pack(p) for p in prefixes[i:i + 10000])) + field(11, sequence))

    def replay_end(self):
        self.send(R_REPLAY_END)

    def vlink(self, vid, name, parent, mac, linger=1.0, remove=False):
        self.send(R_VLINK, field(1, vid) + field(2, remove) + field(3, parent) +
                  field(4, bytes.fromhex(mac.replace(":", ""))) + field(5, name) + field(6, int(linger * 1e6)))

    def vlink_state(self, vid, fits):
        """The first state of that virtual link that fits: {"ifindex":, "up":, "error":}"""
        while True:
            _, m = self.wait(R_VLINK_STATE)
            state = {"ifindex": m.get(2, [0])[0], "up": bool(m.get(3, [0])[0]),
                     "error": m.get(4, [b""])[0].decode()}
            if m.get(1, [0])[0] == vid and fits(state):
                return state

    def vaddress(self, aid, address, vlink=0, ifindex=0, accept=True, linger=1.0, remove=False):
        ip = ipaddress.ip_address(address)
        self.send(R_VADDRESS, field(1, aid) + field(2, remove) + field(3, ifindex) + field(4, vlink) +
                  field(5, ip.packed) + field(6, ip.max_prefixlen) + field(7, accept) + field(8, int(linger * 1e6)))

    def lan(self, ifindex, role, dead=False, added_cost=0, withdraw=False):
        self.send(R_LAN, field(1, ifindex) + field(2, role) + field(3, dead) + field(4, added_cost) +
                  field(5, withdraw))

    def ready(self, ready, waiting_for=""):
        self.send(R_READY, field(1, ready) + field(2, waiting_for))


def wait_until(fn, seconds=5):
    """fn's first true value; its last one when the time is over."""
    end = time.time() + seconds
    while True:
        got = fn()
        if got or time.time() > end:
            return got
        time.sleep(0.01)
