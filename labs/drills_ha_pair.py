# SPDX-License-Identifier: GPL-2.0-or-later
"""The drills of ha-pair: what fails loudly, what fails silently, what dies, what comes back.

Normal is: a1 is Master, all traffic goes a1 - c1 - edge and back the same way.
"""
from drill import Drills, cut, forwarding, restore

LAN, OUTSIDE = "10.10.0.0/24", "0.0.0.0/0"
BFD = r"^(bfd\.session-down|zebra\.leg-down)$"


class HaPair(Drills):
    PROBES = (("h1", "s", "10.20.0.10"), ("s", "h2", "10.10.0.12"))
    commands = ("show ip route json", "show vrrp json")

    def read(self, docs):
        routes, vrrp = docs
        return {"routes": forwarding(routes), "vrrp": [v["v4"]["status"] for v in vrrp]}

    def adjacent(self):
        wanted = {"a1": 2, "a2": 2, "c1": 3, "c2": 3}
        return all(len(self.lab.nodes[n].full()) == count for n, count in wanted.items())

    def complete(self):
        state = self.everything()
        return state if self.masters(state) == ["a1"] and self.ways(state, "a1", OUTSIDE) == ["eth1"] and \
            self.ways(state, "c1", OUTSIDE) == ["eth4"] and self.ways(state, "c1", LAN) == ["eth1"] and \
            self.ways(state, "a2", OUTSIDE) == ["eth1"] and self.ways(state, "c2", LAN) == ["eth1"] and \
            self.ways(state, "edge", LAN) == ["eth1"] else None

    @staticmethod
    def masters(state):
        return [r for r in ("a1", "a2") if "Master" in state.get(r, {}).get("vrrp", [])]

    @staticmethod
    def ways(state, router, prefix):
        """Interfaces by which a router forwards."""
        return sorted(hop.split()[1] for hop in state.get(router, {}).get("routes", {}).get(prefix, []))

    def run(self):
        self.cables()
        self.lan_port()
        self.daemons()
        self.routers_lost()
        self.split_brain()

    def broken(self, name, act, heal, wanted, named):
        """A fault and its repair."""
        self.drill(name, act, wanted, named)
        self.drill("  healed", heal, self.is_normal)

    def silent(self, name, node, ifname, wanted, named):
        cuts = []
        self.broken(name, lambda: cuts.append(self.lab.cut(node, ifname)), lambda: cuts.pop().close(), wanted, named)

    def carriers(self, up, *ends):
        for node, ifname in ends:
            self.lab.nodes[node].carrier(ifname, up)

    def loud(self, name, ends, wanted, named):
        self.broken(name, lambda: self.carriers(False, *ends), lambda: self.carriers(True, *ends), wanted, named)

    def a1_by_c2(self, state):
        return self.ways(state, "a1", OUTSIDE) == ["eth2"] and self.ways(state, "c1", LAN) != ["eth1"]

    def out_by_c2(self, state):
        return self.ways(state, "c1", OUTSIDE) == ["eth3"] and self.ways(state, "edge", LAN) == ["eth2"]

    def back_by_a2(self, state):
        return self.ways(state, "c1", LAN) == ["eth2"] and self.ways(state, "c2", LAN) == ["eth2"]

    def a2_serves(self, state):
        return self.masters(state) == ["a2"] and self.back_by_a2(state)

    def a2_serves_too(self, state):
        """a1 hears nobody and may believe what it likes, as long as nobody sends to it."""
        return "a2" in self.masters(state) and self.back_by_a2(state)

    def cables(self):
        self.loud("cable a1-c1 pulled", [("c1", "eth1")], self.a1_by_c2, r"^zebra\.(link|leg)-down$")
        self.silent("cable a1-c1 cut silently", "a1", "eth1", self.a1_by_c2, BFD)
        self.silent("uplink c1-edge cut silently", "c1", "eth4", self.out_by_c2, BFD)
        self.loud("both uplinks of a1 lost (tracked)", [("c1", "eth1"), ("c2", "eth1")], self.a2_serves,
                  r"^track\.down$")

    def lan_port(self):
        self.loud("LAN port of a1 pulled", [("sw1", "p1")], self.a2_serves, r"^(zebra\.link-down|vrrp\.lan-dead)$")
        self.silent("LAN port of a1 cut silently", "a1", "eth3", self.a2_serves_too,
                    r"^(bfd\.session-down|vrrp\.(master|lan-dead))$")

    def daemons(self):
        a1, c1 = self.lab.nodes["a1"], self.lab.nodes["c1"]
        for daemon in ("vrrpd", "bfdd", "zebra", "ospfd", "mgmtd"):
            self.kill(a1, daemon)
        self.kill(c1, "bfdd")

    def routers_lost(self):
        a1, c1 = self.lab.nodes["a1"], self.lab.nodes["c1"]
        self.broken("core router c1 cut", lambda: cut(c1), lambda: restore(c1),
                    lambda s: self.ways(s, "a1", OUTSIDE) == ["eth2"] and self.ways(s, "edge", LAN) == ["eth2"], BFD)
        self.broken("access router a1 cut", lambda: cut(a1), lambda: restore(a1), self.a2_serves, BFD)

    def split_brain(self):
        """The switches lose each other: each half has a master of its own, and after healing there is one again.
        In between, routing cannot know in which half a host is; what is measured is the healing."""
        cuts = []
        self.drill("LAN torn between a1 and a2", lambda: cuts.append(self.lab.cut("sw1", "p3")),
                   lambda s: self.masters(s) == ["a1", "a2"], r"^(bfd\.session-down|vrrp\.master)$", measured=False)
        self.drill("  healed", lambda: cuts.pop().close(), self.is_normal, r"^vrrp\.(split-healed|backup)$", before=0)
