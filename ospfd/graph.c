/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index-linked graph of an area. A vertex's edges are one run of rows in graph.edges; a run that
 * has become too small is copied to the end with some room, and the holes are squeezed out when
 * they are more than half of the array.
 */
#include "ospfd/graph.h"

#include <assert.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/mem.h"

#define LINKS_MAX 8192 /* links of one vertex that count; an LSA of 64 KiB cannot hold more */

struct vertex_name { /* what the hash finds */
	struct spf_vertex key;
	uint32_t index;
};

static bool
name_equal(const void *item, const void *key)
{
	const struct vertex_name *n = item;
	const struct spf_vertex *k = key;
	return n->key.id == k->id && n->key.adv == k->adv && n->key.kind == k->kind;
}

static uint32_t
key_hash(const struct graph *g, const struct spf_vertex *k)
{
	uint32_t words[3] = { k->id, k->adv, k->kind };
	return hash_bytes(g->seed, words, sizeof(words));
}

struct graph *
graph_new(uint64_t seed)
{
	struct graph *g = mem_zalloc(sizeof(*g));
	g->index = hash_new(name_equal);
	g->seed = seed;
	g->free = g->root = GRAPH_NONE;
	return g;
}

void
graph_free(struct graph *g)
{
	if (!g)
		return;
	struct vertex_name *n;
	for (size_t pos = 0; (n = hash_next(g->index, &pos)) != NULL;)
		mem_free(n);
	hash_free(g->index);
	mem_free(g->vertices);
	mem_free(g->edges);
	mem_free(g->marked);
	mem_free(g->links);
	mem_free(g->prefixes);
	mem_free(g);
}

/* --- vertices ----------------------------------------------------------------------------------- */
uint32_t
graph_find(const struct graph *g, const struct spf_vertex *key)
{
	const struct vertex_name *n = hash_find(g->index, key_hash(g, key), key);
	return n ? n->index : GRAPH_NONE;
}

static uint32_t
row_take(struct graph *g)
{
	uint32_t v = g->free;
	if (v != GRAPH_NONE) {
		g->free = g->vertices[v].first;
		return v;
	}
	if (g->count == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 64;
		g->vertices = mem_realloc(g->vertices, g->cap * sizeof(*g->vertices));
	}
	return g->count++;
}

uint32_t
graph_make(struct graph *g, const struct spf_vertex *key)
{
	uint32_t hash = key_hash(g, key);
	struct vertex_name *n = hash_find(g->index, hash, key);
	if (n)
		return n->index;
	uint32_t v = row_take(g);
	g->vertices[v] = (struct vertex){ .key = *key, .used = true, .dist = SPF_UNREACHABLE };
	n = mem_zalloc(sizeof(*n));
	*n = (struct vertex_name){ *key, v };
	hash_insert(g->index, hash, n);
	return v;
}

static void
row_give(struct graph *g, uint32_t v)
{
	struct vertex *x = &g->vertices[v];
	mem_free(hash_remove(g->index, key_hash(g, &x->key), &x->key));
	g->edge_used -= x->cap;
	*x = (struct vertex){ .first = g->free, .dist = SPF_UNREACHABLE };
	g->free = v;
	if (g->root == v)
		g->root = GRAPH_NONE;
}

void
graph_sweep(struct graph *g)
{
	for (uint32_t v = 0; v < g->count; v++) {
		const struct vertex *x = &g->vertices[v];
		if (x->used && !x->present && !x->in && !x->marks && !x->prefixes && !x->count && !x->legs)
			row_give(g, v);
	}
}

/* --- edges -------------------------------------------------------------------------------------- */
static void
edges_compact(struct graph *g)
{
	struct edge *fresh = mem_array(g->edge_cap, sizeof(*fresh));
	uint32_t at = 0;
	for (uint32_t v = 0; v < g->count; v++) {
		struct vertex *x = &g->vertices[v];
		if (!x->used || !x->cap)
			continue;
		memcpy(fresh + at, g->edges + x->first, x->count * sizeof(*fresh));
		x->first = at;
		x->cap = x->count;
		at += x->count;
	}
	mem_free(g->edges);
	g->edges = fresh;
	g->edge_count = g->edge_used = at;
}

/* Room for `count` edges of v; their contents are lost. */
static void
edges_reserve(struct graph *g, uint32_t v, uint32_t count)
{
	struct vertex *x = &g->vertices[v];
	x->count = 0;
	if (count <= x->cap)
		return;
	g->edge_used -= x->cap;
	x->cap = 0;
	if (g->edge_count > 1024 && g->edge_used < g->edge_count / 2)
		edges_compact(g);
	uint32_t cap = count + count / 4;
	if (g->edge_count + cap > g->edge_cap) {
		g->edge_cap = 2 * (g->edge_count + cap);
		g->edges = mem_realloc(g->edges, g->edge_cap * sizeof(*g->edges));
	}
	x->first = g->edge_count;
	x->cap = cap;
	g->edge_count += cap;
	g->edge_used += cap;
}

/* Sets or clears EDGE_TWO_WAY on all edges from -> to; false: there are none. */
static bool
edges_two_way(struct graph *g, uint32_t from, uint32_t to, bool on)
{
	const struct vertex *x = &g->vertices[from];
	bool any = false;
	for (uint32_t i = 0; i < x->count; i++) {
		struct edge *e = &g->edges[x->first + i];
		if (e->to != to)
			continue;
		e->flags = on ? e->flags | EDGE_TWO_WAY : e->flags & ~(uint32_t)EDGE_TWO_WAY;
		any = true;
	}
	return any;
}

