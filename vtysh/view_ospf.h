/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the OSPF views share. */
#ifndef GREVY_VTYSH_VIEW_OSPF_H
#define GREVY_VTYSH_VIEW_OSPF_H

#include "vtysh/view.h"
#include "vtysh/views.h"

/* The instance's row, NULL: ospfd is down (said) or OSPF is not configured (said too, or `{}`). */
json_t *ospf_instance(const struct exec_call *c);
/* Opens the document; with `vrf X` everything is below "default", as exporters expect. */
void ospf_json_start(const struct exec_call *c, struct jw *w);
void ospf_json_end(const struct exec_call *c, struct jw *w);
/* All rows of a producer as an array (json_decref it). */
json_t *ospf_rows(const struct exec_call *c, const char *path, const struct key_value *kv, unsigned n);
const char *ospf_options(unsigned options, char out[32]); /* *|O|-|-|-|-|E|- */

#endif
