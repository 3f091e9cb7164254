/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of commits over the record file. In memory: who, when and where in the file; the
 * changes themselves are read back when somebody asks.
 */
#include "mgmtd/history.h"

#include <stdio.h>
#include <string.h>

#include "gen/mgmtstore.pb-c.h"
#include "lib/log.h"
#include "lib/mem.h"

#define HISTORY_FILE  "config.log"
#define HISTORY_SLACK (4u << 20)   /* octets of commits before the file is made anew */
#define HISTORY_LONG  1000u        /* commits behind the base */

struct history {
	struct yangdb *db;
	struct persist *file;
	struct past past[HISTORY_MAX];
	size_t count;
	struct pending pending;
	struct persist_at startup; /* len == 0: none */
	uint64_t base_size;        /* of the file when it was last made anew */
	struct store *recovering;  /* while the file is read */
	uint64_t txn;
	bool broken, lost;
	size_t behind_base;        /* commits */
};

bool
history_was_lost(const struct history *h)
{
	return h->lost;
}

size_t
history_count(const struct history *h)
{
	return h->count;
}

const struct past *
history_past(const struct history *h, size_t n)
{
	return n < h->count ? &h->past[n] : NULL;
}

struct pending
history_pending(const struct history *h)
{
	return h->pending;
}

static void
past_free(struct past *p)
{
	mem_free(p->user);
	mem_free(p->client);
	mem_free(p->comment);
}

static void
past_push(struct history *h, const struct past *who)
{
	if (h->count == HISTORY_MAX)
		past_free(&h->past[--h->count]);
	memmove(&h->past[1], &h->past[0], h->count * sizeof(h->past[0]));
	h->past[0] = *who;
	h->past[0].user = mem_strdup(who->user ? who->user : "");
	h->past[0].client = mem_strdup(who->client ? who->client : "");
	h->past[0].comment = mem_strdup(who->comment ? who->comment : "");
	h->count++;
}

/* --- records ------------------------------------------------------------------------------------ */

/* protobuf-c's members are not const; they are only read. */
static char *
borrow(const char *s)
{
	union {
		const char *in;
		char *out;
	} text = {.in = s ? s : ""};
	return text.out;
}

static char *
record_append(struct history *h, const Mstore__Record *r, struct persist_at *at)
{
	size_t len = mstore__record__get_packed_size(r);
	uint8_t *bytes = mem_alloc(len + 1);
	mstore__record__pack(r, bytes);
	char *why = persist_append(h->file, bytes, len, at);
	mem_free(bytes);
	return why;
}

/* Points into c; *slab holds the messages. */
static void
record_changes(Mstore__Record *r, const struct changes *c, void **slab)
{
	size_t net = changes_net(c), at = 0;
	struct {
		Mstore__Change *pointer;
		Mstore__Change change;
	} *rows = mem_array(net + 1, sizeof(*rows));
	Mstore__Change **pointers = mem_array(net + 1, sizeof(*pointers));
	for (size_t i = 0; i < c->count; i++) {
		const struct change *row = c->rows[i];
		if (!change_is_net(row))
			continue;
		Mstore__Change *m = &rows[at].change;
		mstore__change__init(m);
		m->path = borrow(row->path);
		m->had = row->old != NULL;
		m->old = borrow(row->old);
		m->has = row->new != NULL;
		m->new_ = borrow(row->new);
		pointers[at++] = m;
	}
	r->n_changes = net;
	r->changes = pointers;
	*slab = rows;
}

static struct changes *
changes_of_record(const Mstore__Record *r)
{
	struct changes *c = changes_new();
	for (size_t i = 0; i < r->n_changes; i++) {
		const Mstore__Change *m = r->changes[i];
		changes_note(c, m->path, NULL, m->had ? m->old : NULL, m->has ? m->new_ : NULL, 0);
	}
	return c;
}

/* --- recovery ----------------------------------------------------------------------------------- */

static void
recover_base(struct history *h, const Mstore__Record *r)
{
	char *json = mem_printf("%.*s", (int)r->json.len, (const char *)r->json.data), *error = NULL;
	struct store *s = store_parse(h->db, json, &error);
	mem_free(json);
	if (!s) {
		log_error("mgmtd.recover", "error=\"%s\"", error);
		mem_free(error);
		h->broken = true; /* read on: what cannot be used is not cut off, but kept aside */
		return;
	}
	store_free(h->recovering);
	h->recovering = s;
	h->txn = r->txn;
	h->pending = (struct pending){r->confirm_by, r->confirm_base};
}

