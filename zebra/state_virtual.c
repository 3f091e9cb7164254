/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of virtual links and addresses, of roles on LANs, and of readiness. */
#include "zebra/state.h"

#include "zebra/core.h"
#include "zebra/iface.h"
#include "zebra/lan.h"
#include "zebra/source.h"
#include "zebra/vaddr.h"
#include "zebra/vlink.h"

static void
lease_fields(struct rows *out, const struct lease *l, int64_t now)
{
	row_str(out, "client", l->proto == PROTO_MAX ? "" : protocol_row(l->proto)->name);
	row_bool(out, "claimed", l->claimed);
	row_uint(out, "lingerMs", (uint64_t)(l->linger / TIME_MS));
	if (timer_armed(&l->timer))
		row_uint(out, "lingerLeftMs", (uint64_t)(l->timer.due > now ? l->timer.due - now : 0) / TIME_MS);
}

static const char *
name_of(const struct zebra *z, uint32_t ifindex, const char *otherwise)
{
	const struct iface *i = ifindex ? iface_find(z, ifindex) : NULL;
	return i && i->present ? i->k.name : otherwise;
}

static void
vlink_row(struct rows *out, const struct zebra *z, const struct vlink *v, int64_t now)
{
	row_begin(out);
	row_str(out, "name", v->name);
	row_uint(out, "id", v->id);
	row_uint(out, "index", v->told_ifindex);
	row_str(out, "parent", name_of(z, v->parent, v->parent_name));
	row_printf(out, "hardwareAddress", "%02x:%02x:%02x:%02x:%02x:%02x", v->mac[0], v->mac[1], v->mac[2],
		v->mac[3], v->mac[4], v->mac[5]);
	row_bool(out, "up", v->told_up);
	row_bool(out, "quiet", v->voice != VLINK_LOUD);
	if (v->error[0])
		row_str(out, "error", v->error);
	row_uint(out, "made", v->made);
	row_uint(out, "repaired", v->repaired);
	lease_fields(out, &v->lease, now);
	row_end(out);
}

/* By position; a change in between may repeat or skip one. */
bool
state_virtual_links(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	const struct vlink *v;
	uint64_t at = 0;
	(void)args;
	TAILQ_FOREACH(v, &z->vlinks->list, link) {
		if (at++ < resume->n)
			continue;
		resume->n = at;
		vlink_row(out, z, v, now);
		if (rows_full(out))
			return false;
	}
	return true;
}

static void
vaddr_row(struct rows *out, const struct zebra *z, const struct vaddr *a, int64_t now)
{
	char text[IPADDR_STRLEN];
	row_begin(out);
	row_printf(out, "address", "%s/%u", ipaddr_print(&a->address, text), a->len);
	row_uint(out, "id", a->id);
	row_str(out, "interface", name_of(z, a->device, ""));
	row_bool(out, "present", vaddr_present(z, a));
	row_bool(out, "accept", a->accept);
	row_uint(out, "repaired", a->repaired);
	if (a->since && now > a->since)
		row_uint(out, "uptime", (uint64_t)(now - a->since) / TIME_SEC);
	lease_fields(out, &a->lease, now);
	row_end(out);
}

bool
state_virtual_addresses(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume,
	int64_t now)
{
	const struct zebra *z = core;
	const struct vaddr *a;
	uint64_t at = 0;
	(void)args;
	TAILQ_FOREACH(a, &z->vaddrs->list, link) {
		if (at++ < resume->n)
			continue;
		resume->n = at;
		vaddr_row(out, z, a, now);
		if (rows_full(out))
			return false;
	}
	return true;
}

static const char *const roles[] = {"none", "master", "backup", "initialize"};

bool
state_lans(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct zebra *z = core;
	(void)args;
	for (unsigned i = 0; i < z->lans->count; i++) {
		const struct lan *l = z->lans->items[i];
		if (l->said.ifindex <= resume->n)
			continue;
		resume->n = l->said.ifindex;
		row_begin(out);
		row_str(out, "interface", name_of(z, l->said.ifindex, ""));
		row_uint(out, "index", l->said.ifindex);
		row_str(out, "role", roles[l->said.role]);
		row_bool(out, "dead", l->said.dead);
		row_bool(out, "withdraw", l->said.withdraw);
		row_uint(out, "addedCost", l->said.added_cost);
		lease_fields(out, &l->lease, now);
		row_end(out);
		if (rows_full(out))
			return false;
	}
	return true;
}

bool
state_ready(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct zebra *z = core;
	(void)args, (void)resume;
	row_begin(out);
	row_bool(out, "ready", z->ready.is);
	row_str(out, "waitingFor", z->ready.waiting_for);
	row_uint(out, "sinceSeconds", (uint64_t)(now > z->ready.since ? now - z->ready.since : 0) / TIME_SEC);
	row_array(out, "clients");
	for (unsigned i = PROTO_OWN; i < z->source_count; i++) {
		const struct source *s = z->sources[i];
		if (!s->ready_said)
			continue;
		row_object(out, NULL);
		row_str(out, "name", s->row->name);
		row_bool(out, "ready", s->ready);
		row_str(out, "waitingFor", s->waiting_for);
		row_close(out);
	}
	row_close(out);
	row_end(out);
	return true;
}
