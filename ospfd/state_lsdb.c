/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the link state databases: areas in order, link scope with its interface's area, then AS scope. The resume key is
 * (database, LSA key): LSAs that come or go between two slices do no harm.
 */
#include "ospfd/state.h"

#include <string.h>

#include "ospfd/iface.h"

struct wanted { /* what the arguments ask for */
	const char *type;
	uint32_t area, id, adv;
	bool any_area, any_id, any_adv, self, max_age, detail;
};

static const struct {
	const char *name;
	uint16_t type;
} type_names[] = {
	{"router", 1}, {"network", 2}, {"summary", 3}, {"asbr-summary", 4}, {"external", 5}, {"nssa-external", 7},
	{"opaque-link", 9}, {"opaque-area", 10}, {"opaque-as", 11},
};
#define TYPES (sizeof(type_names) / sizeof(type_names[0]))

static const char *
type_name(uint16_t type)
{
	for (size_t i = 0; i < TYPES; i++)
		if (type_names[i].type == type)
			return type_names[i].name;
	return "unknown";
}

static bool
wanted_parse(const struct nb_args *args, struct wanted *w)
{
	const char *area = nb_arg(args, "area"), *id = nb_arg(args, "id"), *adv = nb_arg(args, "adv-router");

	*w = (struct wanted){.type = nb_arg(args, "type"), .any_area = !area, .any_id = !id, .any_adv = !adv,
		.self = nb_arg(args, "self"), .detail = nb_arg(args, "detail")};
	if (w->type && !strcmp(w->type, "max-age")) {
		w->max_age = true;
		w->type = NULL;
	} else if (w->type && !strcmp(w->type, "self-originate")) {
		w->self = true;
		w->type = NULL;
	}
	return (!area || ip4_parse(area, &w->area)) && (!id || ip4_parse(id, &w->id)) &&
	       (!adv || ip4_parse(adv, &w->adv));
}

static bool
lsa_wanted(const struct ospf *o, const struct lsa *l, const struct wanted *w)
{
	const struct lsa_key *k = &l->hdr.key;

	return (!w->type || !strcmp(w->type, type_name(k->type))) && (w->any_id || k->id == w->id) &&
	       (w->any_adv || k->adv == w->adv) && (!w->self || k->adv == o->router_id) &&
	       (!w->max_age || l->maxage);
}

static void
lsa_row(const struct ospf *o, const struct lsdb *db, const struct lsa *l, struct rows *out, bool detail, int64_t now)
{
	row_begin(out);
	if (db->area)
		row_ip4(out, "area", db->area->id);
	if (db->iface)
		row_str(out, "interface", iface_name(db->iface));
	row_str(out, "type", type_name(l->hdr.key.type));
	row_uint(out, "type-number", l->hdr.key.type);
	row_ip4(out, "id", l->hdr.key.id);
	row_ip4(out, "adv-router", l->hdr.key.adv);
	row_uint(out, "age", lsa_age(l, now));
	row_uint(out, "options", l->hdr.options);
	row_printf(out, "sequence", "%08x", (unsigned)l->hdr.seq);
	row_printf(out, "checksum", "%04x", l->hdr.cksum);
	row_uint(out, "length", l->hdr.len);
	row_bool(out, "self", l->hdr.key.adv == o->router_id);
	row_bool(out, "received", l->from_net);
	row_bool(out, "max-age", l->maxage);
	v2_state_lsa(l, out, detail);
	row_end(out);
}

/* Databases by number: areas and their link-scope ones in order, the AS-wide one last; NULL past the end. */
static const struct lsdb *
database_by_number(const struct ospf *o, uint64_t number)
{
	const struct area *a;
	const struct iface *i;

	TAILQ_FOREACH(a, &o->areas, entry) {
		if (number-- == 0)
			return &a->db;
		TAILQ_FOREACH(i, &a->ifaces, entry)
			if (number-- == 0)
				return &i->db;
	}
	return number == 0 ? &o->as_db : NULL;
}

static bool
database_rows(const struct ospf *o, const struct lsdb *db, const struct wanted *w, struct rows *out,
	struct state_resume *resume, int64_t now)
{
	struct lsa_key after;
	bool started = resume->key[sizeof(after)];

	memcpy(&after, resume->key, sizeof(after));
	for (const struct lsa *l; (l = lsdb_next(db, started ? &after : NULL));) {
		if (rows_full(out)) {
			memcpy(resume->key, &after, sizeof(after));
			resume->key[sizeof(after)] = started;
			return false;
		}
		if (lsa_wanted(o, l, w))
			lsa_row(o, db, l, out, w->detail, now);
		after = l->hdr.key;
		started = true;
	}
	resume->key[sizeof(after)] = false;
	return true;
}

bool
state_database(void *core, const struct nb_args *args, struct rows *out, struct state_resume *resume, int64_t now)
{
	const struct ospf *o = state_core(core);
	const struct lsdb *db;
	struct wanted w;

	if (!wanted_parse(args, &w))
		return true;
	for (; (db = database_by_number(o, resume->n)); resume->n++) {
		if (!w.any_area && (!db->area || db->area->id != w.area))
			continue;
		if (!database_rows(o, db, &w, out, resume, now))
			return false;
	}
	return true;
}
