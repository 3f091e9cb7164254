#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
"""vtysh as people and scripts use it: a real terminal (pty), -c, -f, -b, -C, -m, standard input, pipes, candidates,
a daemon that is down. One router in a namespace."""
import json
import os
import re
import socket
import subprocess
import sys
import time

import pexpect

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, check, equal, lab, main, wait_for  # noqa: E402

CONFIG = """hostname r1
!
ip route 198.51.100.0/24 Null0 tag 7 200
!
interface lo
 ip address 10.255.0.1/32
exit
!
router ospf
 ospf router-id 10.255.0.1
exit
!
"""


class Stage:
    def __init__(self, build, config=CONFIG):
        self.lab = lab(build, "vt")
        self.r = self.lab.router("r1")
        self.r.start(config)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.lab.close()

    def argv(self, *args):
        return self.r.argv(self.lab.program("bin/vtysh"), *self.r.dirs(), *args)

    def sh(self, *args, stdin=None):
        """(output, errors, status) of vtysh with these arguments."""
        p = subprocess.run(self.argv(*args), input=stdin, capture_output=True, text=True, timeout=60,
                           **({} if stdin is not None else {}))
        return p.stdout, p.stderr, p.returncode

    def c(self, *commands):
        args = []
        for command in commands:
            args += ["-c", command]
        return self.sh(*args)

    def file(self, name, text):
        path = os.path.join(self.r.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def terminal(self):
        argv = self.argv()
        t = pexpect.spawn(argv[0], argv[1:], encoding="utf-8", timeout=10, dimensions=(24, 120),
                          env=dict(os.environ, TERM="dumb", INPUTRC="/dev/null"))
        t.expect_exact("r1# ")
        return t


def say(t, text, prompt):
    """A line; what came until the prompt."""
    t.send(text + "\r")
    t.expect_exact(prompt)
    return t.before


@case("a terminal: abbreviations, ?, Tab, modes, Ctrl-Z, history")
def terminal(build):
    with Stage(build) as s:
        t = s.terminal()
        check("10.255.0.1/32" in say(t, "sh int br", "r1# "), "show interface brief by abbreviations")
        t.send("show ip ?")
        t.expect_exact("route")
        t.expect_exact("show ip ")
        t.send("rou\t")
        t.expect_exact("te")
        t.send(" sum\t")
        t.expect_exact("mary ")
        t.send("\r")
        t.expect_exact("Totals")
        t.expect_exact("r1# ")
        t.send("show ip route\r")
        t.expect_exact("S>* 198.51.100.0/24")
        t.expect_exact("r1# ")
        say(t, "conf t", "r1(config)# ")
        say(t, "int lo", "r1(config-if)# ")
        t.send("ip ospf cost ?")
        t.expect_exact("(1-65535)")
        t.expect_exact("ip ospf cost ")
        t.send("12\r")
        t.expect_exact("r1(config-if)# ")
        out = say(t, "ip ospf cots 5", "r1(config-if)# ")
        check("% Unknown command: ip ospf cots 5" in out and "expected:" in out, out)
        say(t, "hostname rx", "rx(config)# ")
        t.send("\x1a")
        t.expect_exact("rx# ")
        check(" ip ospf cost 12" in say(t, "show run | section interface lo", "rx# "), "the edit is in running-config")
        check("  conf t" in say(t, "show history", "rx# "), "show history")
        t.send("show ver\x03")
        t.expect_exact("^C")
        t.send("show version\r")
        t.expect_exact("FRRouting")
        t.expect_exact("rx# ")
        t.send("\x10\r")
        t.expect_exact("FRRouting")
        t.expect_exact("rx# ")
        t.send("exit\r")
        t.expect(pexpect.EOF)


@case("the pager stops at a page and ends on q")
def pager(build):
    with Stage(build) as s:
        t = s.terminal()
        t.send("list\r")
        t.expect_exact("--More--")
        t.send(" ")
        t.expect_exact("--More--")
        t.send("q")
        t.expect_exact("r1# ")
        say(t, "terminal length 0", "r1# ")
        check("--More--" not in say(t, "list", "r1# "), "terminal length 0")
        check("--More--" not in say(t, "list | no-more", "r1# "), "no-more")


@case("terminal monitor prints log lines above the prompt")
def monitor(build):
    with Stage(build) as s:
        t = s.terminal()
        say(t, "terminal monitor", "r1# ")
        s.c("clear ip ospf process")
        s.r.run("ip", "link", "add", "dm0", "type", "veth", "peer", "name", "dm1")
        s.r.run("ip", "link", "set", "dm1", "up")
        s.c("conf t", "int dm0", "ip address 10.7.0.1/24", "ip ospf area 0", "end")
        s.r.run("ip", "link", "set", "dm0", "up")
        t.expect("ospf.interface-state interface=dm0")
        t.send("show version\r")  # the prompt comes back after each log line: wait for what only the command says
        t.expect_exact("FRRouting")


@case("several -c share the mode, each error is told, the status is 1")
def commands(build):
    with Stage(build) as s:
        out, err, rc = s.c("configure terminal", "int lo", "ip ospf cost 5", "ip ospf cost 70000", "bogus", "end",
                           "show running-config no-header")
        equal(rc, 1, "exit status")
        check("(1-65535)" in out and "% Unknown command: bogus" in out, out + err)
        check(" ip ospf cost 5" in out and not out.startswith("Building"), out)
        equal(s.c("show version")[2], 0, "exit status of a good command")
        out, err, rc = s.c("conf t", "router ospf", "redistribute ospf")
        check(rc == 1 and "does not redistribute itself" in out, out + err)


@case("standard input: prompts and commands are echoed, errors shown")
def standard_input(build):
    with Stage(build) as s:
        out, err, rc = s.sh(stdin="configure terminal\nrouter ospf\nrouter-id 1.2.3.4\nnonsense\nend\nshow ip ospf\n")
        check("r1(config-router)# nonsense" in out and "% Unknown command: nonsense" in out, out + err)
        wait_for("the router id", lambda: "Router ID: 1.2.3.4" in s.c("show ip ospf")[0], 10)


@case("-f: the good lines of a file apply, the wrong ones are listed with their line")
def file_with_faults(build):
    with Stage(build) as s:
        path = s.file("x.conf", "frr version 8.4\n!\ninterface lo\n ip ospf cost 44\n ip ospf cots 5\nexit\n"
                      "router bgp 65000\n network 10.0.0.0/8\n redistribute static\nexit\nrouter ospf\n"
                      " redistribute ospf\n redistribute static metric 3\nexit\nshow version\nline vty\n!\n")
        out, err, rc = s.sh("-f", path)
        equal(rc, 1, "exit status")
        for line, what in ((5, "ip ospf cots 5"), (7, "router bgp 65000"), (8, "network"), (12, "itself")):
            check(re.search(r"x\.conf:%d: .*%s" % (line, what), err), "line %d is missing in: %s" % (line, err))
        check("expected: area, cost" in err, err)
        check("FRRouting" in out, "exec lines run")
        run = s.c("show running-config")[0]
        check("ip ospf cost 44" in run and "redistribute static metric 3" in run, run)
        check("network 10.0.0.0/8" not in run, "a line of an unknown protocol reached another: " + run)
        good = s.file("y.conf", "ip forwarding\n")
        equal(s.sh("-f", good)[2], 0, "status of a good file")


@case("a later line of a file takes back what an earlier one said")
def later_line(build):
    with Stage(build) as s:
        path = s.file("x.conf", "router ospf\n redistribute static metric 5 tag 9\n redistribute static\nexit\n"
                      "interface lo\n ip ospf dead-interval minimal hello-multiplier 4\n ip ospf dead-interval 9\nexit\n")
        out, err, rc = s.sh("-b", "--config", path)
        equal((err, rc), ("", 0), "vtysh -b")
        run = s.c("show running-config no-header")[0]
        check(" redistribute static\n" in run and "minimal" not in run and "dead-interval 9" in run, run)


@case("the .vty sockets answer as FRR's daemons do, and only show")
def vty_sockets(build):
    with Stage(build) as s:
        p = subprocess.Popen(s.argv("--vty-sockets"))
        path = os.path.join(s.r.run_dir, "ospfd.vty")
        wait_for("the socket", lambda: os.path.exists(path), 10)
        with socket.socket(socket.AF_UNIX) as c:
            c.settimeout(10)
            c.connect(path)

            def ask(command):
                c.sendall(command.encode() + b"\0")
                data = b""
                while not data.endswith(b"\0\0\0\0"):
                    data += c.recv(65536)
                return data[:-4].decode()
            ask("enable")
            check("default" in json.loads(ask("show ip ospf vrf all json")), "show ip ospf vrf all json")
            check("Unknown command" in ask("configure terminal"), "configure is not run")
            check("Unknown command" in ask("show version | redirect /tmp/x"), "nothing is written")
        p.terminate()
        equal(p.wait(10), 0, "exit status")
        check(not os.path.exists(path), "the socket stays behind")


@case("a restart of mgmtd costs the line of configure terminal nothing")
def mgmtd_restarts(build):
    with Stage(build) as s:
        t = s.terminal()
        say(t, "conf t", "r1(config)# ")
        say(t, "int lo", "r1(config-if)# ")
        say(t, "ip ospf cost 7", "r1(config-if)# ")
        s.r.kill("mgmtd")
        out = say(t, "ip ospf cost 8", "r1(config-if)# ")
        check("%" not in out, out)
        say(t, "end", "r1# ")
        check("cost 8" in say(t, "show run", "r1# "), "the line was applied")


@case("-C -f checks without a router, -m marks")
def check_only(build):
    with Stage(build) as s:
        bad = s.file("x.conf", "router ospf\n network 10.0.0.0/8 area 0\n network 10.0.0.0/33 area 0\nexit\n")
        p = subprocess.run([s.lab.program("bin/vtysh"), "--run-dir", "/nonexistent", "-C", "-f", bad],
                           capture_output=True, text=True)
        check(p.returncode == 1 and ":3:" in p.stderr and "A.B.C.D/M" in p.stderr, p.stderr)
        check(":2:" not in p.stderr, p.stderr)
        out = s.sh("-m", "-f", s.file("m.conf", "interface lo\n ip ospf cost 4\nrouter ospf\n ospf router-id 1.1.1.1\n"))[0]
        equal(out, "interface lo\n ip ospf cost 4\nexit\nrouter ospf\n ospf router-id 1.1.1.1\nexit\nend\n", "marked file")


@case("what is written loads again: write memory, -b, reload")
def write_and_boot(build):
    with Stage(build) as s:
        os.chmod(s.r.conf, 0o604)
        out = s.c("conf t", "int lo", "description  two  \"blanks\" ", "exit", "ip route 10.9.0.0/16 Null0", "end",
                  "write memory")[0]
        check("[OK]" in out, out)
        equal(os.stat(s.r.conf).st_mode & 0o777, 0o604, "mode of the file")
        before = s.c("show running-config")[0]
        check(s.c("show startup-config")[0] == before, "startup-config is what was written")
        s.c("conf t", "no ip route 10.9.0.0/16 Null0", "end")
        check("10.9.0.0" not in s.c("show running-config")[0], "the route is gone")
        check("+" in s.c("show configuration compare")[0] or "-" in s.c("show configuration compare")[0], "compare")
        out, err, rc = s.sh("-b")
        equal((err, rc), ("", 0), "vtysh -b")
        equal(s.c("show running-config")[0], before, "running-config after -b")
        equal(s.c("show configuration compare")[0], "", "nothing differs")


@case("candidates: compare, check, commit, discard, rollback, load, confirm")
def candidates(build):
    with Stage(build) as s:
        out, err, rc = s.c("configure candidate", "int lo", "ip ospf cost 9", "show | compare", "commit comment nine",
                           "ip ospf cost 8", "discard", "show | compare", "commit", "rollback 0", "show | compare",
                           "commit check", "commit")
        equal((err, rc), ("", 0), "errors")
        check("+ ip ospf cost 9" in out and "- ip ospf cost 9" in out and "Nothing to commit" in out, out)
        check("cost 9" not in s.c("show running-config")[0], "the rollback is committed")
        check("nine" in s.c("show configuration commit history")[0], "history")
        path = s.file("l.conf", "hostname loaded\nip route 10.1.0.0/16 Null0\n")
        out = s.c("configure private", "load merge " + path, "show | compare", "commit")[0]
        check("+hostname loaded" in out and "+ip route 10.1.0.0/16 Null0" in out, out)
        check("ospf" in s.c("show running-config")[0], "merge keeps the rest")
        out, err, rc = s.c("commit")
        check(rc == 1 and "No candidate" in out, out)


@case("pipes can be chained, json is one document")
def pipes(build):
    with Stage(build) as s:
        equal(s.c("show running-config | include hostname|router | exclude id | count")[0].strip(), "Count: 2 lines",
              "include, exclude, count")
        check(s.c("show running-config | begin router ospf")[0].startswith("router ospf"), "begin")
        equal(s.c("show running-config | section interface lo | last 1")[0].strip(), "ip address 10.255.0.1/32", "section")
        json.loads(s.c("show ip route | json")[0])
        target = os.path.join(s.r.dir, "out.txt")
        s.c("show version | redirect " + target)
        check("FRRouting" in open(target).read(), "redirect")
        check("Unknown filter" in s.c("show version | frobnicate")[0], "an unknown filter is told")
        for command in ("show ip route", "show ipv6 route", "show interface", "show interface brief",
                        "show nexthop-group rib", "show ip nht", "show ip ospf", "show ip ospf neighbor",
                        "show ip ospf neighbor detail", "show ip ospf interface", "show ip ospf interface traffic",
                        "show ip ospf database", "show ip ospf database router", "show ip ospf route",
                        "show ip ospf border-routers", "show ip route summary", "show ip ospf vrf all",
                        "show ip route vrf all summary", "show running-config", "show zebra client", "show memory",
                        "show event cpu", "show ip router-id", "show vrf"):
            out, err, rc = s.c(command + " json")
            check(rc == 0 and not err, command + ": " + err)
            json.loads(out)


@case("show works while a daemon or mgmtd is down, and says which")
def daemon_down(build):
    with Stage(build) as s:
        pid = s.r.pid("mgmtd")
        os.kill(s.r.grevy.pid, 19)  # the supervisor sleeps, so nothing is restarted
        os.kill(pid, 9)
        time.sleep(0.2)
        check("S>* 198.51.100.0/24" in s.c("show ip route")[0], "show without mgmtd")
        out, err, rc = s.c("conf t")
        check(rc == 1 and "mgmtd is not running" in out + err, out + err)
        s.r.kill("ospfd")
        time.sleep(0.2)
        out, err, rc = s.c("show ip ospf neighbor json")
        check(rc == 1 and "ospfd is not running" in err and json.loads(out) == {}, out + err)
        check("FRRouting" in s.c("show version")[0], "show version")
        os.kill(s.r.grevy.pid, 18)


@case("16 shells that edit at once lose nothing")
def many_shells(build):
    with Stage(build) as s:
        procs = []
        for n in range(16):
            lines = "configure terminal\n" + "".join("ip route 10.%d.%d.0/24 Null0\n" % (n, i) for i in range(25))
            p = subprocess.Popen(s.argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True)
            procs.append((p, lines))
        for p, lines in procs:
            p.stdin.write(lines)
            p.stdin.close()
        for p, _ in procs:
            out = p.stdout.read()
            equal(p.wait(60), 0, "a shell: " + out[-300:])
        equal(s.c("show running-config | include ^ip route 10 | count")[0].strip(), "Count: 400 lines", "routes")


if __name__ == "__main__":
    main()
