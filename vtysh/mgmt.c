/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to mgmtd and its replies, over a session. Owns what it hands out until it is freed. */
#include "vtysh/mgmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ipc.h"
#include "lib/mem.h"

#define REPLY_MS  120000  /* a transaction over all daemons, fsync included */
#define FRAME_MAX (IPC_FRAME_MAX / 2)

static uint32_t next_id;

void
mgmt_reply_free(struct mgmt_reply *r)
{
	for (unsigned i = 0; i < r->error_n; i++) {
		mem_free(r->errors[i].path);
		mem_free(r->errors[i].message);
	}
	for (unsigned i = 0; i < r->warning_n; i++)
		mem_free(r->warnings[i]);
	mem_free(r->errors);
	mem_free(r->warnings);
	memset(r, 0, sizeof(*r));
}

static bool
await_reply(struct session *s, uint32_t id, struct mgmt_reply *r)
{
	memset(r, 0, sizeof(*r));
	for (;;) {
		Mgmt__Reply *m = session_await(s, MGMT__MGMT_TYPE__MGMT_REPLY, &mgmt__reply__descriptor, REPLY_MS);
		if (!m)
			return false;
		if (m->id != id) {
			mgmt__reply__free_unpacked(m, NULL);
			continue;
		}
		r->txn = m->txn;
		r->errors = mem_array(m->n_errors + 1, sizeof(*r->errors));
		for (size_t i = 0; i < m->n_errors; i++) {
			struct mgmt_error *e = &r->errors[r->error_n++];
			e->path = mem_strdup(m->errors[i]->path ? m->errors[i]->path : "");
			e->message = mem_strdup(m->errors[i]->message ? m->errors[i]->message : "");
			e->edit = m->errors[i]->edit;
		}
		r->warnings = mem_array(m->n_warnings + 1, sizeof(char *));
		for (size_t i = 0; i < m->n_warnings; i++)
			r->warnings[r->warning_n++] = mem_strdup(m->warnings[i]);
		mgmt__reply__free_unpacked(m, NULL);
		return true;
	}
}

static bool
ask(struct session *s, unsigned type, const ProtobufCMessage *m, uint32_t id, struct mgmt_reply *r)
{
	memset(r, 0, sizeof(*r));
	return session_send(s, type, m) && await_reply(s, id, r);
}

static char *
text(const char *s)
{
	return (char *)(uintptr_t)(s ? s : "");
}

bool
mgmt_open(struct session *s, Mgmt__Open__Kind kind, const char *client, struct mgmt_reply *r)
{
	Mgmt__Open m = MGMT__OPEN__INIT;
	const char *user = getenv("SUDO_USER");
	m.id = ++next_id;
	m.kind = kind;
	m.user = text(user ? user : getenv("USER"));
	m.client = text(client);
	return ask(s, MGMT__MGMT_TYPE__MGMT_OPEN, &m.base, m.id, r);
}

static size_t
edit_size(const struct edit *e)
{
	return strlen(e->path) + (e->value ? strlen(e->value) : 0) + 24;
}

bool
mgmt_edit(struct session *s, const struct edit *e, unsigned n, const struct mgmt_edit_options *o,
	struct mgmt_reply *r)
{
	Nb__Edit *all = mem_array(n + 1, sizeof(*all));
	Nb__Edit **list = mem_array(n + 1, sizeof(Nb__Edit *));
	uint32_t id = ++next_id;
	bool ok = true;
	unsigned i = 0;
	do {
		Mgmt__EditRequest m = MGMT__EDIT_REQUEST__INIT;
		size_t size = 0;
		unsigned first = i;
		for (; i < n && (i == first || size < FRAME_MAX); i++) {
			nb__edit__init(&all[i]);
			all[i].op = e[i].del ? NB__EDIT__OP__DELETE : NB__EDIT__OP__SET;
			all[i].path = e[i].path;
			all[i].value = text(e[i].value);
			list[i] = &all[i];
			size += edit_size(&e[i]);
		}
		m.id = id;
		m.edits = &list[first];
		m.n_edits = i - first;
		m.more = i < n;
		m.commit = o->commit;
		m.replace = o->replace;
		m.mark_startup = o->mark_startup;
		m.comment = text(o->comment);
		ok = session_send(s, MGMT__MGMT_TYPE__MGMT_EDIT, &m.base);
	} while (ok && i < n);
	mem_free(all);
	mem_free(list);
	memset(r, 0, sizeof(*r));
	return ok && await_reply(s, id, r);
}

