/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is anybody there? A LAN port can be dead though it has a carrier; a master on it hears nothing and
 * would attract traffic for its LAN for ever. So per interface:
 *
 *	heard   ARP or ND of a host, an advert: alive, and its sender is remembered (the last 16)
 *	silent for an interval: one of the last heard is asked, then all of them every half interval
 *	silent for 3 intervals + skew, which is when the backup takes over: dead
 *
 * A dead LAN comes back with an answer or an advert; whoever is heard otherwise is asked first. Frames may still come
 * out of a port into which none go.
 *
 * Whoever never heard a host knows nothing: that the other router alone is silent is no proof. A BFD session
 * that is up proves life; one that fails asks at once, and then nobody's answer is waited for longer than
 * 3 x 50 ms, if somebody was heard lately.
 *
 * Who is known, and a death, outlive this process (vrrp_lan_record): a port that dies while vrrpd is away is noticed by the
 * next one, which has not heard anybody yet, and a dead LAN is not announced until somebody answers.
 */
#include "vrrpd/core.h"

#include <string.h>

#include "lib/bfdclient.h"
#include "vrrpd/garp.h"

#define ASK_FIRST    4 /* of these one */
#define ASKED_MIN    3 /* rounds before a verdict */
#define FAST         (50 * TIME_MS)
#define LATELY       (10 * TIME_SEC)
#define DEAD_ASK_MIN (100 * TIME_MS)
#define KEEP_MIN     TIME_SEC /* between two records: on a large LAN others are the last heard all the time */
#define CURIOUS      (10 * TIME_MS) /* between two questions to who spoke up on a dead LAN */

static const char *const state_names[] = {
	[VRRP_LAN_OFF] = "off", [VRRP_LAN_UNKNOWN] = "unknown", [VRRP_LAN_ALIVE] = "alive", [VRRP_LAN_DEAD] = "dead"};

const char *
vrrp_lan_state_name(unsigned lan)
{
	return lan <= VRRP_LAN_DEAD ? state_names[lan] : "?";
}

uint8_t
vrrp_lan_state(const struct vrrp_iface *ifc)
{
	const struct vrrp_lan_watch *l = &ifc->lan;

	return !l->on ? VRRP_LAN_OFF : l->dead ? VRRP_LAN_DEAD : l->heard ? VRRP_LAN_ALIVE : VRRP_LAN_UNKNOWN;
}

static bool
bfd_is_up(const struct vrrp_iface *ifc)
{
	for (size_t i = 0; i < ifc->bfd_count; i++)
		if (ifc->bfd[i].liveness == BFD_LIVE_UP)
			return true;
	return false;
}

/* Somebody whose silence tells more than that the other router is gone. */
static bool
has_witness(const struct vrrp_iface *ifc)
{
	for (size_t i = 0; i < ifc->lan.count; i++)
		if (!ifc->lan.hosts[i].router && !vrrp_iface_bfd(ifc, &ifc->lan.hosts[i].address))
			return true;
	return false;
}

/* An advert that comes every interval, and a little late, is no silence. */
static int64_t
patience(const struct vrrp_lan_watch *l)
{
	return l->interval + l->interval / 8;
}

/* The last sign of life, or the beginning. */
static int64_t
quiet_since(const struct vrrp_lan_watch *l)
{
	return l->heard > l->since ? l->heard : l->since;
}

/* --- for the next life ---------------------------------------------------------------------------- */

static void
keep(struct vrrp_iface *ifc, bool urgent, int64_t now)
{
	struct vrrp_lan_watch *l = &ifc->lan;
	struct vrrp_lan_record k = {.dead = l->dead, .count = (uint8_t)l->count};

	if (!l->unkept || (!urgent && l->kept && now - l->kept < KEEP_MIN))
		return;
	l->unkept = false;
	l->kept = now;
	memcpy(k.ifname, ifc->name, sizeof(k.ifname));
	memcpy(k.hosts, l->hosts, l->count * sizeof(k.hosts[0]));
	ifc->v->ops->lan_checkpoint(ifc->v->arg, &k);
}

void
vrrp_lan_restore(struct vrrp_iface *ifc)
{
	struct vrrp_lan_watch *l = &ifc->lan;

	for (size_t i = 0; i < ifc->v->lan_record_count; i++) {
		struct vrrp_lan_record *k = &ifc->v->lan_records[i];
		if (strncmp(k->ifname, ifc->name, sizeof(k->ifname)) != 0 || !k->count || k->count > VRRP_LAN_HOSTS)
			continue;
		l->dead = k->dead;
		l->count = k->count;
		memcpy(l->hosts, k->hosts, l->count * sizeof(l->hosts[0]));
		k->count = 0; /* an interface that comes again in this life begins anew */
		l->unkept = true;
	}
}

