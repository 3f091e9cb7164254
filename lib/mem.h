/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail: on exhaustion the process says so and aborts (DESIGN 12);
 * the supervisor restarts it and the kernel goes on forwarding.
 */
#ifndef GREVY_LIB_MEM_H
#define GREVY_LIB_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_aligned(size_t align, size_t size); /* align: a power of two; not for mem_realloc */
void *mem_array(size_t count, size_t size); /* zeroed; aborts on overflow */
void *mem_realloc(void *p, size_t size);
void *mem_dup(const void *p, size_t size);
char *mem_strdup(const char *s);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *p);

#endif
