#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 500
"""VRRP with Debian's keepalived (on its own MAC and on the virtual one) and FRR's vrrpd: versions 2 and 3, IPv4
and IPv6. In each pair both are master and backup in turn, each is killed -9 as master, each comes back.

Debian's versions of both send and take version 3 over IPv4 with the pseudo-header only: there ours is told to send
that, and one case shows that we hear them without it all the same."""
import contextlib
import itertools
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import FrrRouter, Node, case, check, equal, lab, main, wait_for  # noqa: E402
from vrrp import Wire, one, state  # noqa: E402

# name: version, family, our statements, interval in ms, addresses
KINDS = {
    "v2-ipv4": (2, "v4", "", 1000, ["10.0.0.254"]),
    "v3-ipv4": (3, "v4", " vrrp 5 checksum-with-ipv4-pseudoheader\n", 100, ["10.0.0.254"]),
    "v3-ipv6": (3, "v6", "", 100, ["fe80::5:fe", "fd00::fe"]),
}


class Keepalived(Node):
    vmac = False

    def prepare(self, kind, priority=100):
        version, _, _, interval, addresses = KINDS[kind]
        self.dir = os.path.join(self.lab.dir, "keepalived")
        os.makedirs(self.dir, exist_ok=True)
        self.conf = os.path.join(self.dir, "conf")
        with open(self.conf, "w") as f:
            f.write("global_defs {\n  router_id peer\n  vrrp_version %d\n}\nvrrp_instance V {\n  state BACKUP\n  interface eth0\n"
                    "  virtual_router_id 5\n  priority %d\n  advert_int %g\n%s  virtual_ipaddress {\n%s  }\n}\n" % (
                        version, priority, interval / 1000, "  use_vmac vrrp.5\n" if self.vmac else "",
                        "".join("    %s\n" % a for a in addresses)))

    def start(self):
        self.p = self.spawn("keepalived", "-n", "-l", "-P", "-G", "-f", self.conf, "-p", os.path.join(self.dir, "pid"), "-r",
                            os.path.join(self.dir, "vrrp.pid"), stdout=open(os.path.join(self.dir, "log"), "a"), stderr=2)

    def kill(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self.p.wait()
        for name in ("pid", "vrrp.pid"):  # it takes its own zombie for a living one
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.dir, name))
        # what a crash leaves behind and a reboot takes: the address answers for nobody
        self.run("ip", "addr", "flush", "dev", "eth0", "to", "10.0.0.254/32", check=False)


class KeepalivedVmac(Keepalived):
    vmac = True


