/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value that a virtual router runs by, made from the configuration's rows. Owns its arrays. */
#include "vrrpd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/timer.h"
#include "vrrpd/config.h"
#include "vrrpd/packet.h"

static int
address_cmp(const void *a, const void *b)
{
	const struct ipaddr *x = a, *y = b;
	bool local = ipaddr_is_link_local(x);

	if (x->afi == AFI_IP6 && local != ipaddr_is_link_local(y))
		return local ? -1 : 1;
	return ipaddr_cmp(x, y);
}

/* The addresses of that family in a list, sorted. */
static size_t
collect(const struct conf_object *instance, const struct conf_class *list, uint8_t afi, struct ipaddr **out)
{
	const struct conf_object *o = NULL;
	size_t n = 0;

	*out = mem_array(conf_count(instance, list) + 1, sizeof(**out));
	while ((o = conf_next(instance, list, o))) {
		const struct vrrp_conf_address *a = conf_data(o);
		if (a->address.afi == afi)
			(*out)[n++] = a->address;
	}
	qsort(*out, n, sizeof(**out), address_cmp);
	return n;
}

static void
collect_tracks(struct vrrp_settings *s, const struct conf_object *instance)
{
	const struct conf_object *o = NULL;

	s->tracks = mem_array(conf_count(instance, &vrrp_conf_track_class) +
		conf_count(instance, &vrrp_conf_track_interface_class) + 1, sizeof(*s->tracks));
	while ((o = conf_next(instance, &vrrp_conf_track_class, o))) {
		const struct vrrp_conf_track *t = conf_data(o);
		s->tracks[s->track_count].id = t->id;
		s->tracks[s->track_count++].decrement = t->decrement;
	}
	while ((o = conf_next(instance, &vrrp_conf_track_interface_class, o))) {
		const struct vrrp_conf_track_interface *t = conf_data(o);
		struct vrrp_setting_track *out = &s->tracks[s->track_count++];
		memcpy(out->name, t->name, sizeof(out->name));
		out->decrement = t->decrement;
	}
}

static void
collect_bfd(struct vrrp_settings *s, const struct conf_object *instance)
{
	const struct conf_object *o = NULL;

	s->bfd = mem_array(conf_count(instance, &vrrp_conf_bfd_class) + 1, sizeof(*s->bfd));
	while ((o = conf_next(instance, &vrrp_conf_bfd_class, o))) {
		const struct vrrp_conf_bfd *b = conf_data(o);
		if (b->peer.afi != s->afi)
			continue;
		s->bfd[s->bfd_count].peer = b->peer;
		memcpy(s->bfd[s->bfd_count++].profile, b->profile, sizeof(b->profile));
	}
}

static uint8_t
checksums(bool pseudo_header)
{
	return pseudo_header ? VRRP_CHECKSUM_PSEUDO : VRRP_CHECKSUM_PLAIN;
}

struct vrrp_settings *
vrrp_settings_new(const struct vrrp_conf_defaults *d, const struct conf_object *instance, uint8_t afi)
{
	const struct vrrp_conf_instance *c = conf_data(instance);
	struct vrrp_settings *s = mem_zalloc(sizeof(*s));

	s->vrid = c->vrid;
	s->afi = afi;
	s->version = c->version ? c->version : 3;
	s->priority = c->priority ? c->priority : d->priority ? d->priority : 100;
	s->shutdown = c->shutdown_set ? c->shutdown : d->shutdown;
	s->interval = vrrp_conf_interval(d, c) * TIME_MS;
	s->preempt = c->preempt_set ? c->preempt : d->preempt || !d->preempt_set;
	s->preempt_delay = c->preempt_delay_s * TIME_SEC;
	s->start_delay = c->start_delay_s * TIME_SEC;
	s->wait_routing = c->wait_routing || !c->wait_routing_set;
	s->wait_routing_max = (c->wait_routing_max_s ? c->wait_routing_max_s : 60) * TIME_SEC;
	s->accept = c->accept || !c->accept_set;
	s->checksums = c->pseudo_header_set ? checksums(c->pseudo_header) :
		d->pseudo_header_set ? checksums(d->pseudo_header) : 0;
	s->auth = c->auth[0] != '\0';
	memcpy(s->password, c->auth, sizeof(s->password));
	s->garp_repeat = c->garp_repeat ? c->garp_repeat : 5;
	s->garp_delay = (c->garp_delay_set ? c->garp_delay_ms : 5000) * TIME_MS;
	s->garp_refresh = c->garp_refresh_s * TIME_SEC;
	s->backup_cost = c->backup_cost;
	s->backup_withdraw = c->backup_withdraw;
	s->lan_liveness = c->lan_liveness || !c->lan_liveness_set;
	memcpy(s->group, c->group, sizeof(s->group));
	memcpy(s->notify, c->notify, sizeof(s->notify));
	s->address_count = collect(instance,
		afi == AFI_IP4 ? &vrrp_conf_address4_class : &vrrp_conf_address6_class, afi, &s->addresses);
	s->peer_count = collect(instance, &vrrp_conf_peer_class, afi, &s->peers);
	s->virtual_mac = (c->virtual_mac || !c->virtual_mac_set) && !s->peer_count;
	collect_tracks(s, instance);
	collect_bfd(s, instance);
	return s;
}

