/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces as zebra names them: see links.h. Owns the connection to zebra, of which bfdd wants nothing
 * else, and the list of them. What zebra does not name again after it was away is gone.
 */
#include "bfdd/links.h"

#include <string.h>
#include <sys/queue.h>

#include "lib/mem.h"
#include "lib/zclient.h"

struct link {
	LIST_ENTRY(link) entry;
	uint32_t ifindex;
	char name[16];
	bool up, named;
};

struct bfd_links {
	LIST_HEAD(, link) list;
	struct zclient *zclient;
	bfd_links_fn *fn;
	void *arg;
};

static struct link *
link_find(const struct bfd_links *l, uint32_t ifindex)
{
	struct link *i;
	LIST_FOREACH(i, &l->list, entry)
		if (i->ifindex == ifindex)
			return i;
	return NULL;
}

static void
link_drop(struct link *i)
{
	LIST_REMOVE(i, entry);
	mem_free(i);
}

static void
zebra_connected(void *arg, int64_t now)
{
	struct bfd_links *l = arg;
	struct link *i;

	(void)now;
	LIST_FOREACH(i, &l->list, entry)
		i->named = false;
}

static void
link_gone(struct bfd_links *l, struct link *i)
{
	l->fn(l->arg, i->ifindex, i->name, false, true);
	link_drop(i);
}

static void
zebra_interface(void *arg, const struct zclient_interface *said, bool gone, int64_t now)
{
	struct bfd_links *l = arg;
	struct link *i = link_find(l, said->ifindex);
	bool up = said->admin_up && said->carrier;

	(void)now;
	if (gone) {
		if (i)
			link_gone(l, i);
		return;
	}
	if (i && i->up == up && !strcmp(i->name, said->name)) {
		i->named = true;
		return;
	}
	if (!i) {
		i = mem_zalloc(sizeof(*i));
		LIST_INSERT_HEAD(&l->list, i, entry);
	}
	i->ifindex = said->ifindex;
	memcpy(i->name, said->name, sizeof(i->name));
	i->up = up;
	i->named = true;
	l->fn(l->arg, i->ifindex, i->name, up, false);
}

static void
zebra_synced(void *arg, int64_t now)
{
	struct bfd_links *l = arg;

	(void)now;
	for (struct link *i = LIST_FIRST(&l->list), *next; i; i = next) {
		next = LIST_NEXT(i, entry);
		if (!i->named)
			link_gone(l, i);
	}
}

static void
zebra_replay(void *arg, int64_t now)
{
	(void)now;
	zclient_replay_end(((struct bfd_links *)arg)->zclient); /* bfdd has no routes */
}

static const struct zclient_ops zebra_ops = {.connected = zebra_connected, .interface = zebra_interface,
	.synced = zebra_synced, .replay = zebra_replay};

struct bfd_links *
bfd_links_new(struct loop *loop, const char *rib_socket, bfd_links_fn *fn, void *arg)
{
	struct bfd_links *l = mem_zalloc(sizeof(*l));
	LIST_INIT(&l->list);
	l->fn = fn;
	l->arg = arg;
	l->zclient = zclient_new(loop, rib_socket, "bfd", 0, &zebra_ops, l);
	return l;
}

void
bfd_links_free(struct bfd_links *l)
{
	if (!l)
		return;
	zclient_free(l->zclient);
	while (!LIST_EMPTY(&l->list))
		link_drop(LIST_FIRST(&l->list));
	mem_free(l);
}

const char *
bfd_links_name(const struct bfd_links *l, uint32_t ifindex)
{
	const struct link *i = l ? link_find(l, ifindex) : NULL;
	return i ? i->name : NULL;
}
