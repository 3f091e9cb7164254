# SPDX-License-Identifier: GPL-2.0-or-later
"""mgmtd's transactions, spoken to directly, with daemons that are played: what a daemon is told, refusals,
hangs, deaths and kill -9 of mgmtd at every step. After each the daemons hold what is running, and running is
the old config or the new one."""
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from grevytest import case, main, check, equal, wait_for  # noqa: E402
from mgmt import Client, FakeDaemon, EDIT  # noqa: E402

IF = "/grevy-interface:interfaces/interface[name='%s']"
OSPF_IF = IF + "/grevy-ospf:ospf"
ROUTE = "/grevy-routing:routing/static-routes/ipv4/route[prefix='%s'][next-hop='%s'][distance='1'][table='0']"
HOST = "/grevy-system:system/hostname"
OSPF = "/grevy-routing:routing/grevy-ospf:ospf"


class World:
    """mgmtd in a directory of its own, zebra and ospfd played."""

    def __init__(self, build, daemons=("zebra", "ospfd"), **env):
        self.build, self.dir = build, tempfile.mkdtemp(prefix="grevy-txn-")
        self.p = None
        self.daemons = {}
        for d in daemons:
            self.play(d)
        self.start(**env)

    def play(self, name):
        self.daemons[name] = FakeDaemon(os.path.join(self.dir, name + ".sock"), name)
        return self.daemons[name]

    def start(self, *options, **env):
        self.start_unsettled(*options, **env)
        self.settle()

    def start_unsettled(self, *options, limit=None, **env):
        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        with open(os.path.join(self.dir, "log"), "a") as log:
            self.p = subprocess.Popen([os.path.join(self.build, "sbin", "mgmtd"), "--run-dir", self.dir, "--state-dir",
                                       os.path.join(self.dir, "state"), *options], env=dict(os.environ, **env),
                                      stdout=log, stderr=log, preexec_fn=small if limit else None)

    def settle(self):
        """Until every daemon that is played has its config."""
        c = self.client()
        try:
            wait_for("the daemons to be served", lambda: all(
                row["state"] == "ready" for row in c.state("mgmtd/backends") if row["daemon"] in self.daemons), 10)
        finally:
            c.close()

    def client(self, kind="LINE", **args):
        c = Client(os.path.join(self.dir, "mgmtd.sock"))
        equal(c.open(kind, **args).errors, [], "open")
        return c

    def die(self):
        self.p.kill()
        self.p.wait()

    def wait_dead(self):
        self.p.wait(10)

    def running(self):
        c = self.client()
        try:
            return c.get()
        finally:
            c.close()

    def close(self):
        if self.p and self.p.poll() is None:
            self.p.terminate()
            try:
                self.p.wait(5)
            except subprocess.TimeoutExpired:
                self.die()
        for d in self.daemons.values():
            d.close()
        log = open(os.path.join(self.dir, "log"), errors="replace").read()
        if "Sanitizer" in log or "runtime error:" in log:
            sys.stderr.write(log[-8000:])
            raise RuntimeError("a sanitizer has something to say")
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        if why[0] and os.path.exists(os.path.join(self.dir, "log")):
            sys.stderr.write(open(os.path.join(self.dir, "log")).read()[-4000:])
        self.close()


def good(reply):
    check(not reply.errors, "refused: %r" % reply.errors)
    return reply