void
vrrp_settings_free(struct vrrp_settings *s)
{
	if (!s)
		return;
	mem_free(s->addresses);
	mem_free(s->peers);
	mem_free(s->tracks);
	mem_free(s->bfd);
	mem_free(s);
}

bool
vrrp_settings_has(const struct vrrp_settings *s, const struct ipaddr *address)
{
	return bsearch(address, s->addresses, s->address_count, sizeof(*s->addresses), address_cmp) != NULL;
}

#define FIELD(f, e) {offsetof(struct vrrp_settings, f), sizeof(((struct vrrp_settings *)0)->f), e}
static const struct {
	size_t offset, size;
	uint32_t effect;
} fields[] = {
	FIELD(version, VRRP_EFFECT_RESTART),
	FIELD(virtual_mac, VRRP_EFFECT_RESTART),
	FIELD(shutdown, VRRP_EFFECT_RESTART),
	FIELD(priority, VRRP_EFFECT_PRIORITY),
	FIELD(accept, VRRP_EFFECT_ADDRESSES),
	FIELD(interval, VRRP_EFFECT_TIMING),
	FIELD(preempt, VRRP_EFFECT_HOLD),
	FIELD(preempt_delay, VRRP_EFFECT_HOLD),
	FIELD(start_delay, VRRP_EFFECT_HOLD),
	FIELD(wait_routing, VRRP_EFFECT_HOLD),
	FIELD(wait_routing_max, VRRP_EFFECT_HOLD),
	FIELD(garp_refresh, VRRP_EFFECT_ANNOUNCE),
	FIELD(backup_cost, VRRP_EFFECT_LAN),
	FIELD(backup_withdraw, VRRP_EFFECT_LAN),
	FIELD(lan_liveness, VRRP_EFFECT_LAN),
	FIELD(group, VRRP_EFFECT_GROUP),
	/* read when they are used: nothing is to be done */
	FIELD(checksums, 0), FIELD(auth, 0), FIELD(password, 0), FIELD(garp_repeat, 0), FIELD(garp_delay, 0),
	FIELD(notify, 0),
};

static bool
arrays_differ(const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
	return a_count != b_count || (a_count && memcmp(a, b, a_count * size) != 0);
}

uint32_t
vrrp_settings_compare(const struct vrrp_settings *a, const struct vrrp_settings *b)
{
	uint32_t effects = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (memcmp((const char *)a + fields[i].offset, (const char *)b + fields[i].offset, fields[i].size) != 0)
			effects |= fields[i].effect;
	if (arrays_differ(a->addresses, a->address_count, b->addresses, b->address_count, sizeof(*a->addresses)))
		effects |= VRRP_EFFECT_ADDRESSES | VRRP_EFFECT_PRIORITY /* owner? */;
	if (!a->address_count != !b->address_count)
		effects |= VRRP_EFFECT_RESTART;
	if (arrays_differ(a->tracks, a->track_count, b->tracks, b->track_count, sizeof(*a->tracks)))
		effects |= VRRP_EFFECT_PRIORITY;
	if (arrays_differ(a->bfd, a->bfd_count, b->bfd, b->bfd_count, sizeof(*a->bfd)))
		effects |= VRRP_EFFECT_BFD;
	return effects;
}