/* --- dead or alive -------------------------------------------------------------------------------- */

static void
set_dead(struct vrrp_iface *ifc, bool dead, int64_t now)
{
	struct vrrp_lan_watch *l = &ifc->lan;

	if (l->dead == dead)
		return;
	l->dead = dead;
	l->unkept = true;
	keep(ifc, true, now);
	ifc->lan_dirty = ifc->v->dirty = true;
	ifc->stats.lan_deaths += dead;
	vrrp_log_text(ifc, NULL, VRRP_LOG_LAN, dead, now,
		dead ? "nobody on the LAN answers, though there is a carrier" : "somebody on the LAN was heard again");
	if (dead)
		vrrp_sync_lan_died(ifc);
}

static void
ask(struct vrrp_iface *ifc, const struct vrrp_host *h, bool directly)
{
	uint8_t frame[VRRP_FRAME_MAX];
	struct ipaddr from = vrrp_iface_source(ifc, NULL, &h->address);

	if (!from.afi)
		return;
	size_t len = vrrp_frame_ask(&h->address, directly && h->has_mac ? h->mac : NULL, &from, ifc->mac, frame);
	ifc->stats.asked++;
	ifc->v->ops->send_frame(ifc->v->arg, ifc->ifindex, frame, len);
}

/*
 * First one of those heard last, in turn, by its own address. If it is silent, all: the quiet ones would
 * be cut off by a verdict, too. Who does not hear that may hear a broadcast.
 */
static void
ask_some(struct vrrp_iface *ifc)
{
	struct vrrp_lan_watch *l = &ifc->lan;
	size_t first = l->count < ASK_FIRST ? l->count : ASK_FIRST;

	if (!l->asked && !l->suspected)
		ask(ifc, &l->hosts[l->turn++ % first], true);
	else
		for (size_t i = 0; i < l->count; i++)
			ask(ifc, &l->hosts[i], l->asked < 2);
	if (l->asked < UINT8_MAX)
		l->asked++;
}

static void lan_due(void *arg, int64_t now);

static void
wake_at(struct vrrp_iface *ifc, int64_t at)
{
	timer_set(ifc->v->timers, &ifc->lan.timer, at, lan_due, ifc);
}

static void
judge(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_lan_watch *l = &ifc->lan;
	int64_t fast = l->interval < FAST ? l->interval : FAST, quiet = quiet_since(l);
	int64_t deadline = quiet + l->deadline;

	if (!l->on || !l->count)
		return; /* who was never heard cannot be missed */
	if (l->suspected && l->suspected - l->heard < LATELY && l->suspected + 3 * fast < deadline)
		deadline = l->suspected + 3 * fast;
	/* whoever was asleep has asked nobody, and heard nobody: no verdict without questions */
	if (now >= deadline && l->asked >= ASKED_MIN && !bfd_is_up(ifc) && has_witness(ifc))
		set_dead(ifc, true, now);
	if (!l->suspected && now < quiet + patience(l)) {
		wake_at(ifc, quiet + patience(l));
		return;
	}
	ask_some(ifc);
	int64_t next = now + (l->suspected ? fast : l->interval / 2);
	if (l->dead || (now >= deadline && l->asked > ASKED_MIN))
		next = now + (l->interval > DEAD_ASK_MIN ? l->interval : DEAD_ASK_MIN);
	else if (next > deadline && now < deadline)
		next = deadline;
	wake_at(ifc, next);
}

static void
lan_due(void *arg, int64_t now)
{
	struct vrrp_iface *ifc = arg;

	judge(ifc, now);
	keep(ifc, false, now);
	vrrp_settle(ifc->v, now);
}

/* Whether it is watched, and by which times: the shortest of its virtual routers'. */
void
vrrp_lan_update(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_lan_watch *l = &ifc->lan;
	const struct vrrp_router *r;
	int64_t interval = INT64_MAX, deadline = INT64_MAX;

	TAILQ_FOREACH(r, &ifc->routers, iface_entry) {
		if (!r->s->lan_liveness || vrrp_router_state(r) == VRRP_INITIALIZE)
			continue;
		int64_t down = vrrp_router_down_interval(r);
		if (down < deadline)
			deadline = down;
		if (r->s->interval < interval)
			interval = r->s->interval;
	}
	bool on = deadline != INT64_MAX, was = l->on;
	l->on = on;
	l->interval = interval;
	l->deadline = deadline;
	if (!on) {
		timer_cancel(ifc->v->timers, &l->timer);
		if (ifc->v->synced) /* before that a restored one only does not run yet */
			set_dead(ifc, false, now);
		return;
	}
	if (was && timer_armed(&l->timer))
		return;
	if (!was)
		l->since = now;
	l->asked = 0;
	if (l->count)
		wake_at(ifc, now + patience(l));
}