@case("a line reaches the daemons it is for, with the defaults it brings")
def a_line(build):
    with World(build) as w:
        zebra, ospfd, c = w.daemons["zebra"], w.daemons["ospfd"], w.client()
        good(c.set(OSPF_IF % "eth0" + "/cost", "70"))
        equal(ospfd.config.get(OSPF_IF % "eth0" + "/cost"), "70")
        equal(ospfd.config.get(OSPF_IF % "eth0" + "/hello-interval"), "10", "a default")
        equal(zebra.config.get(IF % "eth0" + "/enabled"), "true", "a default")
        check(IF % "eth0" not in ospfd.config, "ospfd got zebra's entry")
        good(c.delete(OSPF_IF % "eth0" + "/cost"))
        check(OSPF_IF % "eth0" + "/cost" not in ospfd.config, "cost is still there")
        good(c.set(OSPF_IF % "eth0" + "/hello-interval", "3"))
        good(c.delete(OSPF_IF % "eth0" + "/hello-interval"))
        equal(ospfd.config.get(OSPF_IF % "eth0" + "/hello-interval"), "10", "after its deletion")
        before = zebra.applied
        equal(c.set(OSPF_IF % "eth0" + "/hello-interval", "10").txn, 0, "number of a commit without a change")
        equal(zebra.applied, before, "commits zebra saw")
        good(c.delete(IF % "eth0"))
        equal([p for p in list(ospfd.config) + list(zebra.config) if "eth0" in p], [], "left of eth0")
        equal(c.get(), {}, "running")


@case("errors say where and what was expected, and change nothing")
def errors(build):
    with World(build) as w:
        c = w.client()
        good(c.set(HOST, "r1"))
        r = c.edit([("set", OSPF_IF % "eth0" + "/cost", "70000"), ("set", HOST, "r2"),
                    ("set", OSPF_IF % "eth1" + "/interface-type", "ring")])
        equal([(p, e) for p, _, e in r.errors],
              [(OSPF_IF % "eth0" + "/cost", 1), (OSPF_IF % "eth1" + "/interface-type", 3)])
        check("expected: a number from 1 to 65535" in r.errors[0][1], r.errors[0][1])
        check("broadcast, point-to-point" in r.errors[1][1], r.errors[1][1])
        r = c.set(OSPF_IF % "eth0" + "/interface-type", "non-broadcast")
        check("not there yet" in r.errors[0][1], "the must's own text: %r" % r)
        r = c.set(OSPF + "/network[prefix='10.0.0.0/8']")
        check(r.errors[0][0].endswith("/area-id") and "missing" in r.errors[0][1], "mandatory: %r" % r)
        check(c.delete(HOST + "x").errors, "an unknown node was deleted")
        check(not c.delete(OSPF).errors, "deleting what is not there is no error")
        check(c.delete(OSPF, strict=True).errors, "but it is when strict")
        equal(c.get(), {"grevy-system:system": {"hostname": "r1"}}, "running")
        equal(w.daemons["ospfd"].applied, 1, "transactions ospfd saw beside its first")


@case("one daemon's no is nobody's change")
def refusal(build):
    with World(build) as w:
        zebra, ospfd, c = w.daemons["zebra"], w.daemons["ospfd"], w.client()
        good(c.set(IF % "eth0"))
        was, was_zebra, was_ospfd = c.get(), dict(zebra.config), dict(ospfd.config)
        ospfd.refuse = "4242"
        r = c.edit([("set", IF % "eth0" + "/description", "x"), ("set", OSPF_IF % "eth0" + "/cost", "4242")])
        equal(r.errors, [(OSPF_IF % "eth0" + "/cost", "refused by the test", 2)])
        equal(c.get(), was, "running")
        equal((zebra.config, ospfd.config), (was_zebra, was_ospfd), "the daemons' configs")
        good(c.set(IF % "eth0" + "/description", "y"))  # a refusal poisons nothing
        equal(zebra.config[IF % "eth0" + "/description"], "y")
        equal(len(c.history()), 2, "commits in the history")


@case("best effort leaves out what is wrong, and only that")
def best_effort(build):
    with World(build) as w:
        w.daemons["ospfd"].refuse = "4242"
        c = w.client()
        edits = [("set", ROUTE % ("10.0.%d.0/24" % i, "1.2.3.4"), "") for i in range(50)]
        edits[7] = ("set", ROUTE % ("10.0.7.300/24", "1.2.3.4"), "")
        edits[20] = ("set", OSPF_IF % "eth0" + "/cost", "4242")
        edits[30] = ("set", OSPF + "/network[prefix='10.0.0.0/8']", "")
        edits[40] = ("set", OSPF_IF % "eth1" + "/interface-type", "non-broadcast")
        r = c.edit(edits, best_effort=True)
        equal(sorted(e for _, _, e in r.errors), [8, 21, 31, 41], "edits left out")
        check(r.txn > 0, "nothing was committed")
        routes = c.get()["grevy-routing:routing"]["static-routes"]["ipv4"]["route"]
        equal(len(routes), 46, "routes")
        equal(sum("/route[" in p and p.endswith("]") for p in w.daemons["zebra"].config), 46, "routes zebra has")


