/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One field of a configuration object; private to lib/conf*.c. */
#ifndef GREVY_LIB_CONF_FIELD_H
#define GREVY_LIB_CONF_FIELD_H

#include "lib/conf.h"

/* false: err->message says what was expected */
bool conf_field_set(const struct conf_field *f, unsigned char *data, const char *value,
	struct conf_error *err);
void conf_field_clear(const struct conf_field *f, unsigned char *data);
bool conf_field_equal(const struct conf_field *f, const unsigned char *a, const unsigned char *b);

#endif
