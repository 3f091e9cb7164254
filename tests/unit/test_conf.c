/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/conf: edits by path, sharing between versions, differences and effects, checks. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/conf.h"
#include "lib/mem.h"
#include "lib/prefix.h"
#include "tests/unit/unit.h"

enum { EFFECT_COST = 1, EFFECT_NAME = 2, EFFECT_IFACE = 4, EFFECT_KEY = 8, EFFECT_ROOT = 16 };

struct key_data {
	uint8_t id;
	char text[17];
};
struct iface_data {
	char name[16];
	uint32_t cost;
	bool cost_set, bfd;
	unsigned type;
	uint16_t mtu;
	struct prefix address;
};
struct pair_data {
	char proto[16];
	uint32_t area;
};
struct tag_data {
	char value[16];
};
struct root_data {
	bool enabled, presence;
	uint32_t router_id;
	int32_t offset;
	uint64_t big;
	struct ipaddr neighbor;
	struct prefix net;
	uint8_t small;
};

static const char *const type_names[] = {"unset", "broadcast", "point-to-point", NULL};
static const char *const key_keys[] = {"key-id", NULL};
static const struct conf_field key_fields[] = {
	{"key-id", CONF_U8, offsetof(struct key_data, id), 0, NULL, 0},
	{"text", CONF_STRING, offsetof(struct key_data, text), 17, NULL, EFFECT_KEY},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class key_class = {
	.path = "auth/keys/key", .size = sizeof(struct key_data), .fields = key_fields, .keys = key_keys,
	.effect = EFFECT_KEY};
static const char *const tag_keys[] = {".", NULL};
static const struct conf_field tag_fields[] = {
	{".", CONF_STRING, offsetof(struct tag_data, value), 16, NULL, 0},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class tag_class = {
	.path = "tag", .size = sizeof(struct tag_data), .fields = tag_fields, .keys = tag_keys};
static const struct conf_class *const iface_lists[] = {&key_class, &tag_class, NULL};
static const char *const iface_keys[] = {"name", NULL};
static const struct conf_field iface_fields[] = {
	{"name", CONF_STRING, offsetof(struct iface_data, name), 16, NULL, EFFECT_NAME},
	{"ospf/cost", CONF_U32, offsetof(struct iface_data, cost), 0, NULL, EFFECT_COST},
	{"ospf/cost", CONF_SET, offsetof(struct iface_data, cost_set), 0, NULL, 0},
	{"ospf/bfd", CONF_PRESENCE, offsetof(struct iface_data, bfd), 0, NULL, 0},
	{"ospf/type", CONF_ENUM, offsetof(struct iface_data, type), 0, type_names, 0},
	{"mtu", CONF_U16, offsetof(struct iface_data, mtu), 0, NULL, 0},
	{"address", CONF_IFADDR, offsetof(struct iface_data, address), 0, NULL, 0},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};

static bool
iface_check(const struct conf_object *self, const struct conf_object *root, struct conf_error *err)
{
	const struct iface_data *d = conf_data(self);
	(void)root;
	if (d->cost != 666)
		return true;
	snprintf(err->message, sizeof(err->message), "666 is taken");
	return false;
}

static const struct conf_class iface_class = {
	.path = "interfaces/interface", .size = sizeof(struct iface_data), .fields = iface_fields,
	.lists = iface_lists, .keys = iface_keys, .effect = EFFECT_IFACE, .check = iface_check};
static const char *const pair_keys[] = {"proto", "area", NULL};
static const struct conf_field pair_fields[] = {
	{"proto", CONF_STRING, offsetof(struct pair_data, proto), 16, NULL, 0},
	{"area", CONF_IP4, offsetof(struct pair_data, area), 0, NULL, 0},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class pair_class = {
	.path = "pair", .size = sizeof(struct pair_data), .fields = pair_fields, .keys = pair_keys};
static const struct conf_class *const root_lists[] = {&iface_class, &pair_class, NULL};
static const struct conf_field root_fields[] = {
	{"router/enabled", CONF_BOOL, offsetof(struct root_data, enabled), 0, NULL, EFFECT_ROOT},
	{"router/id", CONF_IP4, offsetof(struct root_data, router_id), 0, NULL, EFFECT_ROOT},
	{"router/offset", CONF_S32, offsetof(struct root_data, offset), 0, NULL, 0},
	{"router/big", CONF_U64, offsetof(struct root_data, big), 0, NULL, 0},
	{"router/neighbor", CONF_ADDR, offsetof(struct root_data, neighbor), 0, NULL, 0},
	{"router/net", CONF_PREFIX, offsetof(struct root_data, net), 0, NULL, 0},
	{"router/sub/small", CONF_U8, offsetof(struct root_data, small), 0, NULL, 0},
	{"router/sub", CONF_PRESENCE, offsetof(struct root_data, presence), 0, NULL, 0},
	{NULL, CONF_BOOL, 0, 0, NULL, 0},
};
static const struct conf_class root_class = {
	.path = "", .size = sizeof(struct root_data), .fields = root_fields, .lists = root_lists};

static struct conf_error err;

static struct conf_object *
edit1(struct conf_object *old, enum conf_op op, const char *path, const char *value)
{
	struct conf_edit e = {op, path, value};
	struct conf_object *new = conf_edit(old, &e, 1, &err);
	conf_unref(old);
	return new;
}

static struct conf_object *
set1(struct conf_object *old, const char *path, const char *value)
{
	return edit1(old, CONF_OP_SET, path, value);
}

static struct conf_object *
del1(struct conf_object *old, const char *path)
{
	return edit1(old, CONF_OP_DELETE, path, NULL);
}

static void
every_type_is_parsed(void)
{
	struct conf_object *c = conf_new(&root_class);
	c = set1(c, "/m:router/enabled", "true");
	c = set1(c, "/m:router/m:id", "10.0.0.1");
	c = set1(c, "/router/offset", "-2147483648");
	c = set1(c, "/router/big", "18446744073709551615");
	c = set1(c, "/router/neighbor", "2001:db8::1");
	c = set1(c, "/router/net", "10.1.0.0/16");
	c = set1(c, "/router/sub/small", "255");
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	const struct root_data *d = conf_data(c);
	CU_ASSERT(d->enabled);
	CU_ASSERT_EQUAL(d->router_id, 0x0a000001);
	CU_ASSERT_EQUAL(d->offset, INT32_MIN);
	CU_ASSERT_EQUAL(d->big, UINT64_MAX);
	CU_ASSERT_EQUAL(d->neighbor.afi, AFI_IP6);
	CU_ASSERT_EQUAL(d->net.len, 16);
	CU_ASSERT_EQUAL(d->small, 255);
	CU_ASSERT(d->presence); /* a leaf below it makes it exist */
	c = set1(c, "/i:interfaces/interface[name='eth0']/address", "192.0.2.7/24");
	c = set1(c, "/i:interfaces/interface[name='eth0']/o:ospf/type", "o:point-to-point");
	const struct iface_data *i = conf_data(conf_child(c, &iface_class, "eth0"));
	CU_ASSERT_EQUAL(i->address.b[3], 7);
	CU_ASSERT_EQUAL(i->address.len, 24);
	CU_ASSERT_EQUAL(i->type, 2);
	CU_ASSERT_STRING_EQUAL(i->name, "eth0");
	conf_unref(c);
}

static void
bad_values_are_refused_with_their_path(void)
{
	static const char *const bad[][2] = {
		{"/router/enabled", "yes"}, {"/router/offset", "-2147483649"}, {"/router/offset", ""},
		{"/router/big", "18446744073709551616"}, {"/router/sub/small", "256"},
		{"/router/sub/small", " 1"}, {"/router/id", "10.0.0"}, {"/router/neighbor", "x"},
		{"/interfaces/interface[name='eth0']/mtu", "65536"},
		{"/interfaces/interface[name='eth0']/ospf/type", "nbma"},
		{"/interfaces/interface[name='a-name-longer-than-a-field']/mtu", "1"},
		{"/interfaces/interface[other='x']/mtu", "1"},
		{"/interfaces/interface[name='x/mtu", "1"}, {"router/id", "1.1.1.1"}, {"//id", "1"},
		{"/pair[proto='a']", ""},
	};
	struct conf_object *c = conf_new(&root_class);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conf_edit e = {CONF_OP_SET, bad[i][0], bad[i][1]};
		memset(&err, 0, sizeof(err));
		CU_ASSERT_PTR_NULL(conf_edit(c, &e, 1, &err));
		CU_ASSERT_STRING_EQUAL(err.path, bad[i][0]);
		CU_ASSERT(err.message[0] != '\0');
	}
	CU_ASSERT_EQUAL(conf_count(c, &iface_class), 0);
	conf_unref(c);
}

static void
entries_come_with_the_first_set_and_go_with_delete(void)
{
	struct conf_object *c = conf_new(&root_class);
	c = set1(c, "/interfaces/interface[name=\"it's\"]", "");
	CU_ASSERT_PTR_NOT_NULL(conf_child(c, &iface_class, "it's"));
	c = set1(c, "/interfaces/interface[name='b']/auth/keys/key[key-id='7']/text", "secret");
	const struct conf_object *b = conf_child(c, &iface_class, "b");
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	const struct conf_object *k = conf_child(b, &key_class, "7");
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(((const struct key_data *)conf_data(k))->id, 7);
	c = set1(c, "/interfaces/interface[name='b']/tag[.='red']", "red");
	c = set1(c, "/interfaces/interface[name='b']/tag[.='blue']", "blue");
	b = conf_child(c, &iface_class, "b");
	CU_ASSERT_EQUAL(conf_count(b, &tag_class), 2);
	CU_ASSERT_STRING_EQUAL(conf_key(conf_next(b, &tag_class, NULL)), "blue");
	c = del1(c, "/interfaces/interface[name='b']/tag[.='blue']");
	b = conf_child(c, &iface_class, "b");
	CU_ASSERT_STRING_EQUAL(conf_key(conf_next(b, &tag_class, NULL)), "red");
	c = del1(c, "/interfaces/interface[name='b']/auth"); /* a container with a list in it */
	CU_ASSERT_EQUAL(conf_count(conf_child(c, &iface_class, "b"), &key_class), 0);
	c = del1(c, "/interfaces/interface[name='b']");
	CU_ASSERT_PTR_NULL(conf_child(c, &iface_class, "b"));
	c = del1(c, "/interfaces/interface[name='never']/ospf/cost");
	CU_ASSERT_EQUAL(conf_count(c, &iface_class), 1); /* a delete makes nothing */
	c = del1(c, "/interfaces");
	CU_ASSERT_EQUAL(conf_count(c, &iface_class), 0);
	c = set1(c, "/pair[area='0.0.0.1'][proto='ospf']", "");
	CU_ASSERT_PTR_NOT_NULL(conf_child(c, &pair_class, "ospf\x1f""0.0.0.1"));
	conf_unref(c);
}

static void
deletes_zero_what_is_below(void)
{
	struct conf_object *c = conf_new(&root_class);
	c = set1(c, "/interfaces/interface[name='e']/ospf/cost", "10");
	c = set1(c, "/interfaces/interface[name='e']/ospf/bfd", "");
	c = set1(c, "/interfaces/interface[name='e']/mtu", "1500");
	const struct iface_data *d = conf_data(conf_child(c, &iface_class, "e"));
	CU_ASSERT(d->cost_set && d->bfd && d->cost == 10);
	c = del1(c, "/interfaces/interface[name='e']/ospf/cost");
	d = conf_data(conf_child(c, &iface_class, "e"));
	CU_ASSERT(!d->cost_set && d->bfd && d->cost == 0);
	c = set1(c, "/interfaces/interface[name='e']/ospf/cost", "10");
	c = del1(c, "/interfaces/interface[name='e']/ospf");
	d = conf_data(conf_child(c, &iface_class, "e"));
	CU_ASSERT(!d->cost_set && !d->bfd && d->cost == 0 && d->mtu == 1500);
	CU_ASSERT_STRING_EQUAL(d->name, "e"); /* a key goes only with its entry */
	c = set1(c, "/router/sub/small", "3");
	c = del1(c, "/router");
	const struct root_data *r = conf_data(c);
	CU_ASSERT(!r->presence && !r->small);
	conf_unref(c);
}

static void
unknown_paths_are_not_our_business(void)
{
	struct conf_object *c = conf_new(&root_class);
	c = set1(c, "/x:other/thing[k='v']/leaf", "5");
	CU_ASSERT_PTR_NOT_NULL(c);
	c = set1(c, "/interfaces/interface[name='e']/description", "uplink");
	CU_ASSERT_EQUAL(conf_count(c, &iface_class), 1);
	CU_ASSERT(conf_knows(&root_class, "/interfaces/interface[name='e']/ospf/cost"));
	CU_ASSERT(conf_knows(&root_class, "/interfaces/interface[name='e']/ospf"));
	CU_ASSERT(!conf_knows(&root_class, "/interfaces/interface[name='e']/description"));
	conf_unref(c);
}

static void
old_versions_do_not_change(void)
{
	struct conf_object *a = conf_new(&root_class);
	a = set1(a, "/interfaces/interface[name='e']/mtu", "1");
	struct conf_object *b = set1(conf_ref(a), "/interfaces/interface[name='e']/mtu", "2");
	struct conf_object *c = del1(conf_ref(b), "/interfaces/interface[name='e']");
	CU_ASSERT_EQUAL(((const struct iface_data *)conf_data(conf_child(a, &iface_class, "e")))->mtu, 1);
	CU_ASSERT_EQUAL(((const struct iface_data *)conf_data(conf_child(b, &iface_class, "e")))->mtu, 2);
	CU_ASSERT_PTR_NULL(conf_child(c, &iface_class, "e"));
	struct conf_edit bad[] = {{CONF_OP_SET, "/interfaces/interface[name='n']/mtu", "3"},
		{CONF_OP_SET, "/interfaces/interface[name='e']/mtu", "no"}};
	CU_ASSERT_PTR_NULL(conf_edit(a, bad, 2, &err));
	CU_ASSERT_EQUAL(conf_count(a, &iface_class), 1);
	conf_unref(a);
	conf_unref(c);
	conf_unref(b);
}

struct seen {
	char text[512];
};

static void
note(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	struct seen *s = arg;
	size_t at = strlen(s->text);
	(void)old_parent;
	snprintf(s->text + at, sizeof(s->text) - at, "%c%s:%s:%u%s ", old ? new ? '=' : '-' : '+',
		*cls->path ? cls->path : "/", conf_key(new ? new : old), effects,
		new &&new_parent && cls == &key_class ? conf_key(new_parent) : "");
}

static void
differences_come_with_effects(void)
{
	struct seen s = {""};
	struct conf_object *a = conf_new(&root_class);
	a = set1(a, "/interfaces/interface[name='a']/ospf/cost", "1");
	a = set1(a, "/interfaces/interface[name='b']/ospf/cost", "1");
	struct conf_object *b = conf_ref(a);
	b = set1(b, "/interfaces/interface[name='a']/ospf/cost", "2");
	b = set1(b, "/interfaces/interface[name='b']/ospf/cost", "1"); /* the same again */
	b = set1(b, "/interfaces/interface[name='c']/auth/keys/key[key-id='1']/text", "x");
	b = set1(b, "/router/id", "1.1.1.1");
	conf_diff(a, b, note, &s);
	CU_ASSERT_STRING_EQUAL(s.text, "=/::16 =interfaces/interface:a:1 +interfaces/interface:c:4 "
				       "+auth/keys/key:1:8c ");
	s.text[0] = '\0';
	conf_diff(b, a, note, &s);
	CU_ASSERT_STRING_EQUAL(s.text, "=/::16 =interfaces/interface:a:1 -interfaces/interface:c:4 "
				       "-auth/keys/key:1:8 ");
	s.text[0] = '\0';
	conf_diff(NULL, a, note, &s);
	CU_ASSERT_STRING_EQUAL(s.text, "+/::0 +interfaces/interface:a:4 +interfaces/interface:b:4 ");
	s.text[0] = '\0';
	conf_diff(a, a, note, &s);
	CU_ASSERT_STRING_EQUAL(s.text, "");
	conf_unref(a);
	conf_unref(b);
}

static void
checks_refuse_with_the_path_of_the_object(void)
{
	struct conf_object *a = conf_new(&root_class);
	struct conf_object *b = set1(conf_ref(a), "/interfaces/interface[name='a']/ospf/cost", "665");
	CU_ASSERT(conf_check(a, b, &err));
	struct conf_object *c = set1(conf_ref(b), "/interfaces/interface[name='a']/ospf/cost", "666");
	CU_ASSERT(!conf_check(b, c, &err));
	CU_ASSERT_STRING_EQUAL(err.path, "/interfaces/interface[name='a']");
	CU_ASSERT_STRING_EQUAL(err.message, "666 is taken");
	CU_ASSERT(!conf_check(NULL, c, &err));
	CU_ASSERT(conf_check(c, c, &err)); /* nothing differs, nothing is looked at */
	conf_unref(a);
	conf_unref(b);
	conf_unref(c);
}

static size_t visits;

static void
count_visit(void *arg, const struct conf_class *cls, const struct conf_object *old,
	const struct conf_object *new, const struct conf_object *old_parent,
	const struct conf_object *new_parent, uint32_t effects)
{
	(void)arg, (void)cls, (void)old, (void)new, (void)old_parent, (void)new_parent, (void)effects;
	visits++;
}

/* The work of one edit among 10,000 is counted in allocations, not in time. */
static void
an_edit_shares_all_that_it_does_not_touch(void)
{
	enum { N = 10000 };
	struct conf_edit *edits = mem_array(N, sizeof(*edits));
	static char paths[N][64];
	for (int i = 0; i < N; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/interfaces/interface[name='e%d']/mtu", i);
		edits[i] = (struct conf_edit){CONF_OP_SET, paths[i], "1500"};
	}
	struct conf_object *root = conf_new(&root_class);
	struct conf_object *a = conf_edit(root, edits, N, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_EQUAL(conf_count(a, &iface_class), N);
	struct conf_object *b = set1(conf_ref(a), paths[4711], "9000");
	size_t shared = 0, n = 0;
	for (const struct conf_object *o = NULL; (o = conf_next(b, &iface_class, o)); n++)
		shared += conf_child(a, &iface_class, conf_key(o)) == o;
	CU_ASSERT_EQUAL(n, N);
	CU_ASSERT_EQUAL(shared, N - 1);
	visits = 0;
	conf_diff(a, b, count_visit, NULL);
	CU_ASSERT_EQUAL(visits, 1);
	conf_unref(root);
	conf_unref(a);
	conf_unref(b);
	mem_free(edits);
}

UNIT_TESTS("conf", {"every type is parsed", every_type_is_parsed},
	{"bad values are refused with their path", bad_values_are_refused_with_their_path},
	{"entries come with the first set and go with delete",
		entries_come_with_the_first_set_and_go_with_delete},
	{"deletes zero what is below", deletes_zero_what_is_below},
	{"unknown paths are not our business", unknown_paths_are_not_our_business},
	{"old versions do not change", old_versions_do_not_change},
	{"differences come with effects", differences_come_with_effects},
	{"checks refuse with the path of the object", checks_refuse_with_the_path_of_the_object},
	{"an edit shares all that it does not touch", an_edit_shares_all_that_it_does_not_touch})
