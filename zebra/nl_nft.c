/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec of nftables' messages, as far as accept mode needs them; see nl_nft.h. Pure. */
#include "zebra/nl_nft.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/prefix.h"

#define CHAIN "accept-mode"
#define ELEMENTS_MAX 512 /* in one message: a nest has 16 bits of length */
#define PRIORITY_RAW UINT32_C(0xfffffed4) /* -300 */
#define ND_SOLICIT 135
#define ND_ADVERT  136

/* The sets, by family. */
static const struct {
	uint8_t afi, nfproto, octets, offset; /* offset: of the destination in the header */
	uint8_t type;                         /* nft's number of the data type */
	const char *name;
} sets[] = {
	{AFI_IP4, NFPROTO_IPV4, 4, 16, 7, "v4"},
	{AFI_IP6, NFPROTO_IPV6, 16, 24, 8, "v6"},
};
#define SETS (sizeof(sets) / sizeof(sets[0]))

struct batch {
	struct nl_writer *w;
	uint32_t seq, last;
	bool good;
};

static void
begin(struct batch *b, uint16_t type, uint16_t flags, uint8_t family, uint16_t res_id)
{
	const struct nfgenmsg g = {.nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(res_id)};
	nl_msg_begin(b->w, type, NLM_F_REQUEST | flags, b->seq++, &g, sizeof(g));
}

static void
begin_nft(struct batch *b, unsigned message, uint16_t flags)
{
	b->last = b->seq;
	begin(b, (uint16_t) (NFNL_SUBSYS_NFTABLES << 8 | message), flags, NFPROTO_INET, 0);
}

static void
end(struct batch *b)
{
	b->good = nl_msg_end(b->w) && b->good;
}

static void
put_text(struct batch *b, uint16_t type, const char *text)
{
	nl_put(b->w, type, text, strlen(text) + 1);
}

static void
put_be32(struct batch *b, uint16_t type, uint32_t v)
{
	nl_put_u32(b->w, type, htonl(v));
}

static void
table(struct batch *b, unsigned message, uint16_t flags)
{
	begin_nft(b, message, flags);
	put_text(b, NFTA_TABLE_NAME, NL_NFT_TABLE);
	end(b);
}

