/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of a query as cores see them: pure, so apart from the sockets they came by. */
#include "lib/northbound.h"

#include <string.h>

const char *
nb_arg(const struct nb_args *a, const char *key)
{
	for (size_t i = 0; i < a->count; i++)
		if (!strcmp(a->keys[i], key))
			return a->values[i];
	return NULL;
}
