/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values in a line: checks, canonical forms, and how they are written back. The schema's types are
 * mapped to these by the name of their typedef, so that no regular expression runs on the hot path
 * (10,000 lines of static routes); mgmtd's libyang judges them all once more.
 */
#include "vtysh/types.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/prefix.h"

static bool
put(char *out, size_t size, const char *value)
{
	size_t n = strlen(value);
	if (n >= size)
		return false;
	memcpy(out, value, n + 1);
	return true;
}

/* --- numbers and words -------------------------------------------------------------------------- */
unsigned
take_number(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	const struct type_range *r = t->arg;
	const char *s = l->w[at].text, *digits = s + (r->is_signed && *s == '-');
	if (!*digits || strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 20)
		return 0;
	if (r->is_signed) {
		long long v = strtoll(s, NULL, 10);
		bool ok = !r->count;
		for (unsigned i = 0; i < r->count; i++)
			ok |= v >= (int64_t)r->part[i].min && v <= (int64_t)r->part[i].max;
		if (!ok || v < (int64_t)r->lowest || v > (int64_t)r->highest)
			return 0;
		return snprintf(out, size, "%lld", v) > 0;
	}
	unsigned long long v = strtoull(s, NULL, 10);
	bool ok = !r->count;
	for (unsigned i = 0; i < r->count; i++)
		ok |= v >= r->part[i].min && v <= r->part[i].max;
	if (!ok || v > r->highest || (strlen(digits) == 20 && v == UINT64_MAX))
		return 0;
	return snprintf(out, size, "%llu", v) > 0;
}

/* Milliseconds with up to three decimals -> microseconds. */
static bool
ms_parse(const char *s, uint64_t *us)
{
	size_t whole = strspn(s, "0123456789"), decimals = 0;
	if (!whole || whole > 10)
		return false;
	*us = strtoull(s, NULL, 10) * 1000;
	if (!s[whole])
		return true;
	const char *d = s + whole + 1;
	decimals = strspn(d, "0123456789");
	if (s[whole] != '.' || !decimals || decimals > 3 || d[decimals])
		return false;
	for (unsigned scale = 100; *d; d++, scale /= 10)
		*us += (unsigned)(*d - '0') * scale;
	return true;
}

size_t
ms_print(uint64_t us, char *out, size_t size)
{
	int n = snprintf(out, size, "%llu.%03u", (unsigned long long)(us / 1000), (unsigned)(us % 1000));
	if (n < 0 || (size_t)n >= size)
		return 0;
	while (out[n - 1] == '0')
		out[--n] = '\0';
	if (out[n - 1] == '.')
		out[--n] = '\0';
	return (size_t)n;
}

unsigned
take_ms(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	const struct type_range *r = t->arg;
	uint64_t us;
	if (!ms_parse(l->w[at].text, &us))
		return 0;
	for (unsigned i = 0; i < r->count; i++)
		if (us >= r->part[i].min && us <= r->part[i].max)
			return snprintf(out, size, "%llu", (unsigned long long)us) > 0;
	return 0;
}

unsigned
take_choice(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	const struct cli_choice *found = NULL;
	bool several = false;
	const char *s = l->w[at].text;
	size_t n = strlen(s);
	if (!n)
		return 0;
	for (const struct cli_choice *c = t->choices; c->name; c++) {
		if (strncmp(c->name, s, n))
			continue;
		if (!c->name[n])
			return put(out, size, c->name);
		several = found != NULL;
		found = c;
	}
	return found && !several ? put(out, size, found->name) : 0;
}