class Frr(FrrRouter):
    def prepare(self, kind, priority=100):
        version, family, _, interval, addresses = KINDS[kind]
        self.config = "interface eth0\n vrrp 5 version %d\n vrrp 5 priority %d\n vrrp 5 advertisement-interval %d\n%s" % (
            version, priority, interval,
            "".join(" vrrp 5 %s %s\n" % ("ip" if family == "v4" else "ipv6", a) for a in addresses))
        # by hand, as its manual says, but for addrgenmode, which this kernel does not take in `link add`
        self.run("ip", "link", "add", "vrrp-2-5", "link", "eth0", "type", "macvlan", "mode", "bridge")
        self.run("ip", "link", "set", "vrrp-2-5", "address", "00:00:5e:00:0%s:05" % ("1" if family == "v4" else "2"))
        self.run("ip", "link", "set", "vrrp-2-5", "addrgenmode", "random")
        for a in addresses:
            self.run("ip", "addr", "add", a + ("/24" if family == "v4" else "/64"), "dev", "vrrp-2-5",
                     *(["nodad"] if family == "v6" else []))
        self.run("ip", "link", "set", "vrrp-2-5", "up")

    def start(self, config=None, daemons=("zebra", "vrrpd")):
        for d in daemons:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.dir, d + ".vty"))
        super().start(config or self.config, daemons)

    def kill(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        for p in self.procs:
            p.wait()


PEERS = {"keepalived": Keepalived, "keepalived-vmac": KeepalivedVmac, "frr": Frr}


class Pair:
    def __init__(self, net, peer, kind):
        self.kind, self.net = kind, net
        version, self.family, extra, self.interval, addresses = KINDS[kind]
        self.lan = net.switch("lan")
        self.host, self.ours = net.host("h"), net.router("r1")
        self.peer = net.add(PEERS[peer](net, "r2"))
        for n, node in enumerate((self.ours, self.peer, self.host)):
            net.link(node, "eth0", self.lan, "to-" + node.name)
            if node is not self.ours:
                node.run("ip", "addr", "add", "10.0.0.%d/24" % (n + 1), "dev", "eth0")
        self.wire = Wire(self.host)
        self.config = "interface eth0\n ip address 10.0.0.1/24\n ipv6 address fd00::1/64\n vrrp 5 version %d\n" \
                      " vrrp 5 advertisement-interval %d\n%s%s vrrp 5 priority %%d\nexit\n" % (
                          version, self.interval, extra,
                          "".join(" vrrp 5 %s %s\n" % ("ip" if self.family == "v4" else "ipv6", a) for a in addresses))
        wait_for("a link-local address of the peer",
                 lambda: "tentative" not in self.peer.run("ip", "-6", "addr", "show", "dev", "eth0").stdout)
        self.peer.prepare(kind)

    def own_source(self):
        return one(self.ours)[self.family]["primaryAddress"]

    def speakers(self, intervals=4):
        """Source addresses of the adverts of so long, from now on."""
        self.wire.drain()
        return set(src for src, _, _ in self.wire.adverts(intervals * self.interval / 1000))

    def only(self, who):
        """Until it alone advertises."""
        def alone():
            if who == "ours":  # its link-local address may be young
                self.mine = self.own_source()
            got = self.speakers()
            return len(got) == 1 and (self.mine in got) == (who == "ours")
        wait_for("%s to be the only master" % who, alone, 45)

    def close(self):
        self.wire.close()


@contextlib.contextmanager
def pair(build, peer, kind):
    with lab(build, "vp") as net:
        p = Pair(net, peer, kind)
        yield p
        p.close()


def both_ways(peer, kind):
    def run(build):
        with pair(build, peer, kind) as p:
            p.ours.start(p.config % 200)
            p.only("ours")
            p.peer.start()
            p.only("ours")
            equal(state(p.ours, p.family), "Master", "ours, of the better priority")
            p.ours.kill_all()
            p.only("peer")
            p.ours.reboot_cleanly()
            for up in ("down", "up"):  # a link-local address, as after a reboot
                p.ours.run("ip", "link", "set", "eth0", up)
            p.ours.start(p.config % 200)
            p.only("ours")
            # the peer as master
            p.ours.vtysh("configure terminal", "interface eth0", "vrrp 5 priority 50")
            p.only("peer")
            wait_for("ours to be backup", lambda: state(p.ours, p.family) == "Backup")
            got = one(p.ours)[p.family]
            equal((got["addressMismatch"], got["masterPriority"], got["masterAdverInterval"]), (False, 100, p.interval),
                  "what ours hears")
            p.peer.kill()
            p.only("ours")
            p.peer.start()
            p.only("peer")
            wait_for("ours to be backup again", lambda: state(p.ours, p.family) == "Backup")
            drops = {k: v for c in p.ours.json("show vrrp counters") for k, v in c["drops"].items()
                     if v and k != "not-running"}  # before our link-local address was there
            equal(drops, {}, "adverts of the peer that were dropped")
    return run


for _peer, _kind in itertools.product(PEERS, KINDS):
    case("%s, %s: each as master and as backup, kill -9 of each, each back" % (_peer, _kind))(both_ways(_peer, _kind))


@case("version 3 over IPv4: a peer that sends the old checksum is heard without any setting")
def old_checksum(build):
    with pair(build, "keepalived", "v3-ipv4") as p:
        p.ours.start((p.config % 50).replace(" vrrp 5 checksum-with-ipv4-pseudoheader\n", ""))
        p.only("ours")
        p.peer.start()
        wait_for("ours to be backup", lambda: state(p.ours) == "Backup")
        p.only("peer")


@case("versions 2 and 3 on one LAN: nobody is silenced, the mismatch is counted")
def mixed(build):
    with pair(build, "frr", "v2-ipv4") as p:
        p.ours.start((p.config % 100).replace("version 2", "version 3").replace("interval 1000", "interval 100"))
        p.only("ours")
        p.peer.start()
        wait_for("the other version to be counted",
                 lambda: p.ours.json("show vrrp counters")[0]["drops"]["version-mismatch"] > 2)
        sent = one(p.ours)["v4"]["stats"]["adverTx"]
        wait_for("ten more of our adverts", lambda: one(p.ours)["v4"]["stats"]["adverTx"] >= sent + 10)
        check("version-mismatch" in p.ours.tail(200), "the log says it")


if __name__ == "__main__":
    main()