bool
mgmt_commit(struct session *s, bool check, unsigned confirmed, const char *comment, struct mgmt_reply *r)
{
	Mgmt__Commit m = MGMT__COMMIT__INIT;
	m.id = ++next_id;
	m.check = check;
	m.confirmed_minutes = confirmed;
	m.comment = text(comment);
	return ask(s, MGMT__MGMT_TYPE__MGMT_COMMIT, &m.base, m.id, r);
}

bool
mgmt_discard(struct session *s, struct mgmt_reply *r)
{
	Mgmt__Discard m = MGMT__DISCARD__INIT;
	m.id = ++next_id;
	return ask(s, MGMT__MGMT_TYPE__MGMT_DISCARD, &m.base, m.id, r);
}

bool
mgmt_confirm(struct session *s, struct mgmt_reply *r)
{
	Mgmt__Confirm m = MGMT__CONFIRM__INIT;
	m.id = ++next_id;
	return ask(s, MGMT__MGMT_TYPE__MGMT_CONFIRM, &m.base, m.id, r);
}

bool
mgmt_rollback(struct session *s, unsigned commit, struct mgmt_reply *r)
{
	Mgmt__Rollback m = MGMT__ROLLBACK__INIT;
	m.id = ++next_id;
	m.commit = commit;
	return ask(s, MGMT__MGMT_TYPE__MGMT_ROLLBACK, &m.base, m.id, r);
}

bool
mgmt_load(struct session *s, const char *json, bool replace, struct mgmt_reply *r)
{
	uint32_t id = ++next_id;
	size_t len = strlen(json), at = 0;
	memset(r, 0, sizeof(*r));
	do {
		Mgmt__Load m = MGMT__LOAD__INIT;
		size_t n = len - at > FRAME_MAX ? FRAME_MAX : len - at;
		m.id = id;
		m.replace = replace;
		m.json.data = (uint8_t *)(uintptr_t)(json + at);
		m.json.len = n;
		at += n;
		m.more = at < len;
		if (!session_send(s, MGMT__MGMT_TYPE__MGMT_LOAD, &m.base))
			return false;
	} while (at < len);
	return await_reply(s, id, r);
}

char *
mgmt_get(struct session *s, Mgmt__Get__Store store, unsigned commit, char *err, size_t size)
{
	Mgmt__Get m = MGMT__GET__INIT;
	char *out = NULL;
	size_t len = 0;
	m.id = ++next_id;
	m.store = store;
	m.commit = commit;
	err[0] = '\0';
	bool more = session_send(s, MGMT__MGMT_TYPE__MGMT_GET, &m.base);
	while (more) {
		Mgmt__Chunk *c = session_await(s, MGMT__MGMT_TYPE__MGMT_CHUNK, &mgmt__chunk__descriptor, REPLY_MS);
		if (!c)
			break;
		if (c->id == m.id) {
			out = mem_realloc(out, len + c->data.len + 1);
			if (c->data.len)
				memcpy(out + len, c->data.data, c->data.len);
			len += c->data.len;
			out[len] = '\0';
			more = !c->done;
			if (c->error && *c->error)
				snprintf(err, size, "%s", c->error);
		}
		mgmt__chunk__free_unpacked(c, NULL);
	}
	if (more)
		snprintf(err, size, "mgmtd does not answer");
	if (err[0]) {
		mem_free(out);
		return NULL;
	}
	return out ? out : mem_strdup("{}");
}
