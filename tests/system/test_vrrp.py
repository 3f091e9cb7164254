#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
"""VRRP on a LAN of two routers and a host: nothing made by hand, faults of every kind, and what each setting does.

The host's gateway is 10.0.0.254 (fd00::fe). Behind each router is a network of its own on up0."""
import contextlib
import http.server
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402
from vrrp import Wire, inside, one, settled, state  # noqa: E402

VIP, VMAC = "10.0.0.254", "00:00:5e:00:01:05"
FAST = " vrrp 5 advertisement-interval 100\n"


class Stage:
    def __init__(self, net, config, more=("", ""), start=True):
        self.net = net
        self.lan = net.switch("lan")
        self.host, self.r1, self.r2 = net.host("h"), net.router("r1"), net.router("r2")
        for n in (self.host, self.r1, self.r2):
            net.link(n, "eth0", self.lan, "to-" + n.name)
        for n, r in enumerate((self.r1, self.r2)):
            far = net.host("far%d" % (n + 1))
            net.link(r, "up0", far, "eth0")
        self.host.run("ip", "addr", "add", "10.0.0.100/24", "dev", "eth0")
        self.host.run("ip", "addr", "add", "fd00::64/64", "dev", "eth0", "nodad")
        self.host.run("ip", "route", "add", "default", "via", VIP)
        self.wire = Wire(self.host)
        for n, r in enumerate((self.r1, self.r2)):
            r.config = ("interface eth0\n ip address 10.0.0.%d/24\n ipv6 address fd00::%d/64\n%s%sexit\n"
                        "interface up0\n ip address 10.%d.0.1/24\nexit\n" % (n + 1, n + 1, config, more[n], n + 1))
            if start:
                r.start(r.config)

    def ping(self, address=VIP, count=1):
        return self.host.run("ping", "-c", count, "-i", "0.1", "-W", "1", address, check=False).returncode == 0

    def configure(self, router, *lines, ifname="eth0"):
        router.vtysh("configure terminal", "interface " + ifname, *lines)


@contextlib.contextmanager
def stage(build, config=" vrrp 5 ip %s\n%s" % (VIP, FAST), more=(" vrrp 5 priority 200\n", ""), start=True, settle=True):
    with lab(build, "vrrp") as net:
        s = Stage(net, config, more, start)
        if start and settle:
            settled(s.r1, s.r2)
        yield s
        s.wire.close()


def links(router):
    return {x["ifname"]: x for x in json.loads(router.run("ip", "-j", "-d", "addr", "show").stdout)}


def event(router, name, what=""):
    return [e for e in router.events() if e["event"] == name and what in e["object"] + " " + e["cause"]]


@case("one line is enough: device, address and gateway come and go by themselves")
def zero_setup(build):
    with stage(build, " vrrp 5 ip %s\n" % VIP, (" vrrp 5 priority 200\n", "")) as s:
        check(s.ping(count=3), "the gateway does not answer")
        equal(set(s.wire.who_has(VIP, "10.0.0.100")), {VMAC}, "the gateway's MAC")
        mine = [x for x in links(s.r1).values() if x.get("address") == VMAC]
        equal(len(mine), 1, "devices with the virtual MAC")
        equal([a["local"] for a in mine[0]["addr_info"]], [VIP], "its addresses")
        idle = [x for x in links(s.r2).values() if x.get("address") == VMAC]
        equal([a["local"] for a in idle[0]["addr_info"]], [], "addresses of the backup's device")
        check(" vrrp 5 version 3\n vrrp 5 priority 200\n vrrp 5 ip 10.0.0.254\n" in s.r1.vtysh("show running-config"),
              "running-config")
        s.configure(s.r1, "no vrrp 5")
        wait_for("the device to go", lambda: not [x for x in links(s.r1).values() if x.get("address") == VMAC])
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        check(s.ping(count=3), "the gateway does not answer any more")
        equal(s.r1.json("show vrrp"), [], "virtual routers of r1")


@case("a port that swallows frames: the other takes over, the LAN is told dead, healing leaves one master")
def silent_cut(build):
    with stage(build) as s:
        check(s.ping(count=2), "before the cut")
        wait_for("r1 to know who is there", lambda: s.r1.json("show vrrp lan")[0]["lan"] == "alive")
        s.lan.silence("to-r1")
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        check(s.ping(count=2), "the gateway after the cut")
        wait_for("r1 to find its port dead", lambda: event(s.r1, "vrrp.lan-dead"))
        check(event(s.r2, "vrrp.master", "master-down"), "no event of the takeover")
        s.lan.silence("to-r1", False)
        wait_for("the LAN to be alive", lambda: event(s.r1, "vrrp.lan-alive"))
        settled(s.r1, s.r2)
        equal(set(s.wire.who_has(VIP, "10.0.0.100")), {VMAC}, "the gateway's MAC")


