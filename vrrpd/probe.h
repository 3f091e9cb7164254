/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health checks without sockets: addresses of URLs, what is asked, what an answer says, when it counts. Pure. */
#ifndef GREVY_VRRPD_PROBE_H
#define GREVY_VRRPD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/prefix.h"

struct vrrp_url {
	struct ipaddr address;
	uint16_t port;
	char host[56];      /* as it stands in the URL, with the port: for the Host field */
	char path[256];
};
/* http://ADDRESS[:PORT][/PATH]; false: it is none. */
bool vrrp_probe_url(const char *text, struct vrrp_url *out);
/* The request; 0: it does not fit. */
size_t vrrp_probe_request(const struct vrrp_url *url, char *out, size_t size);

#define VRRP_PROBE_BYTES 16 /* more of an answer need not be kept */
enum vrrp_probe_fate { VRRP_PROBE_MORE, VRRP_PROBE_STATUS, VRRP_PROBE_BAD };
/* What has come so far -> the status, RFC 9112 4. */
enum vrrp_probe_fate vrrp_probe_status(const uint8_t *bytes, size_t len, unsigned *status);

/* Results in a row until they count. */
struct vrrp_streak {
	bool known, up;
	uint8_t in_row;     /* results against `up` */
};
/* True: `up` has changed, or is known now: the first result counts at once. */
bool vrrp_probe_result(struct vrrp_streak *s, bool good, unsigned rise, unsigned fall);

#endif