static void
chain(struct batch *b)
{
	begin_nft(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	put_text(b, NFTA_CHAIN_TABLE, NL_NFT_TABLE);
	put_text(b, NFTA_CHAIN_NAME, CHAIN);
	size_t hook = nl_nest_begin(b->w, NFTA_CHAIN_HOOK);
	put_be32(b, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_IN);
	put_be32(b, NFTA_HOOK_PRIORITY, PRIORITY_RAW);
	nl_nest_end(b->w, hook);
	put_text(b, NFTA_CHAIN_TYPE, "filter");
	put_be32(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
	end(b);
}

/* --- sets ----------------------------------------------------------------------------------------- */

static void
set(struct batch *b, unsigned i)
{
	begin_nft(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	put_text(b, NFTA_SET_TABLE, NL_NFT_TABLE);
	put_text(b, NFTA_SET_NAME, sets[i].name);
	put_be32(b, NFTA_SET_FLAGS, 0);
	put_be32(b, NFTA_SET_KEY_TYPE, sets[i].type);
	put_be32(b, NFTA_SET_KEY_LEN, sets[i].octets);
	put_be32(b, NFTA_SET_ID, i + 1);
	end(b);
}

static void
element(struct batch *b, const struct ipaddr *a)
{
	size_t list = nl_nest_begin(b->w, NFTA_LIST_ELEM);
	size_t key = nl_nest_begin(b->w, NFTA_SET_ELEM_KEY);
	nl_put_addr(b->w, NFTA_DATA_VALUE, a);
	nl_nest_end(b->w, key);
	nl_nest_end(b->w, list);
}

/* From *at on, one message's worth; true: there was something. */
static bool
elements(struct batch *b, unsigned i, const struct ipaddr *addresses, size_t count, size_t *at)
{
	unsigned n = 0;
	while (*at < count && addresses[*at].afi != sets[i].afi)
		++*at;
	if (*at == count)
		return false;
	begin_nft(b, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
	put_text(b, NFTA_SET_ELEM_LIST_TABLE, NL_NFT_TABLE);
	put_text(b, NFTA_SET_ELEM_LIST_SET, sets[i].name);
	put_be32(b, NFTA_SET_ELEM_LIST_SET_ID, i + 1);
	size_t nest = nl_nest_begin(b->w, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (; *at < count && n < ELEMENTS_MAX; ++*at)
		if (addresses[*at].afi == sets[i].afi) {
			element(b, &addresses[*at]);
			n++;
		}
	nl_nest_end(b->w, nest);
	end(b);
	return true;
}

/* --- rules ---------------------------------------------------------------------------------------- */

struct expr {
	size_t elem, data;
};

static struct expr
expr_begin(struct batch *b, const char *name)
{
	struct expr e = {.elem = nl_nest_begin(b->w, NFTA_LIST_ELEM)};
	put_text(b, NFTA_EXPR_NAME, name);
	e.data = nl_nest_begin(b->w, NFTA_EXPR_DATA);
	return e;
}

static void
expr_end(struct batch *b, struct expr e)
{
	nl_nest_end(b->w, e.data);
	nl_nest_end(b->w, e.elem);
}

static void
expr_meta(struct batch *b, uint32_t key)
{
	struct expr e = expr_begin(b, "meta");
	put_be32(b, NFTA_META_DREG, NFT_REG_1);
	put_be32(b, NFTA_META_KEY, key);
	expr_end(b, e);
}

static void
expr_compare(struct batch *b, uint32_t op, uint8_t value)
{
	struct expr e = expr_begin(b, "cmp");
	put_be32(b, NFTA_CMP_SREG, NFT_REG_1);
	put_be32(b, NFTA_CMP_OP, op);
	size_t data = nl_nest_begin(b->w, NFTA_CMP_DATA);
	nl_put_u8(b->w, NFTA_DATA_VALUE, value);
	nl_nest_end(b->w, data);
	expr_end(b, e);
}

static void
expr_payload(struct batch *b, uint32_t base, uint32_t offset, uint32_t len)
{
	struct expr e = expr_begin(b, "payload");
	put_be32(b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_be32(b, NFTA_PAYLOAD_BASE, base);
	put_be32(b, NFTA_PAYLOAD_OFFSET, offset);
	put_be32(b, NFTA_PAYLOAD_LEN, len);
	expr_end(b, e);
}

static void
expr_lookup(struct batch *b, unsigned i)
{
	struct expr e = expr_begin(b, "lookup");
	put_text(b, NFTA_LOOKUP_SET, sets[i].name);
	put_be32(b, NFTA_LOOKUP_SREG, NFT_REG_1);
	put_be32(b, NFTA_LOOKUP_SET_ID, i + 1);
	expr_end(b, e);
}

static void
expr_verdict(struct batch *b, uint32_t code)
{
	struct expr e = expr_begin(b, "immediate");
	put_be32(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	size_t data = nl_nest_begin(b->w, NFTA_IMMEDIATE_DATA);
	size_t verdict = nl_nest_begin(b->w, NFTA_DATA_VERDICT);
	put_be32(b, NFTA_VERDICT_CODE, code);
	nl_nest_end(b->w, verdict);
	nl_nest_end(b->w, data);
	expr_end(b, e);
}

static size_t
rule_begin(struct batch *b)
{
	begin_nft(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	put_text(b, NFTA_RULE_TABLE, NL_NFT_TABLE);
	put_text(b, NFTA_RULE_CHAIN, CHAIN);
	return nl_nest_begin(b->w, NFTA_RULE_EXPRESSIONS);
}

/* RFC 9568 6.4.3: an IPv6 master answers for the address whether it accepts packets or not. */
static void
rule_neighbours(struct batch *b)
{
	size_t nest = rule_begin(b);
	expr_meta(b, NFT_META_NFPROTO);
	expr_compare(b, NFT_CMP_EQ, NFPROTO_IPV6);
	expr_meta(b, NFT_META_L4PROTO);
	expr_compare(b, NFT_CMP_EQ, IPPROTO_ICMPV6);
	expr_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	expr_compare(b, NFT_CMP_GTE, ND_SOLICIT);
	expr_payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	expr_compare(b, NFT_CMP_LTE, ND_ADVERT);
	expr_verdict(b, NF_ACCEPT);
	nl_nest_end(b->w, nest);
	end(b);
}

static void
rule_drop(struct batch *b, unsigned i)
{
	size_t nest = rule_begin(b);
	expr_meta(b, NFT_META_NFPROTO);
	expr_compare(b, NFT_CMP_EQ, sets[i].nfproto);
	expr_payload(b, NFT_PAYLOAD_NETWORK_HEADER, sets[i].offset, sets[i].octets);
	expr_lookup(b, i);
	expr_verdict(b, NF_DROP);
	nl_nest_end(b->w, nest);
	end(b);
}

/* --- the transaction ------------------------------------------------------------------------------ */

static void
contents(struct batch *b, const struct ipaddr *addresses, size_t count)
{
	table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	chain(b);
	for (unsigned i = 0; i < SETS; i++)
		set(b, i);
	for (unsigned i = 0; i < SETS; i++)
		for (size_t at = 0; elements(b, i, addresses, count, &at);)
			;
	rule_neighbours(b);
	for (unsigned i = 0; i < SETS; i++)
		rule_drop(b, i);
}

bool
nl_nft_encode(struct nl_writer *w, const struct ipaddr *addresses, size_t count, uint32_t seq, uint32_t *last)
{
	struct batch b = {.w = w, .seq = seq, .good = true};
	begin(&b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	end(&b);
	/* made if it is not there, so that deleting it is no error */
	table(&b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	table(&b, NFT_MSG_DELTABLE, NLM_F_ACK);
	uint32_t acknowledged = b.last;
	if (count)
		contents(&b, addresses, count);
	begin(&b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	end(&b);
	*last = acknowledged;
	return b.good;
}

static bool
get_table(const struct nl_attr *a, void *out)
{
	char name[sizeof(NL_NFT_TABLE)];
	*(bool *) out = nl_attr_text(a, name, sizeof(name)) && !strcmp(name, NL_NFT_TABLE);
	return true;
}

bool
nl_nft_deleted(const struct nl_msg *msg)
{
	static const struct nl_attr_row rows[] = {{NFTA_TABLE_NAME, get_table}};
	bool ours = false;
	if (msg->type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE) || msg->len < sizeof(struct nfgenmsg))
		return false;
	struct nl_reader r = nl_reader(msg->payload + sizeof(struct nfgenmsg), msg->len - sizeof(struct nfgenmsg));
	return nl_attrs_decode(r, rows, 1, &ours) && ours;
}
