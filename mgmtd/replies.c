/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers to clients, within the bounds of a frame. */
#include <string.h>

#include "gen/mgmt.pb-c.h"
#include "lib/ipc.h"
#include "lib/mem.h"
#include "mgmtd/frontends.h"

#define REPLY_OCTETS (900u << 10)
#define DATA_OCTETS  (512u << 10)

static char *
borrow(const char *s)
{
	union {
		const char *in;
		char *out;
	} text = {.in = s};
	return text.out;
}

void
reply_send(struct session *s, uint32_t id, const struct errors *errors, char *const *warnings,
	size_t warning_count, uint64_t txn)
{
	static const struct errors none;
	if (!s->conn)
		return;
	if (!errors)
		errors = &none;
	Mgmt__Reply r = MGMT__REPLY__INIT;
	Nb__Error *rows = mem_array(errors->count + 1, sizeof(*rows));
	Nb__Error **pointers = mem_array(errors->count + 1, sizeof(*pointers));
	size_t octets = 0;
	for (size_t i = 0; i < errors->count && octets < REPLY_OCTETS; i++) {
		nb__error__init(&rows[i]);
		rows[i].path = errors->rows[i].path;
		rows[i].message = errors->rows[i].message;
		rows[i].edit = errors->rows[i].origin;
		pointers[r.n_errors++] = &rows[i];
		octets += strlen(rows[i].path) + strlen(rows[i].message) + 16;
	}
	char **texts = mem_array(warning_count + 2, sizeof(*texts));
	for (size_t i = 0; i < warning_count && i < 100; i++)
		texts[r.n_warnings++] = warnings[i];
	size_t left_out = errors->dropped + errors->count - r.n_errors;
	char *more = left_out ? mem_printf("and %zu more errors", left_out) : NULL;
	if (more)
		texts[r.n_warnings++] = more;
	r.id = id;
	r.errors = pointers;
	r.warnings = texts;
	r.txn = txn;
	ipc_send(s->conn, MGMT__MGMT_TYPE__MGMT_REPLY, &r.base);
	mem_free(more);
	mem_free(texts);
	mem_free(rows);
	mem_free(pointers);
}

void
reply_ok(struct session *s, uint32_t id)
{
	reply_send(s, id, NULL, NULL, 0, 0);
}

void
reply_text(struct session *s, uint32_t id, char *message)
{
	struct errors e = {0};
	errors_take(&e, "", message, 0);
	reply_send(s, id, &e, NULL, 0, 0);
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
