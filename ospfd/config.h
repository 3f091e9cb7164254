/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as mgmtd sends it (lib/conf tables) and its translation to settings.h's value. */
#ifndef GREVY_OSPFD_CONFIG_H
#define GREVY_OSPFD_CONFIG_H

#include "lib/conf.h"

struct ospf_config;

extern const struct conf_class config_root;

/* The whole value for ospf_reconfigure; NULL when OSPF is not configured. The caller owns it. */
struct ospf_config *config_build(const struct conf_object *root);

#endif
