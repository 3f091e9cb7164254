/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instance: birth and death, interfaces, configuration, and what hands on to the other files. */
#include "bfdd/core.h"

#include <string.h>

#include "lib/auth.h"
#include "lib/conf.h"
#include "lib/mem.h"

struct bfd *
bfd_new(const struct bfd_ops *ops, void *arg, struct timers *timers, uint64_t seed, int64_t now)
{
	static const char purpose[] = "grevy bfd echo";
	struct bfd *b = mem_zalloc(sizeof(*b));
	uint8_t digest[AUTH_DIGEST_MAX];

	b->ops = ops;
	b->arg = arg;
	b->timers = timers;
	b->sequence = (uint64_t)now;
	prng_seed(&b->prng, seed);
	/* not drawn from the generator, whose numbers go out as discriminators */
	auth_digest(AUTH_HMAC_SHA256, &seed, sizeof(seed), purpose, sizeof(purpose), NULL, digest);
	memcpy(b->echo_key, digest, sizeof(b->echo_key));
	bfd_table_init(b);
	bfd_wish_init(b);
	TAILQ_INIT(&b->ifaces);
	return b;
}

void
bfd_free(struct bfd *b)
{
	struct bfd_iface *i;

	if (!b)
		return;
	timer_cancel(b->timers, &b->restore_end);
	while (b->count)
		bfd_session_forget(b->order[b->count - 1]);
	bfd_wish_clear(b);
	bfd_table_clear(b);
	while ((i = TAILQ_FIRST(&b->ifaces))) {
		TAILQ_REMOVE(&b->ifaces, i, next);
		mem_free(i);
	}
	conf_unref(b->conf);
	explicit_bzero(b->echo_key, sizeof(b->echo_key));
	mem_free(b);
}

void
bfd_shutdown(struct bfd *b, int64_t now)
{
	b->stopping = true;
	for (size_t i = 0; i < b->count; i++) {
		struct bfd_session *s = b->order[i];
		bfd_fsm_event(s, BFD_EV_ADMIN_DISABLE, now, now);
		s->ending = true;
		bfd_session_settle(s, now);
		b->ops->checkpoint(b->arg, s->discr, NULL); /* a new life begins anew */
	}
}

void
bfd_reconfigure(struct bfd *b, const struct conf_object *old, const struct conf_object *new, int64_t now)
{
	struct conf_object *before = b->conf;

	b->conf = conf_ref(new);
	bfd_wish_reconfigure(b, old, new, now);
	conf_unref(before);
}

/* --- interfaces ------------------------------------------------------------------------------------- */
const struct bfd_iface *
bfd_iface_by_name(const struct bfd *b, const char *name)
{
	const struct bfd_iface *i;

	TAILQ_FOREACH(i, &b->ifaces, next)
		if (!strcmp(i->name, name))
			return i;
	return NULL;
}

const struct bfd_iface *
bfd_iface_by_index(const struct bfd *b, uint32_t ifindex)
{
	const struct bfd_iface *i;

	TAILQ_FOREACH(i, &b->ifaces, next)
		if (i->ifindex == ifindex)
			return i;
	return NULL;
}

static struct bfd_iface *
iface_get(struct bfd *b, uint32_t ifindex, const char *name)
{
	struct bfd_iface *i;

	TAILQ_FOREACH(i, &b->ifaces, next)
		if (i->ifindex == ifindex)
			break;
	if (!i) {
		i = mem_zalloc(sizeof(*i));
		i->ifindex = ifindex;
		TAILQ_INSERT_TAIL(&b->ifaces, i, next);
	}
	memset(i->name, 0, sizeof(i->name));
	memcpy(i->name, name, strnlen(name, sizeof(i->name) - 1));
	return i;
}

void
bfd_interface_changed(struct bfd *b, uint32_t ifindex, const char *name, bool up, bool gone, int64_t now)
{
	struct bfd_iface *i = iface_get(b, ifindex, name);
	bool fell = i->up && (!up || gone);

	i->up = up && !gone;
	/* nothing can be heard through it: the detection time would only tell it later */
	for (size_t n = 0; fell && n < b->count; n++) {
		struct bfd_session *s = b->order[n];
		if (s->key.ifindex != ifindex || s->key.multihop || s->ending)
			continue;
		bfd_fsm_event(s, BFD_EV_PATH_DOWN, now, now);
		bfd_session_settle(s, now);
	}
	if (gone) {
		TAILQ_REMOVE(&b->ifaces, i, next);
		mem_free(i);
	}
	bfd_wish_interface(b, ifindex, name, now);
}
