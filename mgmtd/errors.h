/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is wrong with a transaction: each with its data path and a text for people. */
#ifndef GREVY_MGMTD_ERRORS_H
#define GREVY_MGMTD_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ERRORS_MAX 1000 /* kept; a reply is one frame */

struct error_row {
	char *path, *message;
	uint32_t origin; /* index + 1 of the edit to blame, 0: unknown */
};
struct errors {
	struct error_row *rows;
	size_t count;
	size_t dropped; /* beyond ERRORS_MAX */
};

void errors_add(struct errors *e, const char *path, const char *message, uint32_t origin);
/* The same, but message is mem_alloc'ed and taken over; NULL: nothing is added. True if one was. */
bool errors_take(struct errors *e, const char *path, char *message, uint32_t origin);
void errors_copy(struct errors *to, const struct errors *from);
void errors_move(struct errors *to, struct errors *from);
void errors_free(struct errors *e); /* to empty, usable again */

#endif
