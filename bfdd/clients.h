/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bfd.sock (lib/proto/bfd.proto): zebra, ospfd, vrrpd and who else wants sessions or watches them.
 * Main thread. All that clients hear of sessions goes through lib/timely's queue, the answers to their own
 * questions too: so nobody hears an old state after a newer one.
 */
#ifndef GREVY_BFDD_CLIENTS_H
#define GREVY_BFDD_CLIENTS_H

#include <stdint.h>

struct bfd_change;
struct bfd_clients;
struct bfd_shell;
struct rows;

/* NULL: no socket (said in the log) */
struct bfd_clients *bfd_clients_new(struct bfd_shell *s, const char *path, uint64_t epoch);
void bfd_clients_free(struct bfd_clients *c);
/* A session has changed, as the order-th change: watchers hear of it first, then those who want it. */
void bfd_clients_changed(struct bfd_clients *c, const struct bfd_change *change, uint64_t order, int64_t now);
/* An array of them into an open row. */
void bfd_clients_rows(const struct bfd_clients *c, struct rows *out);

#endif