@case("16 shells at once lose nothing and are not refused")
def sixteen(build):
    with World(build) as w:
        failed = []

        def shell(n):
            c = w.client()
            for i in range(40):
                r = c.set(ROUTE % ("10.%d.%d.0/24" % (n, i), "1.2.3.4"))
                if r.errors or not r.txn:
                    failed.append(r)
            c.close()
        threads = [threading.Thread(target=shell, args=(n,)) for n in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        equal(failed, [])
        equal(len(w.running()["grevy-routing:routing"]["static-routes"]["ipv4"]["route"]), 640, "routes")
        equal(len([p for p in w.daemons["zebra"].config if p.endswith("[table='0']")]), 640, "routes zebra has")


@case("candidates: shared, private, exclusive")
def candidates(build):
    with World(build) as w:
        a, b, p = w.client("CANDIDATE"), w.client("CANDIDATE"), w.client("PRIVATE")
        good(a.set(HOST, "shared"))
        equal(b.get("CANDIDATE"), {"grevy-system:system": {"hostname": "shared"}}, "what b sees")
        equal(p.get("CANDIDATE"), {}, "what the private one sees")
        equal(a.get(), {}, "running")
        good(p.set(IF % "eth7" + "/description", "p"))
        check(a.set(HOST, "not a name").errors, "a bad value was taken")
        good(b.commit(comment="by b"))
        equal(a.history()[0]["comment"], "by b")
        good(p.commit())  # on top of what b has committed
        doc = a.get()
        equal(doc["grevy-system:system"]["hostname"], "shared", "b's change after p's commit")
        equal(doc["grevy-interface:interfaces"]["interface"][0]["description"], "p")

        good(p.set(IF % "eth7" + "/description", "changed"))  # an entry that goes away meanwhile
        line = w.client()
        good(line.delete(IF % "eth7"))
        r = p.commit()
        check(r.errors and "deleted meanwhile" in r.errors[0][1], "commit on a vanished entry: %r" % r)
        good(p.ask(35))  # discard
        equal(p.get("CANDIDATE"), p.get(), "after discard")

        good(p.set(HOST, "mine"))  # the later edit wins
        good(line.set(HOST, "theirs"))
        good(p.commit())
        equal(line.get()["grevy-system:system"]["hostname"], "mine")

        x = w.client("EXCLUSIVE", user="keeper")
        r = line.set(HOST, "no")
        check(r.errors and "keeper" in r.errors[0][1], "an edit during the lock: %r" % r)
        check(a.set(HOST, "no").errors, "the shared candidate during the lock")
        good(x.set(HOST, "left-behind"))
        x.close()  # the lock dies with its session, what it had not committed too
        wait_for("the lock to go", lambda: not line.set(HOST, "after").errors, 5)
        equal(a.get("CANDIDATE"), a.get(), "the shared candidate")

        good(a.set(HOST, "checked"))
        before = w.daemons["zebra"].applied
        good(a.commit(check=True))
        equal(a.get()["grevy-system:system"]["hostname"], "after", "after a mere check")
        equal(w.daemons["zebra"].applied, before)
        w.daemons["zebra"].refuse = "badzebra"
        good(a.set(IF % "eth1" + "/description", "badzebra"))
        check(a.commit(check=True).errors, "the check did not ask zebra")
        good(a.set(IF % "eth1" + "/description", "fine"))
        good(a.commit())


@case("history, rollback, load and startup")
def history(build):
    with World(build) as w:
        c = w.client()
        for n in range(5):
            good(c.set(HOST, "r%d" % n))
        good(c.edit([("set", IF % "eth0" + "/description", "x"), ("del", HOST, "")]))
        rows = c.history()
        equal([r["n"] for r in rows], list(range(6)))
        equal((rows[0]["user"], rows[0]["client"], rows[0]["edits"]), ("tester", "test", 3))
        diff = {r["path"]: (r.get("old"), r.get("new")) for r in c.state("mgmtd/commit-diff", n=0)}
        equal(diff[HOST], ("r4", None), "diff of the hostname")
        equal(diff[IF % "eth0" + "/description"], (None, "x"))
        equal(c.get("COMMIT", 0), {"grevy-system:system": {"hostname": "r4"}}, "before the last commit")
        equal(c.get("COMMIT", 5), {}, "before all")
        k = w.client("CANDIDATE")
        good(k.rollback(3))
        equal(k.get("CANDIDATE"), {"grevy-system:system": {"hostname": "r1"}}, "the candidate after rollback")
        good(k.commit())
        equal(c.get(), {"grevy-system:system": {"hostname": "r1"}})
        equal([p for p in w.daemons["zebra"].config if "eth0" in p], [], "left of eth0 in zebra")
        check(k.rollback(99).errors, "a rollback beyond the history")
        good(k.load({"grevy-interface:interfaces": {"interface": [{"name": "e1"}, {"name": "e2"}]}}))
        good(k.commit())
        equal(c.get()["grevy-system:system"], {"hostname": "r1"}, "after load merge")
        r = k.load('{"grevy-interface:interfaces": {"interface": [{"name": "e1", "bandwidth": 0}]}}')
        check(r.errors, "a bad value was loaded")
        good(k.load({"grevy-interface:interfaces": {"interface": [{"name": "e2", "description": "d"}]}}, replace=True))
        good(k.commit())
        equal(c.get(), {"grevy-interface:interfaces": {"interface": [{"name": "e2", "description": "d"}]}})
        try:
            c.get("STARTUP")
            check(False, "a startup config from nowhere")
        except LookupError:
            pass
        good(c.edit([], startup=True))
        good(c.set(HOST, "later"))
        equal(c.get("STARTUP"), {"grevy-interface:interfaces": {"interface": [{"name": "e2", "description": "d"}]}})
        good(c.edit([("set", HOST, "all")], replace=True))
        equal(c.get(), {"grevy-system:system": {"hostname": "all"}}, "after an edit that replaces")


@case("a restart keeps everything, --fresh begins anew")
def restart(build):
    with World(build) as w:
        c = w.client()
        good(c.set(OSPF_IF % "eth0" + "/cost", "7"))
        k = w.client("CANDIDATE")
        good(k.set(HOST, "by commit"[:2]))
        good(k.commit(comment="second"))
        doc, rows, held = c.get(), c.history(), dict(w.daemons["ospfd"].config)
        w.die()
        w.daemons["ospfd"].close()
        w.play("ospfd")
        w.start()
        c = w.client()
        equal(c.get(), doc, "running after kill -9")
        equal(c.history(), rows, "the history")
        equal(w.daemons["ospfd"].config, held, "what a new ospfd got")
        w.die()
        w.start("--fresh")
        c = w.client()
        equal(c.get(), {}, "running after --fresh")
        equal([p for p in w.daemons["zebra"].config if "eth0" in p], [], "zebra's config")
        equal(c.get("COMMIT", 0), doc, "the config from before")


@case("a state that cannot be used is kept aside, and the daemons keep what they have")
def state_lost(build):
    with World(build) as w:
        c = w.client()
        good(c.set(OSPF_IF % "eth0" + "/cost", "7"))
        doc, held = c.get(), dict(w.daemons["ospfd"].config)
        w.die()
        path = os.path.join(w.dir, "state", "config.log")
        data = bytearray(open(path, "rb").read())
        data[20] ^= 1  # in the first record: the config that all commits begin with
        open(path, "wb").write(data)
        ospfd = w.daemons["ospfd"]
        w.start_unsettled()
        c = w.client()
        wait_for("ospfd to be seen", lambda: [r for r in c.state("mgmtd/backends") if r["daemon"] == "ospfd"][0][
            "state"] == "refused", 5)
        equal(c.get(), {}, "running")
        equal(ospfd.config, held, "what ospfd holds")
        good(c.load(doc, replace=True))
        equal(ospfd.config, held, "after the config was loaded again")
        equal([r["state"] for r in c.state("mgmtd/backends") if r["daemon"] == "ospfd"], ["ready"])


@case("a daemon that comes back gets its config")
def comes_back(build):
    with World(build) as w:
        c = w.client()
        good(c.set(OSPF_IF % "eth0" + "/cost", "7"))
        held = dict(w.daemons["ospfd"].config)
        w.daemons.pop("ospfd").close()
        wait_for("ospfd's end to be seen", lambda: [r for r in c.state("mgmtd/backends") if r["daemon"] == "ospfd"][0][
            "state"] == "down", 5)
        r = good(c.set(OSPF_IF % "eth0" + "/cost", "8"))
        check(any("ospfd is down" in x for x in r.warnings), "no warning: %r" % r)
        ospfd = w.play("ospfd")
        wait_for("ospfd to be served", lambda: ospfd.applied, 5)
        held[OSPF_IF % "eth0" + "/cost"] = "8"
        equal(ospfd.config, held, "ospfd's config")
        # one that refuses its whole config keeps the rest of the router going, and is told again
        ospfd.refuse = "hello-interval"
        ospfd.conn.shutdown(socket.SHUT_RDWR)
        wait_for("the refusal", lambda: [r for r in c.state("mgmtd/backends") if r["daemon"] == "ospfd"][0][
            "state"] == "refused", 5)
        good(c.set(HOST, "goes-on"))
        ospfd.refuse = None
        good(c.set(OSPF_IF % "eth0" + "/cost", "9"))
        held[OSPF_IF % "eth0" + "/cost"] = "9"
        equal(ospfd.config, held, "ospfd's config after it took it")


@case("a daemon that hangs is treated as down, and told later")
def hangs(build):
    with World(build) as w:
        ospfd, c = w.daemons["ospfd"], w.client()
        good(c.set(OSPF_IF % "eth0" + "/cost", "7"))
        ospfd.hang = True
        began = time.monotonic()
        r = good(c.set(OSPF_IF % "eth0" + "/cost", "8"))
        took = time.monotonic() - began
        check(9 < took < 15, "it took %.1f s" % took)
        check(r.warnings, "no warning")
        began = time.monotonic()
        good(c.set(OSPF_IF % "eth0" + "/cost", "9"))
        check(time.monotonic() - began < 2, "the next commit waited for it, too")
        ospfd.hang = False
        wait_for("ospfd to catch up", lambda: ospfd.config.get(OSPF_IF % "eth0" + "/cost") == "9", 5)


@case("commit confirmed reverts by itself, also after kill -9, unless it is confirmed")
def confirmed(build):
    with World(build, GREVY_MGMTD_MINUTE="400000") as w:
        c, k = w.client(), w.client("CANDIDATE")
        good(c.set(HOST, "before"))
        good(k.set(HOST, "risky"))
        good(k.commit(minutes=1))
        equal(c.get()["grevy-system:system"]["hostname"], "risky")
        check("confirm-by" in c.history()[0], "the deadline is not in the history")
        wait_for("the revert", lambda: c.get()["grevy-system:system"]["hostname"] == "before", 5)
        check("not confirmed" in c.history()[0]["comment"], c.history()[0])

        good(k.set(HOST, "sure"))
        good(k.commit(minutes=1))
        good(k.commit())  # nothing more to commit: this confirms
        good(k.set(HOST, "surer"))
        good(k.commit(minutes=1))
        good(k.ask(43))  # MGMT_CONFIRM
        check(k.ask(43).errors, "there is nothing to confirm any more")
        time.sleep(0.7)
        equal(c.get()["grevy-system:system"]["hostname"], "surer", "after the deadline of a confirmed one")

        good(k.set(IF % "eth0" + "/description", "risk"))
        good(k.commit(minutes=1))
        good(k.set(IF % "eth0" + "/description", "more risk"))
        good(k.commit(minutes=1))  # the first config comes back, not the second
        w.die()
        time.sleep(0.5)
        w.start(GREVY_MGMTD_MINUTE="400000")
        c = w.client()
        wait_for("the revert after the restart", lambda: "grevy-interface:interfaces" not in c.get(), 5)
        equal(c.get()["grevy-system:system"]["hostname"], "surer")
        equal([p for p in w.daemons["zebra"].config if "eth0" in p], [], "left of it in zebra")


STEPS = ["before-prepare", "after-prepare", "mid-persist", "after-persist", "mid-apply", "before-reply"]


@case("kill -9 at every step: old or new, never a mix, nothing acknowledged is lost")
def every_step(build):
    for step in STEPS:
        for count in (1, 4):
            with World(build) as w:
                w.die()
                w.start(GREVY_MGMTD_CRASH_AT="%s:%d" % (step, count))
                c = w.client()
                states, acked = [c.get()], 0
                try:
                    for n in range(1, 8):
                        # one edit for each daemon, so that a mix would show
                        edits = [("set", IF % "eth0" + "/description", "v%d" % n),
                                 ("set", OSPF_IF % "eth0" + "/cost", str(n)), ("set", HOST, "h%d" % n)]
                        states.append({n})
                        good(c.edit(edits))
                        acked = n
                    check(False, "%s was never reached" % step)
                except (EOFError, ConnectionError):
                    pass
                w.wait_dead()
                equal(w.p.returncode, -signal.SIGKILL, "how it ended")
                w.start()
                doc = w.running()
                got = int(doc["grevy-system:system"]["hostname"][1:]) if doc else 0
                check(got in (acked, acked + 1), "%s: acknowledged %d, running %d" % (step, acked, got))
                if step in ("before-prepare", "after-prepare", "mid-persist"):
                    equal(got, acked, "%s: running" % step)
                else:
                    equal(got, acked + 1, "%s: running" % step)
                if got:
                    i = doc["grevy-interface:interfaces"]["interface"][0]
                    equal((i["description"], i["grevy-ospf:ospf"]["cost"]), ("v%d" % got, got), step + ": a mix")
                    equal(w.daemons["zebra"].config[IF % "eth0" + "/description"], "v%d" % got, step + ": zebra")
                    equal(w.daemons["ospfd"].config[OSPF_IF % "eth0" + "/cost"], str(got), step + ": ospfd")
                good(w.client().set(HOST, "goes-on"))


def doc_model(doc):
    out = {}
    for i in doc.get("grevy-interface:interfaces", {}).get("interface", []):
        out[i["name"]] = (i.get("description"), i.get("grevy-ospf:ospf", {}).get("cost"))
    return out


@case("200 random changes with refusals, deaths and kills: running is the model, daemons hold running")
def chaos(build):
    rnd = random.Random(20261122)
    with World(build) as w:
        model, c = {}, w.client()
        for n in range(200):
            name = "e%d" % rnd.randrange(6)
            new = dict(model)
            if rnd.random() < 0.3:
                edits = [("del", IF % name, "")]
                new.pop(name, None)
            else:
                cost = rnd.randrange(1, 60000)
                edits = [("set", IF % name + "/description", "d%d" % n), ("set", OSPF_IF % name + "/cost", str(cost))]
                new[name] = ("d%d" % n, cost)
            fault = rnd.choice(["none"] * 4 + ["refuse", "drop", "kill"])
            if fault == "refuse":
                w.daemons["ospfd"].refuse = "/cost"
            if fault == "drop":
                w.daemons[rnd.choice(["zebra", "ospfd"])].conn.shutdown(socket.SHUT_RDWR)
            if fault == "kill":
                w.die()
                w.start(GREVY_MGMTD_CRASH_AT=rnd.choice(STEPS))
                c = w.client()
            try:
                r = c.edit(edits)
                if r.errors:
                    equal(fault, "refuse", "an unexpected refusal %r" % r)
                else:
                    model = new
            except (EOFError, ConnectionError):
                equal(fault, "kill", "how the connection ended")
                w.wait_dead()
                w.start()
                c = w.client()
                now = doc_model(c.get())
                check(now in (model, new), "after a kill: neither old nor new")
                model = now
            w.daemons["ospfd"].refuse = None
            if fault == "kill" and w.p.poll() is None:  # a crash that has not come yet
                w.die()
                w.start()
                c = w.client()
            equal(doc_model(c.get()), model, "running after step %d (%s)" % (n, fault))
        w.settle()
        held = {}
        for name, (description, cost) in model.items():
            held[name] = (w.daemons["zebra"].config.get(IF % name + "/description"),
                          int(w.daemons["ospfd"].config.get(OSPF_IF % name + "/cost", 0)) or None)
        equal(held, model, "what the daemons hold")
        equal(sorted(p for p in w.daemons["zebra"].config if p.endswith("']")), sorted(IF % n for n in model))


@case("no room on the disk refuses the commit in words and changes nothing")
def disk_full(build):
    with World(build) as w:
        c = w.client()
        good(c.set(HOST, "before"))
        w.die()
        w.start(limit=65536)
        c = w.client()
        held = dict(w.daemons["zebra"].config)
        r = c.edit([("set", ROUTE % ("10.%d.%d.0/24" % (i // 256, i % 256), "1.2.3.4"), "") for i in range(2000)])
        check(r.errors and "cannot write" in r.errors[0][1], "the answer: %r" % r)
        equal(c.get(), {"grevy-system:system": {"hostname": "before"}}, "running")
        equal(w.daemons["zebra"].config, held, "zebra's config")
        good(c.set(HOST, "small-ones-fit"))


@case("what is no message ends that connection only")
def malformed(build):
    with World(build) as w:
        c = w.client()
        rnd = random.Random(5)
        for n in range(60):
            bad = Client(os.path.join(w.dir, "mgmtd.sock"))
            body = bytes(rnd.randrange(256) for _ in range(rnd.randrange(40)))
            frame = rnd.choice([struct.pack(">IH", len(body) + 2, rnd.randrange(32, 60)) + body,
                                struct.pack(">IH", 0xffffffff, 33) + body, struct.pack(">IH", 0, 0) + body,
                                struct.pack(">IH", len(body) + 2, EDIT) + body])
            bad.sock.sendall(frame)
            bad.sock.shutdown(socket.SHUT_WR)
            try:
                while bad.sock.recv(65536):
                    pass
            except OSError:
                pass
            bad.close()
        good(c.set(HOST, "alive"))


@case("10,000 routes in one transaction, in frames of bounded size")
def many(build):
    with World(build) as w:
        c = w.client()
        edits = [("set", ROUTE % ("10.%d.%d.0/24" % (i // 256, i % 256), "1.2.3.4"), "") for i in range(10000)]
        edits.append(("set", HOST, "bad name"))
        r = c.edit(edits)
        equal([e for _, _, e in r.errors], [10001], "the edit to blame")
        edits[-1] = ("set", HOST, "fine")
        good(c.edit(edits, replace=True))
        equal(len([p for p in w.daemons["zebra"].config if p.endswith("[table='0']")]), 10000)
        w.die()
        w.daemons["zebra"].close()
        w.play("zebra")
        w.start()
        equal(len([p for p in w.daemons["zebra"].config if p.endswith("[table='0']")]), 10000, "after kill -9")
        c = w.client()
        good(c.edit([], replace=True))
        equal(c.get(), {}, "after replacing it by nothing")
        equal(len([p for p in w.daemons["zebra"].config if "/route[" in p]), 0, "left in zebra")


main()
