/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces as zebra names them. Main thread. */
#ifndef GREVY_BFDD_LINKS_H
#define GREVY_BFDD_LINKS_H

#include <stdbool.h>
#include <stdint.h>

struct bfd_links;
struct loop;

/* What differs from what was told before, also over a restart of zebra; the name is borrowed. */
typedef void bfd_links_fn(void *arg, uint32_t ifindex, const char *name, bool up, bool gone);

struct bfd_links *bfd_links_new(struct loop *l, const char *rib_socket, bfd_links_fn *fn, void *arg);
void bfd_links_free(struct bfd_links *l);
/* NULL: not known */
const char *bfd_links_name(const struct bfd_links *l, uint32_t ifindex);

#endif
