/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums: the Internet's (RFC 1071) and Fletcher's as LSAs carry it (RFC 905 annex B, RFC 2328 12.1.7). */
#ifndef GREVY_LIB_CKSUM_H
#define GREVY_LIB_CKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Partial sum, to be continued over several pieces (only the last may be odd), then folded. */
uint32_t cksum_add(uint32_t sum, const void *bytes, size_t len);
uint16_t cksum_fold(uint32_t sum); /* host order; write it with wire_put_u16 */
uint16_t cksum_inet(const void *bytes, size_t len);
/* Checksum of bytes with the 2-octet field at `at` taken as zero; host order. */
uint16_t cksum_fletcher(const uint8_t *bytes, size_t len, size_t at);
bool cksum_fletcher_ok(const uint8_t *bytes, size_t len);

#endif
