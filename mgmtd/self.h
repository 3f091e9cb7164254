/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mgmtd's own configuration: its log. It reads it from running, nobody has to tell it. */
#ifndef GREVY_MGMTD_SELF_H
#define GREVY_MGMTD_SELF_H

#include <stdint.h>

struct mgmtd;

uint32_t self_owner(const struct mgmtd *m); /* the bit of owner "mgmtd" */
void self_apply(struct mgmtd *m);

#endif