@case("priority: a better one takes over, a worse one gives way, no preempt leaves the master alone")
def priorities(build):
    with stage(build) as s:
        s.configure(s.r2, "vrrp 5 priority 220")
        settled(s.r2, s.r1)
        s.configure(s.r2, "no vrrp 5 priority")
        settled(s.r1, s.r2)
        s.configure(s.r2, "no vrrp 5 preempt", "vrrp 5 priority 250")
        wait_for("r2 to say why it waits", lambda: one(s.r2)["v4"]["held"] == "no-preempt")
        equal(state(s.r1), "Master", "r1")
        s.configure(s.r2, "vrrp 5 preempt")
        settled(s.r2, s.r1)


@case("tracking: an interface, a route through zebra, a priority decrement")
def tracking(build):
    more = (" vrrp 5 priority 200\n vrrp 5 track-interface up0\n vrrp 5 track 2 decrement 150\n"
            "exit\nip route 198.51.100.0/24 10.1.0.2\ntrack 2 ip route 198.51.100.0/24\nexit\ninterface eth0\n", "")
    with stage(build, more=more) as s:
        s.r1.run("ip", "link", "set", "up0", "down")
        settled(s.r2, s.r1)
        equal(one(s.r1)["v4"]["blocked"], "track", "why r1 is backup")
        check([t for t in one(s.r1)["tracks"] if t["name"] == "up0" and not t["up"]], "show vrrp names what is down")
        s.r1.run("ip", "link", "set", "up0", "up")
        settled(s.r1, s.r2)
        s.r1.vtysh("configure terminal", "no ip route 198.51.100.0/24 10.1.0.2")
        settled(s.r2, s.r1)
        equal(one(s.r1)["v4"]["effectivePriority"], 50, "the priority with the route gone")
        s.r1.vtysh("configure terminal", "ip route 198.51.100.0/24 10.1.0.2")
        settled(s.r1, s.r2)


