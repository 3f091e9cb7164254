/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stub router: o->stub_router follows config and time; v2_orig.c writes the metrics. */
#include "ospfd/stubrouter.h"

#include "ospfd/area.h"

static void
startup_over(void *arg, int64_t now)
{
	stubrouter_update(arg, now);
}

void
stubrouter_update(struct ospf *o, int64_t now)
{
	struct area *a;
	int64_t until = o->started + o->conf->max_metric_startup_s * TIME_SEC;
	bool startup = o->running && o->conf->max_metric_startup_s && now < until;
	bool on = o->conf->max_metric_admin || startup;
	timer_cancel(o->timers, &o->stub_timer);
	if (startup)
		timer_set(o->timers, &o->stub_timer, until, startup_over, o);
	if (on == o->stub_router)
		return;
	o->stub_router = on;
	ospf_notify(o, &(struct ospf_event){ .kind = OSPF_EV_STUB_ROUTER, .ifname = "", .new = on,
		.text = on ? "stub router: links are advertised with the maximum metric" :
			"stub router: normal metrics again" });
	TAILQ_FOREACH(a, &o->areas, entry)
		area_router_lsa_wanted(a);
}
