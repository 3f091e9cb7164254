#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 150
"""Configuration as users of FRR bring and type it: their files, their short forms, every `no`, what they mistype, and
what they do not know from FRR (candidates, commits with a time limit)."""
import os
import re
import signal
import subprocess
import sys
import time

import pexpect

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

EDGE = """frr version 8.4.4
frr defaults traditional
hostname edge1
log syslog informational
no ipv6 forwarding
service integrated-vtysh-config
!
ip route 0.0.0.0/0 10.0.12.254
ip route 10.10.0.0/16 10.0.12.2 250
ip route 10.11.0.0/16 eth0
ip route 10.12.0.0/16 10.0.12.2 eth0 200
ip route 10.13.0.0/16 Null0
ip route 10.14.0.0/16 blackhole tag 9
ip route 10.15.0.0/16 reject
ip route 10.18.0.0/16 10.0.12.2 tag 100 5
ip route 10.19.0.0/16 10.0.12.2 eth0 tag 7 20 onlink
ip route 10.20.0.0/16 10.0.12.2 table 100
ip route 10.21.0.0/16 10.0.12.2
ip route 10.21.0.0/16 10.0.12.3
ipv6 route ::/0 2001:db8::1
ipv6 route 2001:db8:1::/48 fe80::1 eth0
ipv6 route 2001:db8:4::/48 blackhole 200
ipv6 route 2001:db8:5::/48 reject tag 9
!
interface eth0
 description uplink to the provider
 bandwidth 1000
 ip address 10.0.12.1/24
 ip address 10.0.13.1/24 label eth0:1
 ip ospf area 0.0.0.0
 ip ospf authentication message-digest
 ip ospf cost 100
 ip ospf dead-interval 40
 ip ospf message-digest-key 1 md5 s3cret!
 ip ospf network point-to-point
 ip ospf priority 0
 ipv6 address 2001:db8::9/64
 no ip ospf passive
exit
!
interface eth1
 ip ospf dead-interval minimal hello-multiplier 4
 no link-detect
 shutdown
exit
!
interface lo
 ip address 10.255.0.1/32
exit
!
router ospf
 ospf router-id 10.255.0.1
 log-adjacency-changes detail
 auto-cost reference-bandwidth 10000
 timers throttle spf 0 50 5000
 maximum-paths 4
 max-metric router-lsa administrative
 redistribute kernel metric 10
 redistribute connected metric-type 1
 redistribute static metric 10 metric-type 1
 passive-interface default
 default-information originate always metric 10 metric-type 1
 distance 109
 distance ospf intra-area 100 inter-area 101 external 150
exit
!
line vty
 exec-timeout 0 0
exit
!
end
"""

# As FRR writes it; with EDGE.
BFD = """bfd
 profile slow
  detect-multiplier 5
  transmit-interval 400
  receive-interval 400
  echo-mode
  echo transmit-interval 60
  echo receive-interval disabled
  minimum-ttl 250
  passive-mode
  shutdown
 exit
 !
 peer 10.0.12.2 interface eth0
  profile slow
  detect-multiplier 7
 exit
 !
 peer 192.0.2.9 multihop local-address 192.0.2.1
 exit
 !
 peer 2001:db8::7 local-address 2001:db8::9 interface eth0
 exit
 !
exit
!
"""

# Typed by hand: short forms, comments, no exits, old forms, odd spacing, capital letters in addresses.
HAND = """! made by hand
# and a comment of the other kind
int eth0
  ip addr 10.1.0.1/24
  ipv6 addr 2001:DB8::1/64
   ip ospf hello 2
   ip ospf dead-int 8
 ip ospf area 0
 no shut
int eth1
 desc  the second
 ip os au mess
 ip os message-digest-key 3 md5 abc
rou ospf
 router-id 1.1.1.1
 net 10.0.0.0/8 ar 0
 network 10.2.0.1/16 area 0.0.0.7
 red stat
 red conn met 5 metric-type 1
 passive eth1
 def orig
ip route 10.9.0.0 255.255.0.0 10.1.0.9
ip route 10.8.1.1/16 Null0
ipv6 route 2001:DB8:F::1/48 2001:DB8::2 10 tag 4
no ip route 10.77.0.0/16 Null0
"""
HAND_LINES = [" ip address 10.1.0.1/24", " ipv6 address 2001:db8::1/64", " ip ospf hello-interval 2",
              " ip ospf dead-interval 8", " ip ospf area 0", " description the second",
              " ip ospf authentication message-digest", " ip ospf message-digest-key 3 md5 abc",
              " ospf router-id 1.1.1.1", " network 10.0.0.0/8 area 0", " network 10.2.0.0/16 area 0.0.0.7",
              " redistribute static", " redistribute connected metric 5 metric-type 1", " passive-interface eth1",
              " default-information originate", "ip route 10.9.0.0/16 10.1.0.9", "ip route 10.8.0.0/16 Null0",
              "ipv6 route 2001:db8:f::/48 2001:db8::2 tag 4 10"]

