/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of one size without malloc's overhead per object: what a million routes are made of. */
#ifndef GREVY_ZEBRA_POOL_H
#define GREVY_ZEBRA_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(size_t object_size);
void pool_free(struct pool *p); /* and every object */
void *pool_get(struct pool *p); /* zeroed */
void pool_put(struct pool *p, void *object);
size_t pool_count(const struct pool *p);
size_t pool_bytes(const struct pool *p);

#endif
