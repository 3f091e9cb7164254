/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of the core in a mapped file, one per virtual router, and one that says since when the
 * router (not this process) runs: an orderly end takes the file away, so who finds none was started
 * with the router. Those of LANs are larger and rarer: a file of their own. Owns the files.
 */
#include "vrrpd/checkpoint.h"

#include <string.h>

#include "lib/mapfile.h"
#include "lib/mem.h"

#define KIND     "vrrp1"     /* changes with struct stored */
#define KIND_LAN "vrrp-lan1" /* changes with struct vrrp_lan_record */

struct stored {
	int64_t started;           /* 0: a virtual router's */
	struct vrrp_record record;
};

struct vrrp_checkpoint {
	struct mapfile *file, *lans;
	int64_t started;
};

static size_t
key_pack(const struct vrrp_key *key, uint8_t out[6])
{
	memcpy(out, &key->ifindex, 4);
	out[4] = key->vrid;
	out[5] = key->afi;
	return 6;
}

struct vrrp_checkpoint *
vrrp_checkpoint_open(const char *path, const char *lans_path, int64_t now)
{
	struct vrrp_checkpoint *c = mem_zalloc(sizeof(*c));
	struct stored s;

	memset(&s, 0, sizeof(s));
	c->file = mapfile_open(path, KIND, sizeof(struct stored));
	c->lans = mapfile_open(lans_path, KIND_LAN, sizeof(struct vrrp_lan_record));
	const struct stored *old = mapfile_get(c->file, "started", 7);
	c->started = s.started = old && old->started > 0 && old->started <= now ? old->started : now;
	mapfile_put(c->file, "started", 7, &s);
	return c;
}

static void
restore_lans(const struct vrrp_checkpoint *c, struct vrrp *core)
{
	struct vrrp_lan_record *records = mem_array(mapfile_count(c->lans) + 1, sizeof(*records));
	const struct vrrp_lan_record *r;
	size_t count = 0;

	for (size_t pos = 0; (r = mapfile_next(c->lans, &pos));)
		records[count++] = *r;
	vrrp_restore_lans(core, records, count);
	mem_free(records);
}

void
vrrp_checkpoint_restore(const struct vrrp_checkpoint *c, struct vrrp *core, int64_t now)
{
	struct vrrp_record *records = mem_array(mapfile_count(c->file) + 1, sizeof(*records));
	const struct stored *s;
	size_t count = 0;

	for (size_t pos = 0; (s = mapfile_next(c->file, &pos));)
		if (!s->started)
			records[count++] = s->record;
	vrrp_restore(core, records, count, now);
	restore_lans(c, core);
	vrrp_router_started(core, c->started, now);
	mem_free(records);
}

void
vrrp_checkpoint_put(struct vrrp_checkpoint *c, const struct vrrp_key *key, const struct vrrp_record *r)
{
	struct stored s;
	uint8_t packed[6];
	size_t len = key_pack(key, packed);

	memset(&s, 0, sizeof(s));
	if (!r) {
		mapfile_del(c->file, packed, len);
		return;
	}
	s.record = *r;
	mapfile_put(c->file, packed, len, &s);
}

void
vrrp_checkpoint_put_lan(struct vrrp_checkpoint *c, const struct vrrp_lan_record *r)
{
	size_t len = strnlen(r->ifname, sizeof(r->ifname));

	if (r->count)
		mapfile_put(c->lans, r->ifname, len, r);
	else
		mapfile_del(c->lans, r->ifname, len);
}

void
vrrp_checkpoint_free(struct vrrp_checkpoint *c, bool orderly)
{
	void (*end)(struct mapfile *) = orderly ? mapfile_finish : mapfile_close;

	end(c->file);
	end(c->lans);
	mem_free(c);
}
