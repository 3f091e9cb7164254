/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/mem.h for the simulator: the same promises, and it counts the blocks that are alive, so that a case
 * can say whether a core gave everything back. Takes the place of lib/mem.c when sim is linked.
 */
#include "lib/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

static size_t live;

size_t
mem_live(void)
{
	return live;
}

static void *
checked(void *p)
{
	if (!p)
		abort();
	return p;
}

void *
mem_alloc(size_t size)
{
	live++;
	return checked(malloc(size ? size : 1));
}

void *
mem_zalloc(size_t size)
{
	live++;
	return checked(calloc(1, size ? size : 1));
}

void *
mem_aligned(size_t align, size_t size)
{
	live++;
	return checked(aligned_alloc(align, (size + align - 1) / align * align));
}

void *
mem_array(size_t count, size_t size)
{
	live++;
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *
mem_realloc(void *p, size_t size)
{
	live += !p;
	return checked(realloc(p, size ? size : 1));
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
	char *s = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	live++;
	return s;
}

void
mem_free(void *p)
{
	live -= p != NULL;
	free(p);
}
