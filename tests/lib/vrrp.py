# SPDX-License-Identifier: GPL-2.0-or-later
"""VRRP by hand for tests: advertisements of every shape, a frame socket in a namespace, who answers for an address."""
import contextlib
import ctypes
import select
import socket
import struct
import time

from grevytest import wait_for

GROUP4, GROUP6 = "224.0.0.18", "ff02::12"


@contextlib.contextmanager
def inside(node):
    """This thread's network is the node's: sockets opened here stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home, open(node.path) as there:
        if libc.setns(there.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0x40000000)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def addr(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def inet_sum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def advert(vrid=5, priority=200, addresses=("10.0.0.254",), version=3, kind=1, interval=100, src="10.0.0.66", dst=None,
           count=None, auth=None, checksum=None, pseudo=False, reserved=0, tail=b"", cut=0):
    """The octets of an advertisement; interval in centiseconds (version 2: seconds). checksum: another than the right one."""
    v6 = ":" in src
    dst = dst or (GROUP6 if v6 else GROUP4)
    body = b"".join(addr(a) for a in addresses)
    n = len(addresses) if count is None else count
    if version == 2:
        kind_auth, data = auth or (0, b"")
        head = struct.pack("!BBBBBBH", 0x20 | kind, vrid, priority, n, kind_auth, interval, 0)
        body += data.ljust(8, b"\0")
    else:
        head = struct.pack("!BBBBHH", version << 4 | kind, vrid, priority, n, reserved << 12 | interval, 0)
    whole = head + body + tail
    cover = b""
    if v6:
        cover = addr(src) + addr(dst) + struct.pack("!IBBBB", len(whole), 0, 0, 0, 112)
    elif pseudo:
        cover = addr(src) + addr(dst) + struct.pack("!BBH", 0, 112, len(whole))
    s = inet_sum(cover + whole) if checksum is None else checksum
    whole = whole[:6] + struct.pack("!H", s) + whole[8:]
    return whole[:len(whole) - cut]


def frame(payload, src="10.0.0.66", dst=None, ttl=255, smac="00:00:5e:00:01:05", dmac=None):
    """The Ethernet frame around an advertisement."""
    v6 = ":" in src
    dst = dst or (GROUP6 if v6 else GROUP4)
    dmac = dmac or ("33:33:00:00:00:12" if v6 else "01:00:5e:00:00:12")
    if v6:
        head = struct.pack("!IHBB", 0x6c000000, len(payload), 112, ttl) + addr(src) + addr(dst)
        return mac(dmac) + mac(smac) + b"\x86\xdd" + head + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0xc0, 20 + len(payload), 0, 0x4000, ttl, 112, 0) + addr(src) + addr(dst)
    head = head[:10] + struct.pack("!H", inet_sum(head)) + head[12:]
    return mac(dmac) + mac(smac) + b"\x08\x00" + head + payload


class Wire:
    """A frame socket on an interface of a node."""

    def __init__(self, node, ifname="eth0"):
        with inside(node):
            self.s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.s.bind((ifname, 3))
            self.mac = self.s.getsockname()[4]

    def send(self, octets):
        self.s.send(octets)

    def frames(self, seconds):
        """What comes in (not what goes out) for so long."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.s], [], [], left)[0]:
                return
            octets, where = self.s.recvfrom(9000)
            if where[2] != socket.PACKET_OUTGOING:
                yield octets

    def drain(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.s.recv(9000, socket.MSG_DONTWAIT)

    def adverts(self, seconds):
        """(source address, source MAC, VRRP's octets) of those that come."""
        for f in self.frames(seconds):
            if f[12:14] == b"\x08\x00" and f[23] == 112:
                head = (f[14] & 15) * 4
                yield socket.inet_ntoa(f[26:30]), f[6:12].hex(":"), f[14 + head:14 + int.from_bytes(f[16:18], "big")]
            elif f[12:14] == b"\x86\xdd" and f[20] == 112:
                yield socket.inet_ntop(socket.AF_INET6, f[22:38]), f[6:12].hex(":"), f[54:54 + int.from_bytes(f[18:20], "big")]

    def who_has(self, address, own, seconds=0.7):
        """The MAC addresses that answer an ARP request for it, one entry per answer."""
        self.drain()
        self.send(b"\xff" * 6 + self.mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + self.mac + addr(own) +
                  bytes(6) + addr(address))
        return [f[22:28].hex(":") for f in self.frames(seconds)
                if f[12:14] == b"\x08\x06" and f[20:22] == b"\0\2" and f[28:32] == addr(address)]

    def close(self):
        self.s.close()


def one(router, vrid=5, ifname="eth0"):
    return [v for v in router.json("show vrrp") if v["vrid"] == vrid and v["interface"] == ifname][0]


def state(router, family="v4", vrid=5, ifname="eth0"):
    return one(router, vrid, ifname)[family]["status"]


def settled(master, backup, family="v4", vrid=5, timeout=30):
    """Until one is Master and the other Backup."""
    wait_for("%s to be master and %s to be backup" % (master.name, backup.name),
             lambda: state(master, family, vrid) == "Master" and state(backup, family, vrid) == "Backup", timeout)
