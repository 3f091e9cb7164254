/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocation that cannot fail: the one place that decides what exhaustion means (DESIGN 12). */
#include "lib/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((noreturn))
mem_exhausted(size_t size)
{
	fprintf(stderr, "out of memory: %zu octets refused\n", size);
	abort();
}

void *
mem_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p)
		mem_exhausted(size);
	return p;
}

void *
mem_zalloc(size_t size)
{
	return mem_array(1, size);
}

void *
mem_aligned(size_t align, size_t size)
{
	void *p = NULL;
	if (posix_memalign(&p, align, size ? size : 1))
		mem_exhausted(size);
	return p;
}

void *
mem_array(size_t count, size_t size)
{
	if (!count || !size)
		count = size = 1;
	void *p = calloc(count, size);
	if (!p)
		mem_exhausted(count > SIZE_MAX / size ? SIZE_MAX : count * size);
	return p;
}

void *
mem_realloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);
	if (!q)
		mem_exhausted(size);
	return q;
}

void *
mem_dup(const void *p, size_t size)
{
	void *q = mem_alloc(size);
	if (size)
		memcpy(q, p, size);
	return q;
}

char *
mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s) + 1);
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *s = mem_alloc(len < 0 ? 1 : (size_t)len + 1);
	s[0] = '\0';
	if (len > 0)
		vsnprintf(s, (size_t)len + 1, fmt, again);
	va_end(again);
	return s;
}

void
mem_free(void *p)
{
	free(p);
}
