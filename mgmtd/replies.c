/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers to clients, within the bounds of a frame. */
#include <string.h>

#include "gen/mgmt.pb-c.h"
#include "lib/ipc.h"
#include "lib/mem.h"
#include "mgmtd/frontends.h"

#define REPLY_OCTETS (900u << 10)
#define DATA_OCTETS  (512u << 10)
#define REPLY_WARNINGS 100

static char *
borrow(const char *s)
{
	union {
		const char *in;
		char *out;
	} text = {.in = s};
	return text.out;
}

/* The errors that fit, as messages in *slab. */
static Nb__Error **
reply_errors(const struct errors *errors, bool unnumbered, size_t *count, Nb__Error **slab)
{
	Nb__Error *rows = *slab = mem_array(errors->count + 1, sizeof(*rows));
	Nb__Error **pointers = mem_array(errors->count + 1, sizeof(*pointers));
	size_t octets = 0;
	for (size_t i = 0; i < errors->count && octets < REPLY_OCTETS; i++) {
		nb__error__init(&rows[i]);
		rows[i].path = errors->rows[i].path;
		rows[i].message = errors->rows[i].message;
		rows[i].edit = unnumbered ? 0 : errors->rows[i].origin;
		pointers[(*count)++] = &rows[i];
		octets += strlen(rows[i].path) + strlen(rows[i].message) + 16;
	}
	return pointers;
}

void
reply_send(struct session *s, const struct reply *reply)
{
	static const struct errors none;
	const struct errors *errors = reply->errors ? reply->errors : &none;
	Mgmt__Reply r = MGMT__REPLY__INIT;
	Nb__Error *slab;
	if (!s->conn)
		return;
	r.errors = reply_errors(errors, reply->unnumbered, &r.n_errors, &slab);
	r.warnings = mem_array(REPLY_WARNINGS + 1, sizeof(*r.warnings));
	for (size_t i = 0; i < reply->warning_count && i < REPLY_WARNINGS; i++)
		r.warnings[r.n_warnings++] = reply->warnings[i];
	size_t left_out = errors->dropped + errors->count - r.n_errors;
	char *more = left_out ? mem_printf("and %zu more errors", left_out) : NULL;
	if (more)
		r.warnings[r.n_warnings++] = more;
	r.id = reply->id;
	r.txn = reply->txn;
	ipc_send(s->conn, MGMT__MGMT_TYPE__MGMT_REPLY, &r.base);
	mem_free(more);
	mem_free(r.warnings);
	mem_free(r.errors);
	mem_free(slab);
}

void
reply_ok(struct session *s, uint32_t id)
{
	reply_send(s, &(struct reply){.id = id});
}

void
reply_text(struct session *s, uint32_t id, char *message)
{
	struct errors e = {0};
	errors_take(&e, "", message, 0);
	reply_send(s, &(struct reply){.id = id, .errors = &e});
	errors_free(&e);
}

void
reply_data(struct session *s, uint32_t id, const char *data, size_t len, const char *error)
{
	size_t at = 0;
	if (!s->conn)
		return;
	do {
		Mgmt__Chunk c = MGMT__CHUNK__INIT;
		size_t n = len - at < DATA_OCTETS ? len - at : DATA_OCTETS;
		c.id = id;
		c.data.len = n;
		union {
			const char *in;
			uint8_t *out;
		} bytes = {.in = data + at};
		c.data.data = n ? bytes.out : NULL;
		at += n;
		c.done = at == len;
		c.error = borrow(error ? error : "");
		ipc_send(s->conn, MGMT__MGMT_TYPE__MGMT_CHUNK, &c.base);
	} while (at < len);
}
