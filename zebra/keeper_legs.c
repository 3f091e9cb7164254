/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups with and without their keeper. Pure. */
#include "zebra/keeper_legs.h"

#include <string.h>

#include "zebra/kernel.h"

#define WEIGHT_MAX 255u /* the kernel's */

static unsigned
leg_weight(const struct dplane_leg *leg)
{
	if (leg->weight == 0)
		return 1;
	return leg->weight > WEIGHT_MAX ? WEIGHT_MAX : leg->weight;
}

bool
keeper_join(const struct keeper *k, const struct dplane_op *op, struct dplane_op *out,
	struct dplane_leg legs[DPLANE_LEGS_MAX + 1])
{
	bool have = op->keep == AFI_IP4 ? k->ip4 : op->keep == AFI_IP6 && k->ip6;
	unsigned count = op->u.group.count, max = 1;
	if (op->kind != DPLANE_GROUP || !have || count == 0 || count > DPLANE_LEGS_MAX)
		return false;
	const struct dplane_leg keeper = {op->keep == AFI_IP4 ? KEEPER_ID4 : KEEPER_ID6, 1};
	for (unsigned i = 0; i < count; i++)
		max = leg_weight(&op->u.group.legs[i]) > max ? leg_weight(&op->u.group.legs[i]) : max;
	legs[k->first ? 0 : count] = keeper;
	for (unsigned i = 0; i < count; i++) {
		struct dplane_leg *leg = &legs[i + (k->first ? 1 : 0)];
		*leg = op->u.group.legs[i];
		leg->weight = (uint16_t) (leg_weight(leg) * (WEIGHT_MAX / max));
	}
	*out = *op;
	out->u.group.legs = legs;
	out->u.group.count = (uint16_t) (count + 1);
	return true;
}

bool
keeper_owns_link(const char *name)
{
	return strcmp(name, KEEPER_LINK) == 0 || strcmp(name, KEEPER_PEER) == 0;
}

static unsigned
common_divisor(unsigned a, unsigned b)
{
	while (b != 0) {
		unsigned rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

void
keeper_leave(struct kernel_nexthop *nh)
{
	unsigned kept = 0, divisor = 0;
	bool found = false;
	for (unsigned i = 0; nh->group && i < nh->leg_count; i++)
		found = found || nh->legs[i].id >= DPLANE_ID_RESERVED;
	if (!found)
		return;
	for (unsigned i = 0; i < nh->leg_count; i++) {
		if (nh->legs[i].id >= DPLANE_ID_RESERVED)
			continue;
		divisor = common_divisor(divisor, nh->legs[i].weight);
		nh->legs[kept++] = nh->legs[i];
	}
	nh->leg_count = (uint16_t) kept;
	for (unsigned i = 0; i < kept && divisor > 1; i++)
		nh->legs[i].weight = (uint16_t) (nh->legs[i].weight / divisor);
}
