/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of RFC 7951 JSON, one object a line (NDJSON), written by tables: name, type, getter.
 * The writer never builds a tree; a producer that has filled `soft_limit` octets stops and goes
 * on in its next turn.
 */
#ifndef GREVY_LIB_ROWS_H
#define GREVY_LIB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct rows {
	char *buf;
	size_t len, cap;
	size_t soft_limit;
	unsigned depth;   /* private */
	uint64_t comma, arrays; /* private: bit per depth */
};

void rows_init(struct rows *r, size_t soft_limit);
void rows_free(struct rows *r);
void rows_clear(struct rows *r);
bool rows_full(const struct rows *r); /* soft limit reached: end the turn after this row */

void row_begin(struct rows *r);
void row_end(struct rows *r); /* closes the object and the line */
/* name == NULL inside arrays. An AFI_NONE address or prefix and a NULL string write nothing. */
void row_object(struct rows *r, const char *name);
void row_array(struct rows *r, const char *name);
void row_close(struct rows *r); /* the innermost object or array */
void row_str(struct rows *r, const char *name, const char *value); /* escaped; NULL: nothing */
void row_printf(struct rows *r, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void row_uint(struct rows *r, const char *name, uint64_t value); /* as number: our JSON is read by us */
void row_int(struct rows *r, const char *name, int64_t value);
void row_bool(struct rows *r, const char *name, bool value);
void row_addr(struct rows *r, const char *name, const struct ipaddr *a);
void row_ip4(struct rows *r, const char *name, uint32_t host_order);
void row_prefix(struct rows *r, const char *name, const struct prefix *p);

enum row_type { ROW_U8, ROW_U16, ROW_U32, ROW_U64, ROW_S32, ROW_S64, ROW_BOOL, ROW_STR /* char[] */,
	ROW_STRP /* char * */, ROW_IP4, ROW_ADDR, ROW_PREFIX, ROW_ENUM };
struct row_field {
	const char *name;
	enum row_type type;
	size_t offset;
	const char *const *names; /* ROW_ENUM (unsigned int): by value */
};
/* The fields of obj, up to the row whose name is NULL. */
void row_fields(struct rows *r, const struct row_field *fields, const void *obj);

#endif