static bool
recover_record(void *arg, struct persist_at at, const uint8_t *payload, size_t len)
{
	struct history *h = arg;
	Mstore__Record *r = mstore__record__unpack(NULL, len, payload);
	bool good = r != NULL;
	if (good && r->kind == MSTORE__RECORD__KIND__COMMIT) {
		struct past who = {r->txn, r->time_us, r->uid, r->user, r->client, r->comment, r->n_changes, at};
		past_push(h, &who);
		if (h->recovering) {
			struct changes *c = changes_of_record(r);
			if (!store_apply(h->recovering, c, true))
				log_warning("mgmtd.recover", "txn=%llu error=\"a change could not be made\"",
					(unsigned long long)r->txn);
			changes_free(c);
			h->behind_base++;
			h->txn = r->txn;
			h->pending = (struct pending){r->confirm_by, r->confirm_base};
		}
	} else if (good && r->kind == MSTORE__RECORD__KIND__BASE) {
		recover_base(h, r);
	} else if (good && r->kind == MSTORE__RECORD__KIND__CONFIRM) {
		h->pending = (struct pending){0, 0};
	} else if (good && r->kind == MSTORE__RECORD__KIND__STARTUP) {
		h->startup = at;
	}
	if (r)
		mstore__record__free_unpacked(r, NULL);
	return good;
}

static void
history_forget(struct history *h)
{
	while (h->count)
		past_free(&h->past[--h->count]);
	store_free(h->recovering);
	h->recovering = NULL;
	h->pending = (struct pending){0, 0};
	h->startup = (struct persist_at){0, 0};
	h->txn = 0;
}

/* A file whose config is none under the present modules is kept for a human, not used. */
static void
file_set_aside(const char *dir)
{
	char *from = mem_printf("%s/%s", dir, HISTORY_FILE), *to = mem_printf("%s/%s.bad", dir, HISTORY_FILE);
	rename(from, to);
	log_error("mgmtd.recover", "error=\"the state cannot be used\" kept=%s", to);
	mem_free(from);
	mem_free(to);
}

struct history *
history_open(struct yangdb *db, const char *dir, struct store **running, uint64_t *txn, char **error)
{
	struct history *h = mem_zalloc(sizeof(*h));
	h->db = db;
	for (int attempt = 0; attempt < 2 && !h->file; attempt++) {
		h->file = persist_open(dir, HISTORY_FILE, recover_record, h, error);
		if (h->file && h->broken) {
			persist_close(h->file);
			h->file = NULL;
			h->broken = false;
			h->lost = true;
			history_forget(h);
			file_set_aside(dir);
		}
	}
	if (!h->file) {
		history_close(h);
		return NULL;
	}
	if (persist_cut(h->file))
		log_warning("mgmtd.recover", "cut=%llu", (unsigned long long)persist_cut(h->file));
	h->base_size = persist_size(h->file);
	if (!h->recovering) {
		h->lost = h->lost || h->count || persist_cut(h->file);
		history_forget(h); /* commits without the config they began with mean nothing */
		h->txn = 1;
		h->recovering = store_new(db);
		history_tidy(h, h->recovering, h->txn, 0, true);
	}
	*running = h->recovering;
	*txn = h->txn;
	h->recovering = NULL;
	return h;
}

void
history_close(struct history *h)
{
	if (!h)
		return;
	history_forget(h);
	persist_close(h->file);
	mem_free(h);
}

/* --- writing ------------------------------------------------------------------------------------ */

char *
history_commit(struct history *h, uint64_t txn, const struct past *who, const struct changes *c,
	struct pending pending, int64_t wall)
{
	Mstore__Record r = MSTORE__RECORD__INIT;
	void *slab;
	struct past past = *who;
	r.kind = MSTORE__RECORD__KIND__COMMIT;
	r.txn = past.txn = txn;
	r.time_us = past.time_us = wall;
	r.uid = who->uid;
	r.user = borrow(who->user);
	r.client = borrow(who->client);
	r.comment = borrow(who->comment);
	r.confirm_by = pending.by;
	r.confirm_base = pending.base;
	record_changes(&r, c, &slab);
	past.edits = r.n_changes;
	char *why = record_append(h, &r, &past.at);
	mem_free(r.changes);
	mem_free(slab);
	if (!why) {
		past_push(h, &past);
		h->pending = pending;
	}
	return why;
}

char *
history_confirm(struct history *h, uint64_t txn, int64_t wall)
{
	Mstore__Record r = MSTORE__RECORD__INIT;
	struct persist_at at;
	r.kind = MSTORE__RECORD__KIND__CONFIRM;
	r.txn = txn;
	r.time_us = wall;
	char *why = record_append(h, &r, &at);
	if (!why)
		h->pending = (struct pending){0, 0};
	return why;
}

