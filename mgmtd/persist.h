/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that outlives us: framed records (magic, length, xxh3, payload), appended by one write
 * and an fdatasync each; replaced as a whole by write, fsync, rename, fsync of the folder. A torn
 * tail is found by length and checksum and cut off. Knows nothing of what is in the records.
 */
#ifndef GREVY_MGMTD_PERSIST_H
#define GREVY_MGMTD_PERSIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct persist;
struct persist_at { /* where a payload is in the file */
	uint64_t offset;
	uint32_t len;
};

/* Called for each whole record, in order; false: the record makes no sense, the file ends before it. */
typedef bool persist_fn(void *arg, struct persist_at at, const uint8_t *payload, size_t len);

/* Opens or makes dir/file, reads it, cuts the tail. NULL and *error (mem_free) if it cannot be. */
struct persist *persist_open(const char *dir, const char *file, persist_fn *fn, void *arg, char **error);
void persist_close(struct persist *p);
uint64_t persist_size(const struct persist *p);
uint64_t persist_cut(const struct persist *p); /* octets cut off when it was opened */

/* NULL when it is on the disk; else why not (mem_free), and the file is as before. */
char *persist_append(struct persist *p, const uint8_t *payload, size_t len, struct persist_at *at);
uint8_t *persist_read(const struct persist *p, struct persist_at at); /* mem_free; NULL: unreadable */

/* A new file beside the old one; nothing of the old is touched until persist_replace_end. */
bool persist_replace_begin(struct persist *p);
void persist_replace_add(struct persist *p, const uint8_t *payload, size_t len, struct persist_at *at);
char *persist_replace_end(struct persist *p); /* NULL: done; else why not, the old file stays */

#endif
