/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to a health check, however it is cut: octets that come one at a time lead to the same
 * fate as all at once. The same bytes as a URL: one that is taken makes one request of one line each.
 *
 * fuzz-links: vrrpd/probe.c
 */
#include <stdlib.h>
#include <string.h>

#include "vrrpd/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
url(const uint8_t *data, size_t size)
{
	char text[300], out[800];
	struct vrrp_url u;

	if (size >= sizeof(text))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!vrrp_probe_url(text, &u))
		return;
	must(u.port && u.address.afi != AFI_NONE && u.path[0] == '/');
	size_t n = vrrp_probe_request(&u, out, sizeof(out)), lines = 0;
	must(n > 0);
	for (size_t i = 0; i < n; i++)
		lines += out[i] == '\n';
	must(lines == 6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned status = 0, last = 0;
	enum vrrp_probe_fate whole = vrrp_probe_status(data, size, &status), fate = VRRP_PROBE_MORE;

	for (size_t len = 0; len <= size && fate == VRRP_PROBE_MORE; len++)
		fate = vrrp_probe_status(data, len, &last);
	must(fate == whole && last == status);
	must((whole == VRRP_PROBE_STATUS) == (status >= 100 && status <= 599));
	url(data, size);
	return 0;
}
