/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The topology of one area as an index-linked graph, kept in step with the database: installs and
 * removals of LSAs only mark vertices; graph_sync reads the marked ones again before a calculation.
 * Vertices and edges are rows of arrays, linked by index; no LSA pointer is kept.
 *
 * Owns vertices, edges and what SPF found for each vertex. A vertex lives while it has an LSA, an edge
 * to it, a mark or prefixes; indices are re-used after that.
 * Invariant after graph_sync: EDGE_TWO_WAY is set if and only if the other end links back
 * (RFC 2328 16.1 (2) (b)).
 */
#ifndef GREVY_OSPFD_GRAPH_H
#define GREVY_OSPFD_GRAPH_H

#include "ospfd/version.h"

#define GRAPH_NONE UINT32_MAX
#define SPF_UNREACHABLE UINT32_MAX

struct ospf_leg;
struct hash;
struct vertex_prefixes; /* routes.c: the prefixes that hang off a vertex */

enum edge_flags { EDGE_TWO_WAY = 1, EDGE_P2P = 2, EDGE_VIRTUAL = 4 };
struct edge {
	uint32_t to; /* vertex */
	uint32_t cost;
	uint32_t data; /* spf_link.data */
	uint32_t flags;
};

enum vertex_marks { MARK_LINKS = 1, MARK_PREFIXES = 2 };
struct vertex {
	struct spf_vertex key;
	uint32_t first, count, cap; /* edges: rows of graph.edges */
	uint32_t in;                /* edges of others that lead here */
	bool used;                  /* the row is taken */
	bool present;               /* there is an LSA */
	uint8_t marks;              /* enum vertex_marks */
	uint8_t flags;              /* RTR_* */
	uint32_t adv;               /* originator of its LSA */
	struct vertex_prefixes *prefixes;
	/* what SPF found last: */
	uint32_t dist;
	const struct ospf_leg *legs; /* interned, NULL: none (root, unreachable) */
};

struct graph {
	struct vertex *vertices;
	uint32_t count, cap; /* rows, some unused */
	uint32_t free;       /* list of unused rows through `first` */
	struct edge *edges;
	uint32_t edge_count, edge_cap, edge_used;
	struct hash *index; /* of struct vertex_name */
	uint64_t seed;
	uint32_t *marked; /* vertices with marks */
	uint32_t marked_count, marked_cap;
	uint32_t present; /* vertices with an LSA */
	uint32_t root;    /* of the last calculation */
	/* scratch of graph_sync, kept from one to the next */
	struct spf_link *links;
	struct spf_prefix *prefixes;
	size_t link_cap, prefix_count, prefix_cap;
};

struct graph *graph_new(uint64_t seed);
void graph_free(struct graph *g); /* legs and prefixes have been released by their owners */

uint32_t graph_find(const struct graph *g, const struct spf_vertex *key); /* GRAPH_NONE */
uint32_t graph_make(struct graph *g, const struct spf_vertex *key); /* found or new */
void graph_mark(struct graph *g, uint32_t v, uint8_t marks);
/* An LSA that describes a vertex came, went or changed. */
void graph_lsa_changed(struct graph *g, const struct ospf_version *ver, const struct lsa *l,
	enum ospf_change kind);
/* Replaces all links of a vertex; present: it has an LSA. */
void graph_set_links(struct graph *g, uint32_t v, bool present, uint8_t flags,
	const struct spf_link *links, size_t count);
/*
 * Reads what is marked from the database. links_too false: only prefixes of vertices whose links are
 * not marked. prefixes_read is told the prefixes of each; it owns vertex.prefixes.
 */
typedef void graph_prefixes_fn(void *arg, uint32_t vertex, const struct spf_prefix *prefixes,
	size_t count);
void graph_sync(struct graph *g, const struct ospf_version *ver, const struct lsdb *db,
	bool links_too, graph_prefixes_fn *prefixes_read, void *arg);
bool graph_links_marked(const struct graph *g);
/* Drops vertices that nothing holds any more. Their legs must be NULL: call after spf_run. */
void graph_sweep(struct graph *g);

static inline const struct edge *
graph_edges(const struct graph *g, uint32_t v)
{
	return g->edges + g->vertices[v].first;
}

#endif
