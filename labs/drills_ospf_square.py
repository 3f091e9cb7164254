# SPDX-License-Identifier: GPL-2.0-or-later
"""The drills of ospf-square: a cable, the daemons, a whole router; each is put back."""
from drill import Drills, cut, restore


class OspfSquare(Drills):
    PROBES = (("h1", "h2", "10.4.0.10"),)

    def adjacent(self):
        return all(len(r.full()) == 2 for r in self.routers)

    def complete(self):
        state = self.everything()
        return state if all(len(r["routes"]) >= 6 for r in state.values()) else None

    def run(self):
        r1, r2 = self.lab.nodes["r1"], self.lab.nodes["r2"]

        def around_r2(state):
            via = state["r1"]["routes"].get("10.4.0.0/24", [])
            return via == ["10.0.13.2 eth2"] and state["r4"]["routes"].get("10.1.0.0/24", []) == ["10.0.34.1 eth2"]

        self.drill("cable r1-r2 pulled", lambda: r1.carrier("eth1", False), around_r2, r"^(zebra|ospf)\.")
        self.drill("cable r1-r2 back", lambda: r1.carrier("eth1", True), self.is_normal)
        for daemon in ("ospfd", "zebra", "mgmtd"):
            for router in (r1, r2):
                self.kill(router, daemon)
        self.drill("router r2 cut (processes, links)", lambda: cut(r2), around_r2, r"^(zebra|ospf)\.")
        self.drill("router r2 back", lambda: restore(r2), self.is_normal)
