/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer of the accept-mode table; see vfilter.h. */
#include "zebra/virtual_shell.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "zebra/nl_nft.h"
#include "zebra/nl_sock.h"

#define RETRY (5 * TIME_SEC)

struct vfilter {
	struct loop *loop;
	struct loop_phase *phase;
	struct loop_fd *watch;
	struct nl_sock sock, events;
	struct timer retry;
	struct ipaddr *addresses;
	size_t count;
	bool dirty;
};

static struct log_event ev_failed = {.name = "zebra.accept-mode", .level = LOG_LVL_ERROR, .per_minute = 6};
static struct log_event ev_lost = {.name = "zebra.accept-mode-lost", .level = LOG_LVL_WARNING, .per_minute = 6};

/* The kernel has worked through the transaction when send() returns: its answer is there. */
static int
answer(struct vfilter *f)
{
	uint8_t buf[8192];
	int result = EPROTO;
	ssize_t n;
	while ((n = nl_sock_recv(&f->sock, buf, sizeof(buf))) >= 0) {
		struct nl_reader r = nl_reader(buf, (size_t)n);
		struct nl_msg msg;
		int error;
		while (nl_next_msg(&r, &msg))
			if (nl_error_decode(&msg, &error, NULL, 0) && (error || result == EPROTO))
				result = -error;
	}
	return result;
}

static int
write_table(struct vfilter *f)
{
	size_t cap = NL_NFT_ROOM(f->count);
	uint8_t *buf = mem_alloc(cap);
	struct nl_writer w = nl_writer(buf, cap);
	uint32_t last;
	int error = f->sock.fd < 0 ? nl_sock_open_on(&f->sock, NETLINK_NETFILTER, 0) : 0;
	if (!error && !nl_nft_encode(&w, f->addresses, f->count, f->sock.seq + 1, &last))
		error = EMSGSIZE;
	if (!error) {
		f->sock.seq = last;
		error = nl_sock_send(&f->sock, buf, w.len);
	}
	if (!error)
		error = answer(f);
	mem_free(buf);
	return error;
}

/* --- who else deletes it -------------------------------------------------------------------------- */

static void
events_readable(void *arg, unsigned what, int64_t now)
{
	struct vfilter *f = arg;
	uint8_t buf[8192];
	ssize_t n;
	(void)what, (void)now;
	while ((n = nl_sock_recv(&f->events, buf, sizeof(buf))) != -EAGAIN) {
		struct nl_reader r = nl_reader(buf, n > 0 ? (size_t)n : 0);
		struct nl_msg msg;
		bool lost = n == -ENOBUFS;
		while (nl_next_msg(&r, &msg))
			lost = lost || (nl_nft_deleted(&msg) && msg.port != f->sock.port);
		if (!lost || !f->count)
			continue;
		log_event(&ev_lost, "addresses=%zu", f->count);
		f->dirty = true;
		loop_phase_wake(f->phase);
	}
}

static void
events_watch(struct vfilter *f)
{
	if (f->watch || nl_sock_open_on(&f->events, NETLINK_NETFILTER, 0))
		return;
	if (!nl_sock_join(&f->events, NFNLGRP_NFTABLES))
		f->watch = loop_fd_add(f->loop, f->events.fd, LOOP_READ, events_readable, f);
	else
		nl_sock_close(&f->events);
}

static void
events_forget(struct vfilter *f)
{
	if (f->watch)
		loop_fd_del(f->watch);
	f->watch = NULL;
	nl_sock_close(&f->events);
}

/* --- turns ---------------------------------------------------------------------------------------- */

static void
again(void *arg, int64_t now)
{
	struct vfilter *f = arg;
	(void)now;
	f->dirty = true;
	loop_phase_wake(f->phase);
}

static bool
flush(void *arg, int64_t now)
{
	struct vfilter *f = arg;
	if (!f->dirty)
		return false;
	f->dirty = false;
	timer_cancel(loop_timers(f->loop), &f->retry);
	int error = write_table(f);
	if (error) {
		log_event(&ev_failed, "addresses=%zu error=\"%s\"", f->count, strerror(error));
		timer_set(loop_timers(f->loop), &f->retry, now + RETRY, again, f);
	}
	if (f->count)
		events_watch(f);
	else
		events_forget(f);
	return false;
}

void
vfilter_set(struct vfilter *f, const struct ipaddr *address, bool drop)
{
	size_t at = 0;
	while (at < f->count && ipaddr_cmp(&f->addresses[at], address))
		at++;
	if (drop == (at < f->count))
		return;
	if (drop) {
		f->addresses = mem_realloc(f->addresses, (f->count + 1) * sizeof(*f->addresses));
		f->addresses[f->count++] = *address;
	} else {
		f->addresses[at] = f->addresses[--f->count];
	}
	f->dirty = true;
	loop_phase_wake(f->phase);
}

struct vfilter *
vfilter_new(struct loop *l)
{
	struct vfilter *f = mem_zalloc(sizeof(*f));
	f->loop = l;
	f->sock.fd = f->events.fd = -1;
	f->phase = loop_phase_add(l, "accept-mode", flush, f);
	return f;
}

void
vfilter_free(struct vfilter *f)
{
	if (!f)
		return;
	if (f->dirty)
		write_table(f);
	events_forget(f);
	timer_cancel(loop_timers(f->loop), &f->retry);
	nl_sock_close(&f->sock);
	mem_free(f->addresses);
	mem_free(f);
}
