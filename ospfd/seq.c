/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers of LSAs and which of two instances is newer. */
#include "ospfd/seq.h"

#include "ospfd/lsdb.h"

int32_t
seq_next(int32_t current)
{
	/* RFC 2328 12.1.6: the number is linear and signed, from 0x80000001 to 0x7fffffff */
	return current == LSA_SEQ_MAX ? 0 : current + 1 == 0 ? 1 : current + 1;
}

bool
seq_valid(int32_t seq)
{
	return seq != INT32_MIN; /* 0x80000000 is reserved */
}

int
lsa_compare(const struct lsa_hdr *a, const struct lsa_hdr *b)
{
	/* RFC 2328 13.1 */
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	if (a->cksum != b->cksum)
		return a->cksum < b->cksum ? -1 : 1;
	bool amax = a->age >= LSA_MAX_AGE, bmax = b->age >= LSA_MAX_AGE;
	if (amax != bmax)
		return amax ? 1 : -1;
	int diff = (int)a->age - (int)b->age;
	if (diff > LSA_MAX_AGE_DIFF)
		return -1;
	if (diff < -LSA_MAX_AGE_DIFF)
		return 1;
	return 0;
}