static size_t
characters(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool
string_ok(const struct type_string *s, const char *value)
{
	if (!s)
		return true;
	size_t n = characters(value);
	return n >= s->min && (!s->max || n <= s->max) && (!s->check || s->check(s->arg, value));
}

unsigned
take_word(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	return string_ok(t->arg, l->w[at].text) && put(out, size, l->w[at].text);
}

/* The rest of the line as typed; quoted as a whole it may hold anything. */
unsigned
take_line(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	unsigned n = l->n - at;
	if (n == 1 && l->w[at].quoted)
		return take_word(t, l, at, out, size);
	size_t len = l->end - l->w[at].col;
	if (len >= size)
		return 0;
	memcpy(out, l->raw + l->w[at].col, len);
	out[len] = '\0';
	return string_ok(t->arg, out) ? n : 0;
}

/* --- addresses ---------------------------------------------------------------------------------- */
static unsigned
take_address(uint8_t afi, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	struct ipaddr a;
	char text[IPADDR_STRLEN];
	if (!ipaddr_parse(l->w[at].text, &a) || (afi && a.afi != afi))
		return 0;
	return put(out, size, ipaddr_print(&a, text));
}

unsigned
take_ip4_addr(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_address(AFI_IP4, l, at, out, size);
}

unsigned
take_ip6_addr(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_address(AFI_IP6, l, at, out, size);
}

unsigned
take_addr(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_address(AFI_NONE, l, at, out, size);
}

/* "A/L", and for IPv4 also "A MASK" (two words) */
static unsigned
take_prefix_of(uint8_t afi, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	struct prefix p;
	char text[PREFIX_STRLEN];
	const char *s = l->w[at].text;
	uint32_t addr, mask;
	unsigned len, words = 1;
	if (strchr(s, '/')) {
		if (!prefix_parse(s, false, &p) || (afi && p.afi != afi))
			return 0;
	} else {
		if (afi != AFI_IP4 || at + 1 >= l->n || !ip4_parse(s, &addr) || !ip4_parse(l->w[at + 1].text, &mask) ||
			!ip4_mask_len(mask, &len) || (!len && addr))
			return 0;
		p = prefix_from_ip4(addr, len);
		words = 2;
	}
	return put(out, size, prefix_print(&p, text)) ? words : 0;
}

unsigned
take_ip4_prefix(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_prefix_of(AFI_IP4, l, at, out, size);
}

unsigned
take_ip6_prefix(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_prefix_of(AFI_IP6, l, at, out, size);
}

unsigned
take_prefix(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_prefix_of(AFI_NONE, l, at, out, size);
}

static unsigned
take_ifaddr(uint8_t afi, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	struct prefix p;
	struct ipaddr a;
	char addr[PREFIX_STRLEN], text[PREFIX_STRLEN];
	const char *s = l->w[at].text, *slash = strchr(s, '/');
	uint32_t mask;
	unsigned len, words = 1;
	if (slash && (size_t)(slash - s) < sizeof(addr)) {
		if (!prefix_parse(s, false, &p) || p.afi != afi)
			return 0;
		memcpy(addr, s, (size_t)(slash - s));
		addr[slash - s] = '\0';
		len = p.len;
	} else {
		if (afi != AFI_IP4 || at + 1 >= l->n || slash || strlen(s) >= sizeof(addr) ||
			!ip4_parse(l->w[at + 1].text, &mask) || !ip4_mask_len(mask, &len))
			return 0;
		memcpy(addr, s, strlen(s) + 1);
		words = 2;
	}
	if (!ipaddr_parse(addr, &a) || a.afi != afi)
		return 0;
	ipaddr_print(&a, addr);
	snprintf(text, sizeof(text), "%.45s/%u", addr, len);
	return put(out, size, text) ? words : 0;
}

unsigned
take_ip4_ifaddr(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_ifaddr(AFI_IP4, l, at, out, size);
}

unsigned
take_ip6_ifaddr(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_ifaddr(AFI_IP6, l, at, out, size);
}

static bool
ifname_ok(const char *s)
{
	size_t n = characters(s);
	return n >= 1 && n <= 15 && strlen(s) == strcspn(s, " \t\r\n\v\f/\"[]");
}

unsigned
take_ifname(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return ifname_ok(l->w[at].text) && put(out, size, l->w[at].text);
}

static bool
area_number(const char *s, uint32_t *v)
{
	if (!*s || strlen(s) > 10 || strspn(s, "0123456789") != strlen(s))
		return false;
	unsigned long long n = strtoull(s, NULL, 10);
	*v = (uint32_t)n;
	return n <= UINT32_MAX;
}

unsigned
take_area(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	uint32_t v;
	(void)t;
	return (area_number(l->w[at].text, &v) || ip4_parse(l->w[at].text, &v)) && put(out, size, l->w[at].text);
}

unsigned
take_dotted_area(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	uint32_t v;
	char text[IPADDR_STRLEN];
	(void)t;
	if (!area_number(l->w[at].text, &v) && !ip4_parse(l->w[at].text, &v))
		return 0;
	return put(out, size, ip4_print(v, text));
}

/* Words that may follow a next hop, so a gateway does not eat them as its interface. */
static const char *const after_nexthop[] = {"tag", "table", "weight", "onlink", "nexthop-vrf", "vrf",
	"label", "bfd", "color", "metric", "segments", "backup", "track",
	"multi-hop", "source", "profile", NULL};

static bool
interface_of_gateway(const struct cli_word *w)
{
	if (!ifname_ok(w->text) || w->quoted)
		return w->quoted && ifname_ok(w->text);
	for (unsigned i = 0; after_nexthop[i]; i++)
		if (!strcmp(w->text, after_nexthop[i]))
			return false;
	return strspn(w->text, "0123456789") != strlen(w->text);
}

static const char *const null_routes[] = {"Null0", "blackhole", "reject", NULL};

static unsigned
take_nexthop(uint8_t afi, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	const struct cli_word *w = &l->w[at];
	struct ipaddr a;
	char addr[IPADDR_STRLEN];
	if (ipaddr_parse(w->text, &a)) {
		if (a.afi != afi)
			return 0;
		bool with_if = at + 1 < l->n && interface_of_gateway(&l->w[at + 1]);
		ipaddr_print(&a, addr);
		if ((size_t)snprintf(out, size, with_if ? "%s %s" : "%s", addr, l->w[at + 1].text) >= size)
			return 0;
		return with_if ? 2 : 1;
	}
	for (unsigned i = 0; !w->quoted && null_routes[i]; i++)
		if (!strcasecmp(w->text, null_routes[i]))
			return put(out, size, null_routes[i]);
	/* a mistyped address is no interface */
	bool like_address = strspn(w->text, "0123456789./") == strlen(w->text) && strchr(w->text, '.');
	if (!ifname_ok(w->text) || (like_address && !w->quoted) || (afi == AFI_IP6 && strchr(w->text, ':')))
		return 0;
	return put(out, size, w->text);
}

unsigned
take_ip4_nexthop(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_nexthop(AFI_IP4, l, at, out, size);
}

unsigned
take_ip6_nexthop(const struct cli_type *t, const struct cli_line *l, unsigned at, char *out, size_t size)
{
	(void)t;
	return take_nexthop(AFI_IP6, l, at, out, size);
}

static const struct type_known known[] = {
	{"ipv4-prefix", "A.B.C.D/M", take_ip4_prefix, NULL},
	{"ipv6-prefix", "X:X::X:X/M", take_ip6_prefix, NULL},
	{"ipv4-address", "A.B.C.D", take_ip4_addr, NULL},
	{"ipv4-address-no-zone", "A.B.C.D", take_ip4_addr, NULL},
	{"ipv6-address", "X:X::X:X", take_ip6_addr, NULL},
	{"ipv6-address-no-zone", "X:X::X:X", take_ip6_addr, NULL},
	{"ip-address-no-zone", "A.B.C.D|X:X::X:X", take_addr, NULL},
	{"ipv4-interface-address", "A.B.C.D/M", take_ip4_ifaddr, NULL},
	{"ipv6-interface-address", "X:X::X:X/M", take_ip6_ifaddr, NULL},
	{"interface-name", "INTERFACE", take_ifname, "interface"},
	{"optional-ip-address", "A.B.C.D|X:X::X:X", take_addr, NULL},
	{"optional-interface-name", "INTERFACE", take_ifname, "interface"},
	{"microseconds-as-ms", "MILLISECONDS", take_ms, NULL},
	{"area-id", "A.B.C.D|(0-4294967295)", take_area, NULL},
	{"dotted-area-id", "A.B.C.D|(0-4294967295)", take_dotted_area, NULL},
	{"ipv4-next-hop", "A.B.C.D|INTERFACE|Null0|blackhole|reject", take_ip4_nexthop, "interface"},
	{"ipv6-next-hop", "X:X::X:X|INTERFACE|Null0|blackhole|reject", take_ip6_nexthop, "interface"},
	{NULL, NULL, NULL, NULL},
};

const struct type_known *
type_known(const char *name)
{
	const char *colon = strchr(name, ':');
	if (colon)
		name = colon + 1;
	for (const struct type_known *k = known; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

/* --- writing ------------------------------------------------------------------------------------ */
static void
quote(const char *value, char *out, size_t size)
{
	size_t n = 0;
	if (size < 4)
		return;
	out[n++] = '"';
	for (; *value && n + 4 < size; value++) {
		if (strchr("\"\\\n\t\r", *value))
			out[n++] = '\\';
		out[n++] = *value == '\n' ? 'n' : *value == '\t' ? 't' : *value == '\r' ? 'r' : *value;
	}
	out[n++] = '"';
	out[n] = '\0';
}

static bool
line_needs_quotes(const char *v)
{
	size_t n = strlen(v);
	if (!n || isspace((unsigned char)v[0]) || isspace((unsigned char)v[n - 1]) || v[0] == '"')
		return true;
	return strpbrk(v, "\n\r\t\v\f") != NULL;
}

static void
word_write(const char *v, bool force, char *out, size_t size)
{
	if (force || !*v || v[0] == '"' || strpbrk(v, " \t\r\n\v\f"))
		quote(v, out, size);
	else
		put(out, size, v);
}

void
value_write(const struct cli_type *t, const char *value, bool (*is_literal)(const char *), char *out, size_t size)
{
	if (t->take == take_line) {
		if (line_needs_quotes(value))
			quote(value, out, size);
		else
			put(out, size, value);
		return;
	}
	if (t->take == take_ms) {
		ms_print(strtoull(value, NULL, 10), out, size);
		return;
	}
	if (t->take == take_word || t->take == take_ifname) {
		word_write(value, is_literal && is_literal(value), out, size);
		return;
	}
	if (t->take == take_ip4_nexthop || t->take == take_ip6_nexthop) {
		char first[IPADDR_STRLEN];
		struct ipaddr a;
		const char *space = strchr(value, ' ');
		if (space && (size_t)(space - value) < sizeof(first)) {
			struct cli_word w = {.text = space + 1};
			snprintf(first, sizeof(first), "%.*s", (int)(space - value), value);
			size_t n = (size_t)snprintf(out, size, "%s ", first);
			if (n < size)
				word_write(space + 1, !interface_of_gateway(&w), out + n, size - n);
			return;
		}
		bool odd = strspn(value, "0123456789./") == strlen(value) && !ipaddr_parse(value, &a);
		for (unsigned i = 0; null_routes[i]; i++)
			odd |= !strcasecmp(value, null_routes[i]) && strcmp(value, null_routes[i]);
		word_write(value, odd, out, size);
		return;
	}
	put(out, size, value);
}