static void
edges_drop(struct graph *g, uint32_t v)
{
	struct vertex *x = &g->vertices[v];
	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t to = g->edges[x->first + i].to;
		if (g->edges[x->first + i].flags & EDGE_TWO_WAY)
			edges_two_way(g, to, v, false);
		g->vertices[to].in--;
	}
	x->count = 0;
}

void
graph_set_links(struct graph *g, uint32_t v, bool present, uint8_t flags,
	const struct spf_link *links, size_t count)
{
	edges_drop(g, v);
	edges_reserve(g, v, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		const struct spf_link *l = &links[i];
		uint32_t to = graph_make(g, &(struct spf_vertex){
			.kind = l->to, .id = l->to_id, .adv = l->to_adv });
		if (to == v)
			continue; /* a link to itself leads nowhere */
		struct vertex *x = &g->vertices[v];
		g->edges[x->first + x->count++] = (struct edge){ .to = to, .cost = l->cost,
			.data = l->data, .flags = (l->point_to_point ? EDGE_P2P : 0u) |
				(l->virtual_link ? EDGE_VIRTUAL : 0u) };
		g->vertices[to].in++;
	}
	struct vertex *x = &g->vertices[v];
	g->present += (uint32_t)present - (uint32_t)x->present;
	x->present = present;
	x->flags = flags;
	/* RFC 2328 16.1 (2) (b): a link counts if the other end links back */
	for (uint32_t i = 0; i < x->count; i++) {
		struct edge *e = &g->edges[x->first + i];
		if (edges_two_way(g, e->to, v, true))
			e->flags |= EDGE_TWO_WAY;
	}
}

/* --- in step with the database --------------------------------------------------------------------- */
void
graph_mark(struct graph *g, uint32_t v, uint8_t marks)
{
	struct vertex *x = &g->vertices[v];
	if (!x->marks) {
		if (g->marked_count == g->marked_cap) {
			g->marked_cap = g->marked_cap ? 2 * g->marked_cap : 64;
			g->marked = mem_realloc(g->marked, g->marked_cap * sizeof(*g->marked));
		}
		g->marked[g->marked_count++] = v;
	}
	x->marks |= marks;
}

void
graph_lsa_changed(struct graph *g, const struct ospf_version *ver, const struct lsa *l,
	enum ospf_change kind)
{
	struct spf_vertex key;
	if (kind == CHANGE_NONE || !ver->vertex_get(l, &key))
		return;
	graph_mark(g, graph_make(g, &key),
		kind == CHANGE_TOPOLOGY ? MARK_LINKS | MARK_PREFIXES : MARK_PREFIXES);
}

bool
graph_links_marked(const struct graph *g)
{
	for (uint32_t i = 0; i < g->marked_count; i++)
		if (g->vertices[g->marked[i]].marks & MARK_LINKS)
			return true;
	return false;
}

static size_t
links_collect(struct graph *g, const struct ospf_version *ver, const struct lsa *l, size_t count)
{
	struct wire_reader r = ver->links_begin(l);
	for (;;) {
		if (count == g->link_cap) {
			g->link_cap = g->link_cap ? 2 * g->link_cap : 64;
			g->links = mem_realloc(g->links, g->link_cap * sizeof(*g->links));
		}
		if (count == LINKS_MAX || !ver->link_next(l, &r, &g->links[count]))
			return count;
		count++;
	}
}

static void
links_read(struct graph *g, uint32_t v, const struct ospf_version *ver, const struct lsdb *db)
{
	struct spf_vertex key = g->vertices[v].key;
	size_t count = 0;
	uint32_t adv = 0;
	uint8_t flags = 0;
	bool present = false;
	for (const struct lsa *l = NULL; (l = ver->vertex_lsa(db, &key, l)) != NULL;) {
		present = true;
		adv = l->hdr.key.adv;
		if (key.kind == VERTEX_ROUTER)
			flags |= ver->router_flags(l);
		count = links_collect(g, ver, l, count);
	}
	graph_set_links(g, v, present, flags, g->links, count);
	g->vertices[v].adv = adv;
}

static void
prefixes_read(struct graph *g, uint32_t v, const struct ospf_version *ver, const struct lsdb *db)
{
	struct spf_vertex key = g->vertices[v].key;
	g->prefix_count = 0;
	for (const struct lsa *l = NULL; (l = ver->vertex_lsa(db, &key, l)) != NULL;) {
		struct wire_reader r = ver->prefixes_begin(l);
		struct spf_prefix p;
		while (ver->prefix_next(l, &r, &p)) {
			if (g->prefix_count == g->prefix_cap) {
				g->prefix_cap = g->prefix_cap ? 2 * g->prefix_cap : 64;
				g->prefixes = mem_realloc(g->prefixes,
					g->prefix_cap * sizeof(*g->prefixes));
			}
			g->prefixes[g->prefix_count++] = p;
		}
	}
}

void
graph_sync(struct graph *g, const struct ospf_version *ver, const struct lsdb *db,
	bool links_too, graph_prefixes_fn *told, void *arg)
{
	uint32_t kept = 0;
	/* links may make vertices, but mark none */
	for (uint32_t i = 0; i < g->marked_count; i++) {
		uint32_t v = g->marked[i];
		uint8_t marks = g->vertices[v].marks;
		if ((marks & MARK_LINKS) && !links_too) {
			g->marked[kept++] = v;
			continue;
		}
		g->vertices[v].marks = 0;
		if (marks & MARK_LINKS)
			links_read(g, v, ver, db);
		if (marks & MARK_PREFIXES) {
			prefixes_read(g, v, ver, db);
			told(arg, v, g->prefixes, g->prefix_count);
		}
	}
	g->marked_count = kept;
}
