/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers of LSAs (RFC 2328 12.1.6) and which of two instances is newer (13.1). */
#ifndef GREVY_OSPFD_SEQ_H
#define GREVY_OSPFD_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* The number after `current`; 0: none, the LSA must be flushed first. */
int32_t seq_next(int32_t current);
bool seq_valid(int32_t seq);

#endif