static void
remember(struct vrrp_lan_watch *l, const struct ipaddr *host, const uint8_t *mac)
{
	size_t at = 0;

	while (at < l->count && ipaddr_cmp(&l->hosts[at].address, host))
		at++;
	bool known = at < l->count;
	struct vrrp_host old = known ? l->hosts[at] : (struct vrrp_host){0};
	if (!known && l->count < VRRP_LAN_HOSTS)
		l->count++;
	else if (!known)
		at--; /* the one heard longest ago goes */
	memmove(l->hosts + 1, l->hosts, at * sizeof(l->hosts[0]));
	struct vrrp_host *h = &l->hosts[0];
	if (!known)
		*h = (struct vrrp_host){.address = *host};
	else
		*h = old;
	h->router |= !mac;
	if (mac) {
		h->has_mac = true;
		memcpy(h->mac, mac, 6);
	}
	l->unkept |= !known || h->router != old.router || h->has_mac != old.has_mac || memcmp(h->mac, old.mac, 6) != 0;
}

/*
 * mac NULL: an advert, whose sender is a router, and the address of whose port we do not know. proof: it is there now, and
 * hears us (or is a router, who needs not).
 */
void
vrrp_lan_heard(struct vrrp_iface *ifc, const struct ipaddr *host, const uint8_t *mac, bool proof, int64_t arrived, int64_t now)
{
	static const uint8_t virtual_mac[4] = {0x00, 0x00, 0x5e, 0x00};
	struct vrrp_lan_watch *l = &ifc->lan;
	bool first = !l->count, dead = l->dead;

	ifc->stats.heard++;
	bool usable = !ipaddr_is_zero(host) && !ipaddr_is_multicast(host) && (mac || vrrp_iface_reaches(ifc, host));
	if (usable && (!mac || memcmp(mac, virtual_mac, sizeof(virtual_mac)) != 0))
		remember(l, host, mac);
	keep(ifc, false, now);
	if (dead && !proof) {
		if (now >= l->curious && l->count) {
			l->curious = now + CURIOUS;
			ask(ifc, &l->hosts[0], true);
		}
		return;
	}
	if (arrived > l->heard)
		l->heard = arrived;
	if (!l->on)
		return;
	l->asked = 0;
	if (arrived >= l->suspected)
		l->suspected = 0;
	set_dead(ifc, false, now);
	/* after a death questions are rarer than silence is allowed to last */
	if (l->count && (dead || (first && !timer_armed(&l->timer))))
		wake_at(ifc, now + patience(l));
}

/* Ours: a failed BFD session to a router on this LAN may be our port's fault. Questions unanswered until now count. */
void
vrrp_lan_suspect(struct vrrp_iface *ifc, int64_t now)
{
	if (!ifc->lan.on || !ifc->lan.count || ifc->lan.dead)
		return;
	ifc->lan.suspected = now;
	judge(ifc, now);
}

/* A BFD session to a router on this LAN is up. */
void
vrrp_lan_proved(struct vrrp_iface *ifc, int64_t now)
{
	struct vrrp_lan_watch *l = &ifc->lan;
	bool dead = l->dead;

	l->suspected = 0;
	set_dead(ifc, false, now);
	if (dead && l->on && l->count)
		wake_at(ifc, now + patience(l));
}

/* The port was down: who was there is to be heard anew. */
void
vrrp_lan_reset(struct vrrp_iface *ifc, int64_t now)
{
	ifc->lan.unkept |= ifc->lan.count > 0;
	ifc->lan.count = 0;
	ifc->lan.suspected = 0;
	keep(ifc, true, now);
}

/* --- what happened -------------------------------------------------------------------------------- */

void
vrrp_host_heard(struct vrrp *v, uint32_t ifindex, const struct ipaddr *host, const uint8_t mac[6], bool answer, int64_t arrived,
	int64_t now)
{
	struct vrrp_iface *ifc = vrrp_iface_find(v, ifindex);

	if (!ifc || !ifc->router_count)
		return;
	if (!memcmp(mac, ifc->mac, 6) || vrrp_iface_owns(ifc, host))
		return; /* ourselves */
	const struct vrrp_router *r = vrrp_router_find(ifc, mac[5], mac[4] == 2 ? AFI_IP6 : AFI_IP4);
	uint8_t virtual_mac[6];
	if (r && vrrp_router_holds(r)) {
		vrrp_virtual_mac(r->afi, r->vrid, virtual_mac);
		if (!memcmp(mac, virtual_mac, 6))
			return;
	}
	ifc->stats.answers += answer;
	vrrp_lan_heard(ifc, host, mac, answer, arrived, now);
	vrrp_settle(v, now);
}
