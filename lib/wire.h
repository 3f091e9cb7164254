/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cursor for every byte that comes from outside, and one for every byte that leaves.
 * Errors are sticky: read all fields, check once. A nested length cuts a nested cursor that
 * cannot see beyond it (STYLE rule 12). Integers are big-endian on the wire.
 */
#ifndef GREVY_LIB_WIRE_H
#define GREVY_LIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_reader {
	const uint8_t *pos, *end;
	bool bad; /* a read went past the end: every later read gives zero */
};

struct wire_reader wire_reader(const void *bytes, size_t len);
size_t wire_left(const struct wire_reader *r);
uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u24(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
/* len octets, borrowed; NULL and bad if they are not there. */
const uint8_t *wire_get_bytes(struct wire_reader *r, size_t len);
void wire_copy(struct wire_reader *r, void *out, size_t len); /* zeroes out when bad */
void wire_skip(struct wire_reader *r, size_t len);
struct wire_reader wire_sub(struct wire_reader *r, size_t len); /* bad itself if r goes bad */

struct wire_writer {
	uint8_t *buf;
	size_t len, cap;
	bool bad; /* did not fit: nothing more is written */
};

struct wire_writer wire_writer(void *buf, size_t cap);
void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u24(struct wire_writer *w, uint32_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_bytes(struct wire_writer *w, const void *bytes, size_t len);
void wire_put_zero(struct wire_writer *w, size_t len);
void wire_patch_u16(struct wire_writer *w, size_t at, uint16_t v); /* bad if at + 2 > len */
void wire_patch_u32(struct wire_writer *w, size_t at, uint32_t v);

#endif
