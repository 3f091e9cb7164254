/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cursor over bytes from outside and the one over bytes that leave. Borrows its buffer.
 * Invariants: pos <= end, len <= cap; once bad, a reader gives zeros and a writer writes nothing.
 */
#include "lib/wire.h"

#include <string.h>

struct wire_reader
wire_reader(const void *bytes, size_t len)
{
	static const uint8_t nothing[1];
	const uint8_t *pos = bytes && len ? bytes : nothing;
	return (struct wire_reader){pos, pos + (bytes ? len : 0), false};
}

size_t
wire_left(const struct wire_reader *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->pos);
}

const uint8_t *
wire_get_bytes(struct wire_reader *r, size_t len)
{
	if (r->bad || len > (size_t)(r->end - r->pos)) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->pos;
	r->pos += len;
	return p;
}

static uint64_t
get_uint(struct wire_reader *r, size_t octets)
{
	const uint8_t *p = wire_get_bytes(r, octets);
	uint64_t v = 0;
	for (size_t i = 0; p && i < octets; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
wire_get_u8(struct wire_reader *r)
{
	return (uint8_t)get_uint(r, 1);
}

uint16_t
wire_get_u16(struct wire_reader *r)
{
	return (uint16_t)get_uint(r, 2);
}

uint32_t
wire_get_u24(struct wire_reader *r)
{
	return (uint32_t)get_uint(r, 3);
}

uint32_t
wire_get_u32(struct wire_reader *r)
{
	return (uint32_t)get_uint(r, 4);
}

uint64_t
wire_get_u64(struct wire_reader *r)
{
	return get_uint(r, 8);
}

void
wire_copy(struct wire_reader *r, void *out, size_t len)
{
	const uint8_t *p = wire_get_bytes(r, len);
	if (!len)
		return;
	if (p)
		memcpy(out, p, len);
	else
		memset(out, 0, len);
}

void
wire_skip(struct wire_reader *r, size_t len)
{
	wire_get_bytes(r, len);
}

struct wire_reader
wire_sub(struct wire_reader *r, size_t len)
{
	const uint8_t *p = wire_get_bytes(r, len);
	struct wire_reader sub = wire_reader(p, p ? len : 0);
	sub.bad = !p;
	return sub;
}

struct wire_writer
wire_writer(void *buf, size_t cap)
{
	return (struct wire_writer){buf, 0, cap, false};
}

/* Room for len octets, or NULL and bad. */
static uint8_t *
put_room(struct wire_writer *w, size_t len)
{
	if (w->bad || len > w->cap - w->len) {
		w->bad = true;
		return NULL;
	}
	uint8_t *p = w->buf + w->len;
	w->len += len;
	return p;
}

static void
store_uint(uint8_t *p, uint64_t v, size_t octets)
{
	for (size_t i = octets; p && i > 0; i--, v >>= 8)
		p[i - 1] = (uint8_t)v;
}

void
wire_put_u8(struct wire_writer *w, uint8_t v)
{
	store_uint(put_room(w, 1), v, 1);
}

void
wire_put_u16(struct wire_writer *w, uint16_t v)
{
	store_uint(put_room(w, 2), v, 2);
}

void
wire_put_u24(struct wire_writer *w, uint32_t v)
{
	store_uint(put_room(w, 3), v, 3);
}

void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
	store_uint(put_room(w, 4), v, 4);
}

void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
	store_uint(put_room(w, 8), v, 8);
}

void
wire_put_bytes(struct wire_writer *w, const void *bytes, size_t len)
{
	uint8_t *p = put_room(w, len);
	if (p && len)
		memcpy(p, bytes, len);
}

void
wire_put_zero(struct wire_writer *w, size_t len)
{
	uint8_t *p = put_room(w, len);
	if (p && len)
		memset(p, 0, len);
}

static void
patch_uint(struct wire_writer *w, size_t at, uint64_t v, size_t octets)
{
	if (w->bad || at > w->len || w->len - at < octets)
		w->bad = true;
	else
		store_uint(w->buf + at, v, octets);
}

void
wire_patch_u16(struct wire_writer *w, size_t at, uint16_t v)
{
	patch_uint(w, at, v, 2);
}

void
wire_patch_u32(struct wire_writer *w, size_t at, uint32_t v)
{
	patch_uint(w, at, v, 4);
}
