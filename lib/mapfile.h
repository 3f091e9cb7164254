/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon must still know after kill -9: records of one size, each under a key, in a file of the
 * run directory that is mapped into memory, so that writing one costs a copy and no system call. A
 * process that dies in the middle leaves the record's old value or its new one. A file of
 * another kind, record size or boot of the machine begins anew. Main thread only.
 */
#ifndef GREVY_LIB_MAPFILE_H
#define GREVY_LIB_MAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAPFILE_KEY 32 /* octets of a key at most */

struct mapfile;

/* kind: "vrrp1", changes with the record's layout. NULL: it cannot be had (said in the log); the others take NULL. */
struct mapfile *mapfile_open(const char *path, const char *kind, size_t record_size);
void mapfile_close(struct mapfile *m);  /* the file stays, for who comes next */
void mapfile_finish(struct mapfile *m); /* an orderly end: the file goes, too */

void mapfile_put(struct mapfile *m, const void *key, size_t key_len, const void *record);
void mapfile_del(struct mapfile *m, const void *key, size_t key_len); /* harmless if not there */
const void *mapfile_get(const struct mapfile *m, const void *key, size_t key_len); /* NULL; borrowed until the next put */
/* for (size_t pos = 0; (record = mapfile_next(m, &pos)); ) in no order; deleting the current one is allowed. */
const void *mapfile_next(const struct mapfile *m, size_t *pos);
size_t mapfile_count(const struct mapfile *m);

#endif