char *
history_mark_startup(struct history *h, const struct store *running, int64_t wall)
{
	Mstore__Record r = MSTORE__RECORD__INIT;
	struct persist_at at;
	char *json = store_print(running, false);
	if (!json)
		return mem_strdup("the configuration cannot be printed");
	r.kind = MSTORE__RECORD__KIND__STARTUP;
	r.time_us = wall;
	r.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
	char *why = record_append(h, &r, &at);
	mem_free(json);
	if (!why)
		h->startup = at;
	return why;
}

char *
history_startup(const struct history *h)
{
	uint8_t *bytes = h->startup.len ? persist_read(h->file, h->startup) : NULL;
	Mstore__Record *r = bytes ? mstore__record__unpack(NULL, h->startup.len, bytes) : NULL;
	char *json = r ? mem_printf("%.*s", (int)r->json.len, (const char *)r->json.data) : NULL;
	if (r)
		mstore__record__free_unpacked(r, NULL);
	mem_free(bytes);
	return json;
}

static void
tidy_copy(struct history *h, struct persist_at from, struct persist_at *to)
{
	uint8_t *bytes = persist_read(h->file, from);
	if (bytes)
		persist_replace_add(h->file, bytes, from.len, to);
	else
		*to = (struct persist_at){0, 0};
	mem_free(bytes);
}

/* Past commits, oldest first; then the config; then what was saved. */
static void
tidy_write(struct history *h, char *json, uint64_t txn, int64_t wall, struct persist_at *past,
	struct persist_at *startup)
{
	Mstore__Record r = MSTORE__RECORD__INIT;
	struct persist_at at;
	for (size_t n = h->count; n-- > 0;)
		tidy_copy(h, h->past[n].at, &past[n]);
	r.kind = MSTORE__RECORD__KIND__BASE;
	r.txn = txn;
	r.time_us = wall;
	r.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
	r.confirm_by = h->pending.by;
	r.confirm_base = h->pending.base;
	size_t len = mstore__record__get_packed_size(&r);
	uint8_t *bytes = mem_alloc(len + 1);
	mstore__record__pack(&r, bytes);
	persist_replace_add(h->file, bytes, len, &at);
	mem_free(bytes);
	if (h->startup.len)
		tidy_copy(h, h->startup, startup);
}

bool
history_is_long(const struct history *h)
{
	return h->behind_base > HISTORY_LONG;
}

void
history_tidy(struct history *h, const struct store *running, uint64_t txn, int64_t wall, bool now)
{
	struct persist_at past[HISTORY_MAX], startup = {0, 0};
	if (!now && persist_size(h->file) < 2 * h->base_size + HISTORY_SLACK)
		return;
	char *json = store_print(running, false);
	if (!json || !persist_replace_begin(h->file)) {
		log_error("mgmtd.tidy", "error=\"cannot write a new file\"");
		mem_free(json);
		return;
	}
	tidy_write(h, json, txn, wall, past, &startup);
	mem_free(json);
	char *why = persist_replace_end(h->file);
	if (why) {
		log_error("mgmtd.tidy", "error=\"%s\"", why);
		mem_free(why);
		h->base_size = persist_size(h->file); /* not again at once */
		return;
	}
	for (size_t n = 0; n < h->count; n++)
		h->past[n].at = past[n];
	h->startup = startup;
	h->behind_base = 0;
	h->base_size = persist_size(h->file);
}

/* --- reading back ------------------------------------------------------------------------------- */

struct changes *
history_changes(const struct history *h, size_t n)
{
	if (n >= h->count)
		return NULL;
	uint8_t *bytes = h->past[n].at.len ? persist_read(h->file, h->past[n].at) : NULL;
	Mstore__Record *r = bytes ? mstore__record__unpack(NULL, h->past[n].at.len, bytes) : NULL;
	struct changes *c = r ? changes_of_record(r) : NULL;
	if (r)
		mstore__record__free_unpacked(r, NULL);
	mem_free(bytes);
	return c;
}

static bool
commit_take_back(const struct history *h, struct store *s, size_t n)
{
	struct changes *c = history_changes(h, n);
	if (!c)
		return false;
	store_apply(s, c, false);
	changes_free(c);
	return true;
}

struct store *
history_store(const struct history *h, const struct store *running, size_t n)
{
	if (n >= h->count)
		return NULL;
	struct store *s = store_dup(running);
	for (size_t i = 0; i <= n; i++)
		if (!commit_take_back(h, s, i)) {
			store_free(s);
			return NULL;
		}
	return s;
}

struct store *
history_store_at(const struct history *h, const struct store *running, uint64_t txn)
{
	struct store *s = store_dup(running);
	for (size_t i = 0; i < h->count && h->past[i].txn > txn; i++)
		if (!commit_take_back(h, s, i))
			break;
	return s;
}
