/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listener's tables: which groups and dumps make up a feed, and what each message type means. */
#ifndef GREVY_ZEBRA_KERNEL_FEED_H
#define GREVY_ZEBRA_KERNEL_FEED_H

#include "zebra/kernel.h"
#include "zebra/nl_sock.h"

#define FEEDS 3

struct feed_step {
	enum kernel_kind kind;
	bool (*request)(struct nl_writer *w, uint8_t family, uint32_t seq);
	uint8_t family;
	bool consistent; /* repeat it when something changed under it */
};

struct feed_row {
	const char *overrun; /* for the log */
	unsigned groups[5];  /* RTNLGRP_*, up to a zero */
	struct feed_step steps[3];
	unsigned step_count;
	int rcvbuf;
	bool drops_own;  /* events that dplane causes */
	bool link_marks; /* its link events only mark where routes were flushed */
};

extern const struct feed_row feed_rows[FEEDS];

/* Where messages go, and room for the large values. */
struct kernel_handler {
	const struct kernel_ops *ops;
	void *arg;
	struct kernel_nexthop nexthop;
	struct kernel_route route;
};

/* Decodes one message and calls the operation of its type. */
enum nl_fate kernel_handle(
	struct kernel_handler *h, const struct feed_row *row, const struct nl_msg *msg);

#endif
