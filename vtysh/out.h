/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where output goes: through a chain of filters to the terminal (with a pager), a pipe or a file. */
#ifndef GREVY_VTYSH_OUT_H
#define GREVY_VTYSH_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct out;

struct out *out_new(void);
void out_free(struct out *o);
void out_to(struct out *o, FILE *f); /* in place of stdout */
/*
 * Takes `| include X | count ...` for the next command; false: err says what is wrong. *json is set
 * by `| json`, *compare by `| compare`. page: lines of the pager's page, 0: none.
 */
bool out_begin(struct out *o, const char *pipes, unsigned page, bool *json, bool *compare, char *err, size_t size);
void out_end(struct out *o);
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_text(struct out *o, const char *text);
void out_bytes(struct out *o, const char *text, size_t len);
bool out_stopped(const struct out *o); /* nobody wants more (q in the pager, last filter satisfied) */

#endif
