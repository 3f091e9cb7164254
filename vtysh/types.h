/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takers of values: one per kind of type, without libyang. What they take is canonical. */
#ifndef GREVY_VTYSH_TYPES_H
#define GREVY_VTYSH_TYPES_H

#include "vtysh/cli.h"

struct type_range { /* up to parts; a signed type has the same bits */
	unsigned count;
	struct { uint64_t min, max; } part[8];
	bool is_signed;
	uint64_t lowest, highest;  /* of the base type */
};
struct type_string {
	unsigned min, max;         /* characters */
	/* Whether the schema's patterns like it; NULL: no patterns */
	bool (*check)(const void *arg, const char *value);
	const void *arg;
};

cli_take_fn take_number;       /* arg: struct type_range */
cli_take_fn take_ms;           /* arg: struct type_range; typed in milliseconds, kept in microseconds */
size_t ms_print(uint64_t us, char *out, size_t size); /* "3.3" */
cli_take_fn take_choice;       /* choices; a unique abbreviation will do */
cli_take_fn take_word;         /* arg: struct type_string or NULL */
cli_take_fn take_line;         /* arg: the same; the rest of the line */
cli_take_fn take_ip4_addr, take_ip6_addr, take_addr;
cli_take_fn take_ip4_prefix, take_ip6_prefix, take_prefix;  /* host bits are cleared */
cli_take_fn take_ip4_ifaddr, take_ip6_ifaddr;               /* host bits stay */
cli_take_fn take_ifname, take_area, take_dotted_area;
cli_take_fn take_ip4_nexthop, take_ip6_nexthop;             /* one or two words, see grevy-types.yang */

/* By the name of the typedef; NULL: not one that we know */
struct type_known {
	const char *name, *shown;
	cli_take_fn *take;
	const char *names;
};
const struct type_known *type_known(const char *name);

/* How a value is written so that the parser reads it back: quoted where it must be. */
void value_write(const struct cli_type *t, const char *value, bool (*is_literal)(const char *),
	char *out, size_t size);

#endif
