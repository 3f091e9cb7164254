/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one nftables table that zebra writes, and only when a virtual router has its accept mode off:
 *
 *	table inet grevy {
 *		set v4 { type ipv4_addr }		set v6 { type ipv6_addr }
 *		chain accept-mode {
 *			type filter hook input priority raw; policy accept
 *			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept	# RFC 9568 6.4.3
 *			ip daddr @v4 drop
 *			ip6 daddr @v6 drop
 *		}
 *	}
 *
 * ARP does not come by here, nor does what is forwarded. The whole table is replaced in one transaction.
 */
#ifndef GREVY_ZEBRA_NL_NFT_H
#define GREVY_ZEBRA_NL_NFT_H

#include "zebra/nl.h"

struct ipaddr;

#define NL_NFT_TABLE "grevy"
#define NL_NFT_ROOM(count) (4096 + 64 * (count)) /* octets that are enough */

/*
 * The transaction: the table with these addresses; without any: no table. Its messages are numbered
 * from seq on, the last one that is answered is *last. False: no room.
 */
bool nl_nft_encode(struct nl_writer *w, const struct ipaddr *addresses, size_t count, uint32_t seq, uint32_t *last);
/* Is this event the deletion of our table? */
bool nl_nft_deleted(const struct nl_msg *msg);

#endif
