/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All parts of the core, for core.c that ties them together. */
#ifndef GREVY_ZEBRA_CORE_PARTS_H
#define GREVY_ZEBRA_CORE_PARTS_H

#include "zebra/detour.h"
#include "zebra/dplane.h"
#include "zebra/gate.h"
#include "zebra/iface_conf.h"
#include "zebra/lan.h"
#include "zebra/nht.h"
#include "zebra/redist.h"
#include "zebra/repair.h"
#include "zebra/rib_fib.h"
#include "zebra/rib_import.h"
#include "zebra/routerid.h"
#include "zebra/source.h"
#include "zebra/statics.h"
#include "zebra/sweep.h"
#include "zebra/track.h"
#include "zebra/vaddr.h"
#include "zebra/vlink.h"

#endif