class Page(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(Page.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@case("health checks: a page and a port, from the prober through zebra to the master")
def health(build):
    checks = ("track 4 http http://10.1.0.2:8080/up\n interval 100\n rise 2\n fall 2\nexit\n"
              "track 5 tcp 10.1.0.2 port 8080\n interval 100\n fall 2\nexit\n")
    more = (" vrrp 5 priority 200\n vrrp 5 track 4\n vrrp 5 track 5\nexit\n%sinterface eth0\n" % checks, "")
    with stage(build, more=more, start=False) as s:
        s.net.nodes["far1"].run("ip", "addr", "add", "10.1.0.2/24", "dev", "eth0")
        with inside(s.net.nodes["far1"]):
            server = http.server.ThreadingHTTPServer(("10.1.0.2", 8080), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Page.status = 200
        for r in (s.r1, s.r2):
            r.start(r.config)
        settled(s.r1, s.r2)
        Page.status = 503
        settled(s.r2, s.r1)
        check("503" in s.r1.vtysh("show track 4"), "show track says what was answered")
        Page.status = 200
        settled(s.r1, s.r2)
        server.shutdown()
        server.server_close()
        settled(s.r2, s.r1)


@case("kill -9 of vrrpd: back in time nothing moves; gone for good its address goes, too")
def killed(build):
    with stage(build, " vrrp 5 ip %s\n vrrp 5 advertisement-interval 500\n" % VIP) as s:
        before = one(s.r2)["v4"]["stats"]["transitions"]
        old = s.r1.kill("vrrpd")
        wait_for("a new vrrpd", lambda: s.r1.pid("vrrpd") not in (None, old))
        wait_for("it to be master", lambda: state(s.r1) == "Master")
        sent = one(s.r1)["v4"]["stats"]["adverTx"]
        wait_for("ten of its adverts", lambda: one(s.r1)["v4"]["stats"]["adverTx"] >= sent + 10)
        equal(one(s.r2)["v4"]["stats"]["transitions"], before, "state changes of r2")
        equal(one(s.r1)["v4"]["reason"], "restored", "why r1 is master")
        equal(set(s.wire.who_has(VIP, "10.0.0.100")), {VMAC}, "who answers")
        os.kill(s.r1.grevy.pid, signal.SIGSTOP)  # nobody brings it back
        try:
            supervisor = s.r1.pid("grevy")
            os.kill(supervisor, signal.SIGSTOP)
            s.r1.kill("vrrpd")
            wait_for("r2 to take over", lambda: state(s.r2) == "Master")
            wait_for("zebra of r1 to give the address up",
                     lambda: VIP not in s.r1.run("ip", "-4", "addr", "show").stdout)
            equal(s.wire.who_has(VIP, "10.0.0.100"), [VMAC], "one answer to a request")
            check(s.ping(count=2), "the gateway")
        finally:
            os.kill(supervisor, signal.SIGCONT)
            os.kill(s.r1.grevy.pid, signal.SIGCONT)
        settled(s.r1, s.r2)


@case("SIGTERM: handed over before it ends, what is forwarded loses nothing, nothing is left behind")
def stopped(build):
    def more(n, line):
        return "%sexit\nip route 10.9.0.1/32 10.%d.0.2\ninterface eth0\n" % (line, n)
    with stage(build, more=(more(1, " vrrp 5 priority 200\n"), more(2, "")), start=False) as s:
        for n in (1, 2):  # one service behind both
            far = s.net.nodes["far%d" % n]
            far.run("ip", "addr", "add", "10.%d.0.2/24" % n, "dev", "eth0")
            far.run("ip", "addr", "add", "10.9.0.1/32", "dev", "lo")
            far.run("ip", "route", "add", "default", "via", "10.%d.0.1" % n)
        for r in (s.r1, s.r2):
            r.start(r.config)
        settled(s.r1, s.r2)
        wait_for("the service to be reached", lambda: s.ping("10.9.0.1"))
        pinging = s.host.spawn("ping", "-i", "0.01", "-q", "10.9.0.1", stdout=-1, text=True)
        wait_for("pings to be answered", lambda: s.ping("10.9.0.1", 5))
        s.r1.stop()
        equal(state(s.r2), "Master", "r2 when r1 has gone")
        check(s.ping(count=3) and s.ping("10.9.0.1", 3), "the gateway")
        pinging.send_signal(signal.SIGINT)
        report = pinging.communicate(timeout=10)[0]
        check(" 0% packet loss" in report, "pings: " + report)
        equal([x for x in links(s.r1).values() if x.get("address") == VMAC], [], "devices that are left")
        check(not os.path.exists(os.path.join(s.r1.run_dir, "vrrpd.state")), "the state file is left")
        check(not os.path.exists(os.path.join(s.r1.run_dir, "vrrpd.lans")), "the file of LANs is left")


@case("BFD between the routers: the takeover does not wait for adverts")
def bfd(build):
    config = "exit\nbfd\n profile quick\n  transmit-interval 50\n  receive-interval 50\n exit\nexit\ninterface eth0\n" \
             " vrrp 5 ip %s\n vrrp 5 advertisement-interval 5000\n" % VIP
    more = (" vrrp 5 priority 255\n vrrp 5 bfd 10.0.0.2 profile quick\n", " vrrp 5 bfd 10.0.0.1 profile quick\n")
    with stage(build, config, more) as s:
        for r in (s.r1, s.r2):
            wait_for("the session", lambda x=r: one(x)["bfd"][0]["liveness"] == "up")
        wait_for("r2 to have heard the master", lambda: one(s.r2)["v4"].get("master") == "10.0.0.1")
        s.lan.silence("to-r1")
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        equal(one(s.r2)["v4"]["reason"], "bfd", "why")
        check(s.ping(count=2), "the gateway")
        s.lan.silence("to-r1", False)
        settled(s.r1, s.r2)


@case("a repaired router takes its place back only when its routing is complete, and says what it waits for")
def returning(build):
    ospf = " ip ospf hello-interval 1\n ip ospf dead-interval 4\n"
    more = ("%%s%sexit\ninterface core\n ip address 10.3.%%d.1/24\n%s ip ospf network point-to-point\nexit\n"
            "router ospf\n network 0.0.0.0/0 area 0\nexit\ninterface up0\n%sexit\ninterface eth0\n" % (ospf, ospf, ospf))
    # up0 has no neighbour: OSPF listens there for two hellos and a second
    with stage(build, more=(more % (" vrrp 5 priority 200\n", 1), more % ("", 2)), start=False) as s:
        core = s.net.router("core")
        core.config = "router ospf\n network 0.0.0.0/0 area 0\nexit\n"
        for n, r in enumerate((s.r1, s.r2)):
            s.net.link(r, "core", core, "to-" + r.name)
            core.config += "interface to-%s\n ip address 10.3.%d.2/24\n%s ip ospf network point-to-point\nexit\n" % (
                r.name, n + 1, ospf)
        for r in (core, s.r1, s.r2):
            r.start(r.config)
        settled(s.r1, s.r2)
        wait_for("both to have the core and each other", lambda: len(s.r1.full()) == 2 and len(s.r2.full()) == 2)
        s.r1.kill_all()
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        s.r1.reboot_cleanly()
        for ifname in ("eth0", "up0", "core"):
            s.r1.run("ip", "link", "set", ifname, "up")
        s.r1.start()
        settled(s.r1, s.r2)
        events = s.r1.events()
        held = [e for e in events if e["event"] == "vrrp.held"]
        check(held and "routing" in held[0]["cause"], "no event of what it waited for: %s" % held)
        ready = [e["monotonicUs"] for e in events if e["event"] == "ospf.routing-ready"]
        master = [e["monotonicUs"] for e in events if e["event"] == "vrrp.master"]
        check(master[-1] >= ready[-1], "master before routing was ready")
        equal(len(s.r1.full()), 2, "neighbours of r1 that are Full")


@case("an address of the interface makes its owner master, with priority 255")
def owner(build):
    with stage(build, " vrrp 5 ip 10.0.0.1\n" + FAST, ("", "")) as s:
        got = one(s.r1)["v4"]
        equal((got["effectivePriority"], got["owner"]), (255, True), "r1")
        check(s.ping("10.0.0.1"), "the address")
        s.r1.run("ip", "link", "set", "up0", "down")
        equal(state(s.r1), "Master", "r1")


@case("unicast peers: nothing goes to the group; strangers are not listened to")
def unicast(build):
    more = (" vrrp 5 priority 200\n vrrp 5 unicast-peer 10.0.0.2\n", " vrrp 5 unicast-peer 10.0.0.1\n")
    with stage(build, more=more) as s:
        equal(list(s.wire.adverts(0.5)), [], "adverts that the host sees")
        equal(len(s.wire.who_has(VIP, "10.0.0.100")), 1, "answers for the address")
        check(s.wire.who_has(VIP, "10.0.0.100") != [VMAC], "a virtual MAC with unicast")
        s.lan.silence("to-r1")
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        s.lan.silence("to-r1", False)
        settled(s.r1, s.r2)


@case("no virtual-mac: the address is on the interface, hosts learn the new MAC from gratuitous ARP")
def real_mac(build):
    with stage(build, " vrrp 5 ip %s\n no vrrp 5 virtual-mac\n%s" % (VIP, FAST)) as s:
        macs = [links(r)["eth0"]["address"] for r in (s.r1, s.r2)]
        check(VIP in [a["local"] for a in links(s.r1)["eth0"]["addr_info"]], "the address on the interface")
        equal(set(m for _, m, _ in s.wire.adverts(0.5)), {macs[0]}, "source MAC of adverts")
        check(s.ping(), "the gateway")
        equal(one(s.r1)["v4"]["owner"], False, "a virtual address on the interface makes no owner")
        s.configure(s.r1, "vrrp 5 shutdown")
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        wait_for("the host to have learnt it", lambda: macs[1] in s.host.run("ip", "neigh", "show", VIP).stdout)
        wait_for("r1 to give the address back", lambda: VIP not in [a["local"] for a in links(s.r1)["eth0"]["addr_info"]])


@case("no accept-mode: the address forwards, and answers nobody but by ARP")
def accept(build):
    with stage(build, " vrrp 5 ip %s\n no vrrp 5 accept-mode\n%s" % (VIP, FAST)) as s:
        s.net.nodes["far1"].run("ip", "addr", "add", "10.1.0.2/24", "dev", "eth0")
        s.net.nodes["far1"].run("ip", "route", "add", "default", "via", "10.1.0.1")
        equal(s.wire.who_has(VIP, "10.0.0.100"), [VMAC], "ARP")
        wait_for("it to forward", lambda: s.ping("10.1.0.2"))
        check(not s.ping(), "the address answers a ping")
        s.configure(s.r1, "vrrp 5 accept-mode")
        wait_for("it to answer", lambda: s.ping())


@case("IPv6: addresses, the virtual MAC, takeover")
def ipv6(build):
    with stage(build, " vrrp 5 ipv6 fd00::fe\n vrrp 5 ipv6 fe80::5:fe\n" + FAST, settle=False) as s:
        settled(s.r1, s.r2, "v6")
        wait_for("the address to answer", lambda: s.ping("fd00::fe"))
        wait_for("the link-local one to answer", lambda: s.ping("fe80::5:fe%eth0"))
        check("00:00:5e:00:02:05" in s.host.run("ip", "-6", "neigh", "show", "fd00::fe").stdout, "the virtual MAC")
        equal(one(s.r1)["v6"]["addresses"], ["fe80::5:fe", "fd00::fe"], "addresses, link-local ones first")
        s.lan.silence("to-r1")
        wait_for("r2 to take over", lambda: state(s.r2, "v6") == "Master")
        wait_for("it to answer", lambda: s.ping("fd00::fe"))
        s.lan.silence("to-r1", False)
        settled(s.r1, s.r2, "v6")


@case("version 2 with a password")
def version2(build):
    config = " vrrp 5 version 2\n vrrp 5 ip %s\n vrrp 5 authentication text sesame\n" % VIP
    with stage(build, config) as s:
        octets = next(o for _, _, o in s.wire.adverts(5))
        equal((octets[0], octets[4], octets[-8:]), (0x21, 1, b"sesame\0\0"), "an advert of version 2")
        s.configure(s.r2, "vrrp 5 authentication text another")
        wait_for("r2 to be master on its own", lambda: state(s.r2) == "Master")
        wait_for("it to count the wrong password",
                 lambda: s.r2.json("show vrrp interface eth0 5 counters")[0]["drops"]["auth"] > 0)
        s.configure(s.r2, "vrrp 5 authentication text sesame")
        settled(s.r1, s.r2)


@case("an interface that is deleted and made again is taken up by itself")
def remade(build):
    with stage(build) as s:
        s.r1.run("ip", "link", "del", "eth0")
        wait_for("r2 to take over", lambda: state(s.r2) == "Master")
        equal(state(s.r1), "Initialize", "r1 without its interface")
        equal([n for n in links(s.r1) if n.startswith("vrrp")], [], "devices that are left")
        s.net.link(s.r1, "eth0", s.lan, "to-r1-again")
        settled(s.r1, s.r2)
        wait_for("the gateway to answer", lambda: s.ping())


@case("notify: each change runs the command, unprivileged, one after the other; one that hangs is killed")
def notified(build):
    with stage(build, start=False) as s:
        out, script = os.path.join(s.net.dir, "told"), os.path.join(s.net.dir, "notify.sh")
        os.chmod(s.net.dir, 0o755)
        open(out, "w").close()
        os.chmod(out, 0o666)
        with open(script, "w") as f:
            f.write("#!/bin/sh\nprintf '%%s\\n' \"$*\" >> %s\ngrep CapEff /proc/self/status >> %s\necho heard you\n"
                    "[ \"$5\" != initialize ] || sleep 60\n" % (out, out))
        os.chmod(script, 0o755)
        s.r1.config = s.r1.config.replace("vrrp 5 priority", "vrrp 5 notify %s word\n vrrp 5 priority" % script)
        for r in (s.r1, s.r2):
            r.start(r.config)
        settled(s.r1, s.r2)

        def told():
            with open(out) as f:
                return f.read().split("\n")
        wait_for("two states", lambda: len([x for x in told() if x.startswith("word")]) >= 2)
        equal([x.split()[:5] for x in told() if x.startswith("word")],
              [["word", "eth0", "5", "ipv4", "backup"], ["word", "eth0", "5", "ipv4", "master"]], "what it was told")
        equal(set(x.split()[1] for x in told() if x.startswith("CapEff")), {"0" * 16}, "its capabilities")
        wait_for("its output in the log", lambda: "heard you" in s.r1.tail(400))
        s.configure(s.r1, "vrrp 5 shutdown")
        wait_for("the third", lambda: len([x for x in told() if x.startswith("word")]) >= 3)
        s.configure(s.r1, "no vrrp 5 shutdown")  # its commands wait behind the one that hangs
        process = "show yang vrrp/process"
        wait_for("the hanging one to be killed", lambda: json.loads(s.r1.vtysh(process))["notify-killed"] == 1, 30)
        wait_for("those behind it", lambda: [x.split()[4] for x in told() if x.startswith("word")][-1] == "master")


@case("a sync group falls and rises as one")
def group(build):
    second = " vrrp 6 ip 10.0.0.253\n vrrp 6 advertisement-interval 100\n vrrp 5 group all\n vrrp 6 group all\n"
    more = (" vrrp 5 priority 200\n vrrp 6 priority 200\n vrrp 6 track-interface up0\n", "")
    with stage(build, " vrrp 5 ip %s\n%s%s" % (VIP, FAST, second), more) as s:
        settled(s.r1, s.r2, vrid=6)
        s.r1.run("ip", "link", "set", "up0", "down")
        settled(s.r2, s.r1, vrid=6)
        settled(s.r2, s.r1)
        equal(one(s.r1)["v4"]["blocked"], "sync-group", "why 5 is backup")
        s.r1.run("ip", "link", "set", "up0", "up")
        settled(s.r1, s.r2)
        settled(s.r1, s.r2, vrid=6)


@case("wrong statements are refused with what was expected; FRR's are taken")
def statements(build):
    with stage(build) as s:
        for lines, expected in (
                (["vrrp 5 version 2"], "multiples of 1000 ms"),
                (["vrrp 5 advertisement-interval 55"], "multiple of 10 ms"),
                (["vrrp 5 authentication text x"], "version 2"),
                (["vrrp 7 version 2", "vrrp 7 ipv6 fd00::7"], "IPv4 only"),
                (["vrrp 5 priority 256"], "(1-255)"),
                (["vrrp 256"], "(1-255)")):
            p = s.r1.run(s.net.program("bin/vtysh"), *s.r1.dirs(), *sum((["-c", c] for c in [
                "configure terminal", "interface eth0"] + lines), []), check=False)
            check(expected in p.stdout + p.stderr, "%s: %s" % (lines, p.stdout + p.stderr))
        s.configure(s.r1, "no vrrp 7")
        s.r1.vtysh("configure terminal", "vrrp autoconfigure 3")
        before = s.r1.vtysh("show running-config")
        s.configure(s.r1, "vrrp 5 lan-prefix backup-cost 50", "vrrp 5 garp repeat 3", "vrrp 5 start-delay 2",
                    "vrrp 5 preempt delay 3", "no vrrp 5 wait-for-routing", "vrrp 5 bfd 10.0.0.2 profile fast")
        s.configure(s.r1, "no vrrp 5 lan-prefix backup-cost", "no vrrp 5 garp repeat", "no vrrp 5 start-delay",
                    "no vrrp 5 preempt delay", "vrrp 5 wait-for-routing", "no vrrp 5 bfd 10.0.0.2")
        equal(s.r1.vtysh("show running-config"), before, "running-config after taking everything back")


@case("vrrp default ... counts where a virtual router says nothing")
def defaults(build):
    def values():
        v = one(s.r1)
        return v["priority"], v["advertisementInterval"], v["preemptMode"], v["checksumWithIpv4Pseudoheader"], v["shutdown"]

    def glob(*lines, expected=""):
        p = s.r1.run(s.net.program("bin/vtysh"), *s.r1.dirs(), *sum((["-c", c] for c in ("configure terminal",) + lines), []),
                     check=False)
        check(expected in p.stdout + p.stderr if expected else not p.stdout + p.stderr, "%s: %s" % (lines, p.stdout + p.stderr))

    lines = ("vrrp default priority 150", "vrrp default advertisement-interval 500", "no vrrp default preempt",
             "vrrp default checksum-with-ipv4-pseudoheader")
    with stage(build, " vrrp 5 ip %s\n" % VIP, ("", " vrrp 5 priority 50\n")) as s:
        before = s.r1.vtysh("show running-config")
        glob(*lines)
        equal(values(), (150, 500, False, True, False), "by default")
        check(all("\n%s\n" % x in s.r1.vtysh("show running-config") for x in lines), "running-config")
        s.configure(s.r1, "vrrp 5 priority 160", "vrrp 5 preempt")
        equal(values(), (160, 500, True, True, False), "its own")
        # what version 2 cannot have is refused on both ways to it
        glob("interface eth0", "vrrp 5 version 2", expected="advertisement-interval of its own")
        glob("interface eth0", "vrrp 5 advertisement-interval 2000", "vrrp 5 version 2")
        glob("no vrrp default advertisement-interval", "interface eth0", "no vrrp 5 advertisement-interval")
        glob("vrrp default advertisement-interval 1500", expected="advertisement-interval of its own")
        glob("vrrp default shutdown")
        equal(values(), (160, 1000, True, False, True), "shut down by default")
        # a new daemon has them, too
        s.r1.kill("vrrpd")
        wait_for("vrrpd to be back", lambda: one(s.r1).get("shutdown") is True)
        s.configure(s.r1, "no vrrp 5 shutdown")
        wait_for("it runs", lambda: one(s.r1)["v4"]["status"] in ("Master", "Backup"))
        s.configure(s.r1, "no vrrp 5", "vrrp 5 ip " + VIP)
        glob("no vrrp default priority", "vrrp default preempt", "no vrrp default shutdown",
             "no vrrp default checksum-with-ipv4-pseudoheader")
        equal(values(), (100, 1000, True, False, False), "taken back")
        after = s.r1.vtysh("show running-config")
        equal(after.replace("no vrrp default checksum-with-ipv4-pseudoheader\n!\n", ""), before, "running-config")


# As FRR 10.8-dev prints `show vrrp json`: name, type.
FRR_KEYS = {"vrid": int, "version": int, "autoconfigured": bool, "shutdown": bool, "preemptMode": bool, "acceptMode": bool,
            "checksumWithIpv4Pseudoheader": bool, "interface": str, "advertisementInterval": int, "priority": int}
FRR_FAMILY = {"interface": str, "vmac": str, "primaryAddress": str, "status": str, "effectivePriority": int,
              "masterAdverInterval": int, "skewTime": int, "masterDownInterval": int, "stats": dict, "addresses": list}
FRR_STATS = {"v4": ("adverTx", "adverRx", "garpTx", "transitions"), "v6": ("adverTx", "adverRx", "neighborAdverTx", "transitions")}
FRR_LINES = """Virtual Router ID|Protocol Version|Autoconfigured|Shutdown|Interface|VRRP interface (v4)|VRRP interface (v6)
Primary IP (v4)|Primary IP (v6)|Virtual MAC (v4)|Virtual MAC (v6)|Status (v4)|Status (v6)|Priority|Effective Priority (v4)
Effective Priority (v6)|Preempt Mode|Accept Mode|Checksum with IPv4 Pseudoheader|Advertisement Interval
Master Advertisement Interval (v4) Rx|Master Advertisement Interval (v6) Rx|Advertisements Tx (v4)|Advertisements Tx (v6)
Advertisements Rx (v4)|Advertisements Rx (v6)|Gratuitous ARP Tx (v4)|Neigh. Adverts Tx (v6)|State transitions (v4)
State transitions (v6)|Skew Time (v4)|Skew Time (v6)|Master Down Interval (v4)|Master Down Interval (v6)
IPv4 Addresses|..................................|IPv6 Addresses""".replace("\n", "|").split("|")


@case("show vrrp: FRR's keys, types, nesting and lines")
def keys(build):
    with stage(build) as s:
        got = one(s.r1)
        for where, want in ((got, FRR_KEYS), (got["v4"], FRR_FAMILY), (got["v6"], FRR_FAMILY)):
            for key, kind in want.items():
                check(type(where.get(key)) is kind, "%s is %r" % (key, where.get(key)))
        for family, names in FRR_STATS.items():
            for name in names:
                check(type(got[family]["stats"].get(name)) is int, "%s.stats.%s" % (family, name))
        text = [line for line in s.r1.vtysh("show vrrp").split("\n") if line.strip()]
        equal([line[1:41].strip() for line in text[:len(FRR_LINES)]], FRR_LINES, "lines of the text")
        equal(text[0][41:].strip(), "5", "the first value's column")
        summary = s.r1.vtysh("show vrrp summary").split("\n")
        equal(summary[1].split(), "Interface VRID Priority IPv4 IPv6 State (v4) State (v6)".split(), "summary's head")
        equal(summary[3].split(), ["eth0", "5", "200", "1", "0", "Master", "Initialize"], "summary's line")
        equal(s.r1.json("show vrrp interface nowhere"), [], "of another interface")
        counters = s.r1.json("show vrrp counters")
        check(all(type(c["drops"]["checksum"]) is int for c in counters) and len(counters) == 2, "counters")


if __name__ == "__main__":
    main()
