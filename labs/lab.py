# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks of namespaces: what the demo, the system tests and the interop tests stand on.

A Lab owns everything it makes: namespaces (named after the lab and the process), links, processes,
a scratch directory. It takes all of it away when it is closed, when Python ends, and on a signal;
what a killed run left behind is removed by the next one (stale namespaces carry their owner's pid).
"""
import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PREFIX = "gv"
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(*argv, check=True, **kw):
    """A command to its end; raises with its own words when it fails."""
    p = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if check and p.returncode:
        raise RuntimeError("%s: %s" % (" ".join(map(str, argv)), (p.stderr or p.stdout).strip()))
    return p


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False


def sweep_stale(own=False):
    """Namespaces and scratch directories of runs that were killed; own: of this very process."""
    for line in run("ip", "netns", "list").stdout.splitlines():
        name = line.split()[0]
        m = re.match(PREFIX + r"(\d+)-", name)
        if m and (int(m.group(1)) == os.getpid() if own else not alive(int(m.group(1)))):
            for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except OSError:
                    pass
            run("ip", "netns", "del", name, check=False)
    for d in os.listdir(tempfile.gettempdir()):
        m = re.match(PREFIX + r"(\d+)-", d)
        if m and not alive(int(m.group(1))):
            shutil.rmtree(os.path.join(tempfile.gettempdir(), d), ignore_errors=True)


def wait_for(what, fn, timeout=30.0, interval=0.05):
    """Polls fn until it gives something true, and returns that; says what it waited for otherwise."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = fn()
            if value:
                return value
        except (RuntimeError, json.JSONDecodeError, KeyError, IndexError) as e:
            last = e
        if time.monotonic() > end:
            raise TimeoutError("waited %.0f s for: %s%s" % (timeout, what, " (%s)" % last if last else ""))
        time.sleep(interval)


class Node:
    """A namespace with the name it has in the lab."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.ns = "%s%d-%s" % (PREFIX, os.getpid(), name)
        run("ip", "netns", "add", self.ns)
        self.run("ip", "link", "set", "lo", "up")
        self.procs = []

    @property
    def path(self):
        return "/run/netns/" + self.ns

    def argv(self, *argv):
        return ["ip", "netns", "exec", self.ns] + [str(a) for a in argv]

    def run(self, *argv, **kw):
        return run(*self.argv(*argv), **kw)

    def spawn(self, *argv, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        p = subprocess.Popen(self.argv(*argv), start_new_session=True, **kw)
        self.procs.append(p)
        return p

    def sysctl(self, key, value):
        self.run("sysctl", "-qw", "%s=%s" % (key, value))

    def pids(self):
        return [int(p) for p in run("ip", "netns", "pids", self.ns, check=False).stdout.split()]

    def routes(self, *args):
        return json.loads(self.run("ip", "-j", "route", "show", *args).stdout or "[]")

    def carrier(self, ifname, up):
        """Pulls the cable of this end out (or puts it in): the other end's carrier goes with it."""
        self.run("ip", "link", "set", ifname, "up" if up else "down")

    def destroy(self):
        for sig in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                try:
                    os.kill(pid, sig)
                except OSError:
                    pass
            end = time.monotonic() + (2.0 if sig == signal.SIGTERM else 5.0)
            while self.pids() and time.monotonic() < end:
                for p in self.procs:
                    p.poll()
                time.sleep(0.02)
        for p in self.procs:
            p.poll()
        run("ip", "netns", "del", self.ns, check=False)


class Switch(Node):
    """A bridge; what is linked to it is a port of it."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.run("ip", "link", "add", "name", "br0", "type", "bridge", "mcast_snooping", "0")
        self.run("ip", "link", "set", "br0", "up")

    def adopt(self, port):
        self.run("ip", "link", "set", port, "master", "br0")

    def silence(self, port, dead=True):
        """The port swallows every frame, both ways, while the carrier stays and the switch goes on believing its
        table: a cut that only a protocol can notice."""
        self.run("bridge", "link", "set", "dev", port, "state", "disabled" if dead else "forwarding")


class Router(Node):
    """A node that runs Grevy: `grevy -N NAME -f FILE`."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.dir = os.path.join(lab.dir, name)
        self.run_dir = os.path.join(self.dir, "run")
        self.state_dir = os.path.join(self.dir, "state")
        os.makedirs(self.dir, exist_ok=True)
        self.conf = os.path.join(self.dir, "grevy.conf")
        self.log = os.path.join(self.dir, "grevy.log")
        self.grevy = None
        self.sysctl("net.ipv4.ip_forward", 1)
        for key in ("all", "default"):
            self.sysctl("net.ipv4.conf.%s.rp_filter" % key, 0)
        # flow by flow over ECMP, and dead legs are not used even before zebra speaks
        self.sysctl("net.ipv4.fib_multipath_hash_policy", 1)
        self.sysctl("net.ipv4.conf.all.ignore_routes_with_linkdown", 1)
        self.sysctl("net.ipv4.conf.default.ignore_routes_with_linkdown", 1)

    def dirs(self):
        return ["-N", self.name, "--run-dir", self.run_dir]

    def start(self, config=None, wait=True):
        """Starts the router with this config text (or the one it had) and waits until it is ready."""
        if config is not None:
            with open(self.conf, "w") as f:
                f.write(config)
        r, w = os.pipe()
        with open(self.log, "a") as log:
            self.grevy = self.spawn(self.lab.program("bin/grevy"), *self.dirs(), "--state-dir", self.state_dir,
                                    "-f", self.conf, "--ready-fd", w, stdout=log, stderr=log, pass_fds=(w,))
        os.close(w)
        self.readiness = os.fdopen(r)
        return self.ready() if wait else self

    def ready(self):
        """Waits for what start(wait=False) has begun."""
        with self.readiness as f:
            if f.readline().strip() != "ready":
                raise RuntimeError("%s did not become ready:\n%s" % (self.name, self.tail()))
        return self

    def tail(self, lines=25):
        with open(self.log) as f:
            return "".join(f.readlines()[-lines:])

    def vtysh(self, *commands, check=True, stdin=None):
        argv = [self.lab.program("bin/vtysh"), *self.dirs()]
        for c in commands:
            argv += ["-c", c]
        p = self.run(*argv, check=False, timeout=60, **({"input": stdin} if stdin else {"stdin": subprocess.DEVNULL}))
        if check and p.returncode:
            raise RuntimeError("%s: vtysh %s: %s" % (self.name, "; ".join(commands), p.stdout + p.stderr))
        return p.stdout

    def json(self, command):
        return json.loads(self.vtysh(command + " json"))

    def pid(self, daemon):
        """Of a daemon, from its pid file; None while it has none that lives."""
        try:
            with open(os.path.join(self.run_dir, daemon + ".pid")) as f:
                pid = int(f.read())
            return pid if alive(pid) else None
        except (OSError, ValueError):
            return None

    def kill(self, daemon, sig=signal.SIGKILL):
        pid = self.pid(daemon)
        if not pid:
            raise RuntimeError("%s: %s is not running" % (self.name, daemon))
        os.kill(pid, sig)
        return pid

    def kill_all(self):
        """The whole router at once, as a power cut does it: processes and kernel state."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.grevy.wait()

    def reboot_cleanly(self):
        """After kill_all: what a power cut takes, too: devices, addresses, routes of ours and the run directory."""
        for link in json.loads(self.run("ip", "-j", "-d", "link", "show").stdout):
            if link.get("linkinfo", {}).get("info_kind") == "macvlan" or link["ifname"] == "grevy-keep":
                self.run("ip", "link", "del", link["ifname"], check=False)
            elif link["ifname"] != "lo":
                self.run("ip", "addr", "flush", "dev", link["ifname"])
        self.run("ip", "nexthop", "flush")
        self.run("ip", "addr", "flush", "dev", "lo", "scope", "global")
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def events(self, since=None):
        """Events of all its daemons, oldest first; since: on time.monotonic()'s clock."""
        seconds = "" if since is None else " since %d" % (time.monotonic() - since + 2)
        rows = self.json("show ha events" + seconds)["events"]
        return [e for e in rows if since is None or e["monotonicUs"] >= since * 1e6]

    def stop(self, timeout=20):
        self.grevy.terminate()
        return self.grevy.wait(timeout)

    def full(self):
        """Router ids of the neighbours that are Full."""
        nbrs = self.json("show ip ospf neighbor").get("neighbors", {})
        return {rid for rid, rows in nbrs.items() for row in rows if row["nbrState"].startswith("Full")}


class Lab:
    open_labs = 0

    def __init__(self, name, build=None):
        self.name = name
        self.build = os.path.abspath(build or os.path.join(TOP, "build"))
        sweep_stale()
        self.dir = tempfile.mkdtemp(prefix="%s%d-%s-" % (PREFIX, os.getpid(), name))
        self.nodes = {}
        self.next_index = 1001
        self.links = {}  # (node's name, interface) -> the other end
        self.probes = []
        self.cuts = []
        self.closed = False
        Lab.open_labs += 1
        atexit.register(self.close)

    def program(self, path):
        return os.path.join(self.build, path)

    def add(self, node):
        self.nodes[node.name] = node
        return node

    def router(self, name):
        return self.add(Router(self, name))

    def host(self, name):
        return self.add(Node(self, name))

    def link(self, a, a_if, b, b_if, mtu=None):
        """A cable between two nodes (names or Node objects); both ends come up."""
        a, b = (self.nodes[n] if isinstance(n, str) else n for n in (a, b))
        # Ends of different indexes: the kernel (net/core/link_watch.c) holds a carrier's event back for up to a second
        # after any other one on the machine, unless a device's index is not that of its lower one.
        index, self.next_index = self.next_index, self.next_index + 2
        run("ip", "link", "add", "index", index, "name", a_if, "netns", a.ns, "type", "veth",
            "peer", "index", index + 1, "name", b_if, "netns", b.ns)
        for node, ifname in ((a, a_if), (b, b_if)):
            if mtu:
                node.run("ip", "link", "set", ifname, "mtu", mtu)
            if isinstance(node, Switch):
                node.adopt(ifname)
            node.run("ip", "link", "set", ifname, "up")
        self.links[a.name, a_if], self.links[b.name, b_if] = (b.name, b_if), (a.name, a_if)

    def switch(self, name):
        return self.add(Switch(self, name))

    def lan(self, name, *ends):
        """A switch with a port p0, p1, ... for each (node, interface)."""
        sw = self.switch(name)
        for n, (node, ifname) in enumerate(ends):
            self.link(node, ifname, sw, "p%d" % n)
        return sw

    def cut(self, node, ifname):
        """Cuts the cable at this end silently: no frame arrives at either end, both carriers stay."""
        c = Cut(self, [(node, ifname), self.links[node, ifname]])
        self.cuts.append(c)
        return c

    def probe(self, src, dst, address, rate=1000, port=9):
        p = Probe(self, self.nodes[src] if isinstance(src, str) else src,
                  self.nodes[dst] if isinstance(dst, str) else dst, address, rate, port)
        self.probes.append(p)
        return p

    def close(self):
        if self.closed:
            return
        self.closed = True
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second ^C does not stop the cleaning
        for p in self.probes + self.cuts:
            p.close()
        for node in self.nodes.values():
            node.destroy()
        shutil.rmtree(self.dir, ignore_errors=True)
        if Lab.open_labs == 1:
            sweep_stale(own=True)  # a node whose making was interrupted is in nobody's list
        Lab.open_labs -= 1
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if exc[0] and os.environ.get("GREVY_KEEP_LOGS"):
            for n in self.nodes.values():
                if isinstance(n, Router) and os.path.exists(n.log):
                    sys.stderr.write("--- %s\n%s\n" % (n.name, n.tail(60)))
        self.close()


class Cut:
    """Ends that throw away what arrives, see cut.c: as long as its processes live."""

    def __init__(self, lab, ends):
        self.procs = [subprocess.Popen([lab.program("labs/cut"), lab.nodes[n].path, i], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, start_new_session=True) for n, i in ends]
        for p in self.procs:
            if p.stdout.readline().strip() != "cut":
                raise RuntimeError("no cut at %s" % ends)

    def close(self):
        """Heals it."""
        for p in self.procs:
            p.stdin.close()
        for p in self.procs:
            p.wait(5)
        self.procs = []


class Probe:
    """A numbered stream of packets, see probe.c."""

    def __init__(self, lab, src, dst, address, rate, port):
        self.p = subprocess.Popen([lab.program("labs/probe"), "--from", src.path, "--to", dst.path, "--dst", address,
                                   "--rate", str(rate), "--port", str(port)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def ask(self, command):
        self.p.stdin.write(command + "\n")
        self.p.stdin.flush()
        return json.loads(self.p.stdout.readline())

    def reset(self):
        self.p.stdin.write("reset\n")
        self.p.stdin.flush()

    def report(self):
        return self.ask("report")

    def settle(self, quiet_ms=500):
        """The report once packets have arrived without a hole for quiet_ms."""
        return self.ask("wait %d" % quiet_ms)

    def close(self):
        if self.p.poll() is None:
            self.p.stdin.close()
            try:
                self.p.wait(2)
            except subprocess.TimeoutExpired:
                self.p.kill()


def end_on_signals():
    """SIGTERM and SIGHUP end the program like ^C does, so that atexit cleans up."""
    def leave(signo, _frame):
        sys.exit(128 + signo)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
