/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the writer's operations: how each is encoded, which ring it takes, what counts as done. */
#ifndef GREVY_ZEBRA_DPLANE_KINDS_H
#define GREVY_ZEBRA_DPLANE_KINDS_H

#include "zebra/dplane.h"
#include "zebra/nl.h"

struct dplane_kind_row {
	const char *name;
	/* NULL: nothing to write */
	bool (*encode)(struct nl_writer *w, const struct dplane_op *op, uint32_t seq, uint16_t flags);
	int gone;    /* this errno means that the aim is reached already; 0: none */
	bool urgent; /* overtakes routes */
};

extern const struct dplane_kind_row dplane_kind_rows[DPLANE_KINDS];

#endif
