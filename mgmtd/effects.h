/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemons are told: a transaction's net changes, or a whole config, as SET and DELETE
 * per owner with every default spelled out, so that a daemon needs no schema.
 */
#ifndef GREVY_MGMTD_EFFECTS_H
#define GREVY_MGMTD_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mgmtd/store.h"

struct effect {
	bool set;
	const char *path, *value; /* in the effects' arena */
	uint32_t origin;
};
struct effects {
	struct arena *arena;
	struct {
		struct effect *rows;
		size_t count, cap;
	} of[YANGDB_OWNERS];
};

void effects_init(struct effects *e);
void effects_free(struct effects *e);
/* s is the tree with the changes made. */
void effects_of_changes(struct effects *e, const struct store *s, const struct changes *c);
/* The whole config of the owners in the mask, from nothing. */
void effects_full(struct effects *e, const struct store *s, uint32_t owners);
uint32_t effects_owners(const struct effects *e); /* who is concerned */

#endif