OTHERS = """hostname mixed
ip prefix-list P seq 5 permit 10.0.0.0/8 le 24
route-map R permit 10
 match ip address prefix-list P
 set metric 5
exit
interface eth0
 ip address 10.0.0.1/24
 ipv6 ospf6 area 0
 vrrp 5 version 3
 ip ospf bfd
 ip ospf cost 7
exit
router bgp 65000
 neighbor 10.0.0.2 remote-as 65001
 network 10.0.0.0/8
 address-family ipv4 unicast
  redistribute static
 exit-address-family
exit
router ospf6
 ospf6 router-id 1.1.1.1
exit
bfd
 profile fast
  transmit-interval 20
 exit
exit
router ospf
 redistribute static route-map R
 area 1 nssa
 ospf router-id 9.9.9.9
exit
ip route 10.3.0.0/16 Null0
"""
OTHERS_BAD = [2, 3, 4, 5, 9, 14, 15, 16, 17, 18, 21, 22, 30, 31]


class Stage:
    def __init__(self, build, config="hostname r1\n", env=None):
        self.lab = lab(build, "fc")
        self.r = self.lab.router("r1")
        self.peer = self.lab.host("h1")
        for n in (0, 1):
            self.lab.link(self.r, "eth%d" % n, self.peer, "eth%d" % n)
        os.environ.update(env or {})
        try:
            self.r.start(config)
        finally:
            for key in env or {}:
                del os.environ[key]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.lab.close()

    def argv(self, *args):
        return self.r.argv(self.lab.program("bin/vtysh"), *self.r.dirs(), *args)

    def sh(self, *args, stdin=None):
        p = subprocess.run(self.argv(*args), input=stdin if stdin is not None else b"", capture_output=True, timeout=30)
        return p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace"), p.returncode

    def c(self, *commands):
        return self.sh(*[x for c in commands for x in ("-c", c)])

    def config(self):
        out, _, rc = self.c("show running-config no-header")
        equal(rc, 0, "status of show running-config")
        return out

    def file(self, name, text):
        path = os.path.join(self.r.dir, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def terminal(self):
        argv = self.argv()
        t = pexpect.spawn(argv[0], argv[1:], encoding="utf-8", timeout=10, dimensions=(50, 160),
                          env=dict(os.environ, TERM="dumb", INPUTRC="/dev/null"))
        t.delaybeforesend = None
        t.expect_exact("r1# ")
        return t


def same_again(s, what):
    """What is printed loads into an empty router and prints the same."""
    text = s.config()
    path = s.file("again.conf", text)
    _, err, rc = s.sh("-b", "--config", s.file("empty.conf", "!\n"))
    equal((err, rc), ("", 0), what + ": empty")
    out, err, rc = s.sh("-f", path)
    equal((err, rc), ("", 0), what + ": loads as printed")
    equal(s.config(), text, what + ": the same again")
    return text


@case("a file as FRR 8.4 writes it loads unchanged, with every line in it")
def edge(build):
    with Stage(build) as s:
        out, err, rc = s.sh("-f", s.file("frr.conf", EDGE.replace("line vty\n", BFD + "line vty\n")))
        equal((out, err, rc), ("", "", 0), "load")
        text = same_again(s, "edge").splitlines()
        ignored = re.compile(r"frr |service |line vty| exec-timeout|exit|!|end|hostname|$")
        missing = [x for x in (EDGE + BFD).splitlines() if not ignored.match(x) and x not in text]
        equal(missing, [], "lines that are lost")
        check("hostname edge1" in text, "hostname")
        equal(s.sh("-C", "-f", os.path.join(s.r.dir, "frr.conf"))[2], 0, "status of -C")
        check(" passive-interface default" in text and "No Hellos" not in s.c("show ip ospf interface eth0")[0],
              "no ip ospf passive does not win over passive-interface default")
        spf = s.c("show ip ospf")[0]
        check("Minimum hold time between consecutive SPFs 50 " in spf, "timers throttle spf 0 50 5000: " + spf)


@case("what people type: short forms, masks, comments, no exits; as a file and as typed lines")
def hand(build):
    with Stage(build) as s:
        out, err, rc = s.sh("-f", s.file("hand.conf", HAND))
        equal((err, rc), ("", 0), "load")
        text = same_again(s, "hand")
        missing = [x for x in HAND_LINES if x not in text.splitlines()]
        equal(missing, [], "lines that are lost of " + text)
        s.sh("-b", "--config", s.file("empty.conf", "hostname r1\n"))
        out, err, rc = s.sh(stdin=b"conf t\n" + HAND.encode() + b"end\n")
        check(rc == 0 and "%" not in out, out)
        equal(s.config(), text, "typed line by line")


@case("each statement and its no")
def negations(build):
    whole = (EDGE + HAND).replace("dead-interval minimal hello-multiplier 4", "retransmit-interval 9")
    with Stage(build) as s:
        before = s.config()
        s.sh("-f", s.file("whole.conf", whole))
        lines, mode = [], None
        for line in s.config().splitlines():
            if line.startswith(("interface ", "router ")):
                mode = line
            elif line == "exit":
                mode = None
            elif line not in ("!", "end", "") and not line.startswith(("hostname", "grevy")):
                lines.append((mode, line.strip()))
        check(len(lines) > 55, "%d statements" % len(lines))
        script = ["configure terminal"]
        for mode, line in lines:
            script += [mode] if mode else []
            script += [line[3:] if line.startswith("no ") else "no " + line] + (["exit"] if mode else [])
        script += ["no interface eth0", "no interface eth1", "no interface lo", "no router ospf", "ipv6 forwarding",
                   "no ipv6 forwarding", "no hostname", "hostname r1"]
        out, err, rc = s.c(*script)
        equal((out.strip(), err, rc), ("", "", 0), "negations")
        left = [x for x in s.config().splitlines() if x not in before.splitlines() and "forwarding" not in x]
        equal(left, [], "what no did not remove")


@case("statements of other protocols are named with their line, the rest applies")
def others(build):
    with Stage(build) as s:
        path = s.file("frr.conf", OTHERS)
        for args in (("-C", "-f", path), ("-f", path)):
            out, err, rc = s.sh(*args)
            equal(rc, 1, "status of %s" % args[0])
            equal(sorted({int(n) for n in re.findall(r"frr\.conf:(\d+): ", err)}), OTHERS_BAD,
                  "lines named by %s:\n%s" % (args[0], err))
        check("expected: " in err, err)
        text = s.config()
        for line in ("hostname mixed", " ip address 10.0.0.1/24", " ip ospf cost 7", " ospf router-id 9.9.9.9",
                     "ip route 10.3.0.0/16 Null0"):
            check(line in text.splitlines(), "%s is lost:\n%s" % (line, text))
        check("redistribute" not in text and "network" not in text, text)


@case("garbage, NULs, endless lines: named, nothing hangs, nothing dies")
def garbage(build):
    with Stage(build) as s:
        noise = bytes((n * 7919 + (n >> 8) * 104729) & 0xff for n in range(100000))
        pids = [s.r.pid(d) for d in ("zebra", "mgmtd", "ospfd")]
        for name, text, good in (("noise", noise, False), ("nul", b"ip route 10.0.0.0/8 Null0\0tag 5\n", False),
                                 ("long", b"hostname " + b"x" * 200000 + b"\n", False),
                                 ("words", b"ip route " + b"a " * 5000 + b"\n", False),
                                 ("colour", b"\x1b[31mip route\x07\n", False), ("empty", b"", True),
                                 ("dos", b"interface eth0\r\n ip ospf cost 5\r\n", True),
                                 ("end", b"ip route 10.2.0.0/16 Null0", True),
                                 ("utf8", "interface eth0\n description Gr\u00fc\u00dfe\n".encode(), True)):
            path = s.file(name, text)
            for args in (("-C", "-f", path), ("-f", path)):
                out, err, rc = s.sh(*args)
                equal(rc, 0 if good else 1, "status of %s %s: %s" % (args[0], name, err[:200]))
                check(good or (name + ":1: %") in err, "the line is named: " + err[:200])
            check("\x1b" not in out + err, "control characters reach the terminal")
            s.sh(stdin=b"conf t\n" + text + b"\nend\n")
        check("10.2.0.0/16" in s.config() and "10.0.0.0/8" not in s.config(), s.config())
        equal([s.r.pid(d) for d in ("zebra", "mgmtd", "ospfd")], pids, "daemons")


@case("? and Tab at every place of a line, in every mode")
def questions(build):
    with Stage(build) as s:
        t = s.terminal()
        t.send("terminal length 0\r")
        t.expect_exact("r1# ")
        for mode, prompt, lines in (
                (None, "r1# ", ["show ip ospf database router 1.2.3.4 adv-router 1.1.1.1", "clear ip ospf neighbor 1.1.1.1",
                                "show ip route 10.0.0.0/8 longer-prefixes", "commit confirmed 5", "ping 1.1.1.1"]),
                ("configure terminal", "r1(config)# ", ["ip route 10.0.0.0/8 10.0.0.1 tag 5 10", "no ipv6 forwarding"]),
                ("interface eth0", "r1(config-if)# ", ["ip ospf dead-interval minimal hello-multiplier 5",
                                                       "ip ospf message-digest-key 1 md5 x", "no ip address 10.0.0.1/24"]),
                ("router ospf", "r1(config-router)# ", ["redistribute static metric 5 metric-type 1",
                                                        "timers throttle spf 1 2 3", "distance ospf external 5"])):
            if mode:
                t.send(mode + "\r")
                t.expect_exact(prompt)
            for line in lines:
                words = line.split()
                for n in range(len(words) + 1):
                    typed = "".join(w + " " for w in words[:n])
                    t.send(typed + "?")
                    t.expect_exact(prompt + typed)
                    equal("%" in t.before and "nknown" in t.before, False, "? after '%s': %s" % (typed, t.before))
                    t.send("\t\t\x15")
                t.send(line[:-1] + "\t\x15")
                t.send("\r")
                t.expect_exact(prompt)
            t.send("zzz ?\x15" + "x" * 3000 + "\r")
            t.expect_exact("%")
            t.send("\x03\x01\x02\r")
            t.expect_exact(prompt)
        t.sendcontrol("z")
        t.send("show hostname\r")
        t.expect_exact("r1")
        t.close(force=True)


@case("candidates: exclusive locks others out and ends with its shell; private ones merge")
def candidates(build):
    with Stage(build) as s:
        a, b = s.terminal(), s.terminal()

        def say(t, text):
            t.send(text + "\r")
            t.expect(r"r1(\([a-z-]*\))?# ")
            return t.before
        say(a, "configure exclusive")
        say(a, "ip route 10.1.0.0/16 Null0")
        check("%" in say(b, "configure exclusive"), "a second exclusive shell")
        refused = s.c("conf t", "ip route 10.9.0.0/16 Null0")
        check(refused[2] == 1 and "%" in refused[0] + refused[1], "a line of another shell under the lock: %s" % (refused,))
        for pid in [int(x) for x in subprocess.run(["pgrep", "-P", str(a.pid)], capture_output=True,
                                                   text=True).stdout.split()] + [a.pid]:
            os.kill(pid, signal.SIGKILL)
        wait_for("the lock is released", lambda: s.c("conf t", "ip route 10.9.0.0/16 Null0")[2] == 0, 5)
        check("10.1.0.0/16" not in s.config(), "the dead shell's line")
        c = s.terminal()
        for t, n in ((b, 2), (c, 3)):
            say(t, "configure private")
            say(t, "ip route 10.%d.0.0/16 Null0" % n)
        check("+ip route 10.2.0.0/16 Null0" in say(b, "show | compare") and "10.3." not in say(b, "show | compare"), "compare")
        check("%" not in say(b, "commit comment two"), "first commit")
        check("%" not in say(c, "commit"), "second commit")
        text = s.config()
        check("10.2.0.0/16" in text and "10.3.0.0/16" in text and "10.9.0.0/16" in text, text)
        say(c, "ip route 10.4.0.0/16 224.0.0.1")
        check("%" in say(c, "commit check") and "%" in say(c, "commit"), "a bad candidate is judged")
        say(c, "discard")
        check("10.4." not in say(c, "show | compare"), "discard")
        say(c, "rollback 0")
        say(c, "commit")
        check("10.3.0.0/16" not in s.config() and "10.2.0.0/16" in s.config(), "rollback 0")
        check("two" in s.c("show configuration commit history")[0], "history")


@case("commit confirmed goes back by itself, also over a restart of mgmtd, and stays when confirmed")
def confirmed(build):
    with Stage(build, env={"GREVY_MGMTD_MINUTE": "1500000"}) as s:
        for killed in (False, True):
            out, err, rc = s.c("configure private", "ip route 10.1.0.0/16 Null0", "commit confirmed 1")
            equal(rc, 0, "commit: " + out + err)
            check("10.1.0.0/16" in s.config(), "it runs")
            if killed:
                s.r.kill("mgmtd")
            wait_for("it is taken back", lambda: "10.1.0.0/16" not in s.r.vtysh("show running-config"), 10)
            wait_for("in zebra too", lambda: "10.1.0.0/16" not in s.r.json("show ip route"), 5)
        s.c("configure private", "ip route 10.1.0.0/16 Null0", "commit confirmed 1", "confirm")
        time.sleep(2.5)
        check("10.1.0.0/16" in s.config(), "confirmed and yet gone")


@case("log file is one file for all daemons, also for one that is restarted, until it is taken back")
def logs(build):
    daemons = ("mgmtd", "zebra", "ospfd", "bfdd", "vrrpd")
    with Stage(build, "router ospf\n") as s:
        path = os.path.join(s.r.dir, "all.log")

        def who(where, what="northbound.rpc", at=0):
            with open(where, errors="replace") as f:
                f.seek(at)
                return set(re.findall(r" ([a-z]+)\[\d+\] [a-z]+ %s " % re.escape(what), f.read()))

        def ask(*names):
            for d in names:
                out, err, rc = s.c("debug " + d, "no debug " + d)
                equal((err, rc), ("", 0), "debug " + d)

        equal(s.c("configure terminal", "log file %s informational" % path)[1:], ("", 0), "log file")
        ask(*daemons)
        wait_for("a line of everybody", lambda: who(path) >= set(daemons))
        check("\nlog file %s informational\n" % path in "\n" + s.config(), "running-config")
        with open(path, "w"):  # appended to, so it may be emptied
            pass
        for d in daemons[1:]:
            pid = s.r.pid(d)
            s.r.kill(d)
            wait_for("%s to be back" % d, lambda d=d, pid=pid: s.r.pid(d) not in (None, pid))
        wait_for("the new ones' configuration", lambda: ask(*daemons[1:]) or who(path) >= set(daemons[1:]))
        # one that cannot be opened leaves the log where it is, and says so there
        s.c("configure terminal", "log file /nonexistent/x")
        wait_for("their complaints", lambda: who(path, "log.target") >= set(daemons))
        equal(s.c("configure terminal", "no log file", "log syslog warnings", "no log syslog")[1:], ("", 0), "no log")
        size, before = os.path.getsize(path), os.path.getsize(s.r.log)
        ask(*daemons)
        wait_for("the log of before", lambda: who(s.r.log, at=before) >= set(daemons))
        equal(os.path.getsize(path), size, "the file")


@case("write memory, and a router that starts again has the same configuration")
def saved(build):
    with Stage(build) as s:
        s.sh("-f", s.file("frr.conf", EDGE))
        text = s.config()
        check("+ip route 10.13.0.0/16 Null0" in s.c("show configuration compare")[0].replace("+ ", "+"), "compare")
        equal(s.c("copy running-config startup-config")[2], 0, "copy")
        equal(s.c("show configuration compare")[0].strip(), "", "nothing differs after the copy")
        start = [x for x in s.c("show startup-config")[0].splitlines() if x in text.splitlines() and x != "!"]
        equal(start, [x for x in text.splitlines() if x != "!" and x], "show startup-config")
        equal(s.c("write memory")[2], 0, "write memory")
        equal(s.r.stop(), 0, "exit status of grevy")
        s.r.start()
        equal(s.config(), text, "after the restart")


if __name__ == "__main__":
    main()
