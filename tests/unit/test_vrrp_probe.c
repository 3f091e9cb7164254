/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health checks without sockets: URLs, requests, status lines, rise and fall. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "vrrpd/probe.h"

static void
urls(void)
{
	static const char *const bad[] = {"https://10.0.0.1/", "http://", "http:///x", "http://10.0.0.1:0/", "http://10.0.0.1:/",
		"http://10.0.0.1:65536/", "http://10.0.0.1:99999999999/", "http://10.0.0.256/", "http://www/", "http://::1/",
		"http://[10.0.0.1]/", "http://[::1/", "http://10.0.0.1/a b", "http://10.0.0.1/a\r\nX: y", "http://10.0.0.1:80x/"};
	struct vrrp_url u;
	char text[IPADDR_STRLEN], out[600];

	CU_ASSERT(vrrp_probe_url("http://10.0.0.1", &u));
	CU_ASSERT_STRING_EQUAL(ipaddr_print(&u.address, text), "10.0.0.1");
	CU_ASSERT_EQUAL(u.port, 80);
	CU_ASSERT_STRING_EQUAL(u.path, "/");
	CU_ASSERT(vrrp_probe_url("http://[2001:db8::1]:8080/a?b=c:d/e", &u));
	CU_ASSERT_STRING_EQUAL(ipaddr_print(&u.address, text), "2001:db8::1");
	CU_ASSERT_EQUAL(u.port, 8080);
	size_t n = vrrp_probe_request(&u, out, sizeof(out));
	CU_ASSERT_EQUAL(n, strlen(out));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "GET /a?b=c:d/e HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n"));
	CU_ASSERT_STRING_EQUAL(out + n - 4, "\r\n\r\n");
	CU_ASSERT_EQUAL(vrrp_probe_request(&u, out, n), 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (vrrp_probe_url(bad[i], &u))
			printf("# taken: %s\n", bad[i]);
		CU_ASSERT(!vrrp_probe_url(bad[i], &u));
	}
}

static enum vrrp_probe_fate
fate(const char *text, unsigned *status)
{
	return vrrp_probe_status((const uint8_t *)text, strlen(text), status);
}

static void
status_lines(void)
{
	static const char line[] = "HTTP/1.1 204 No Content\r\n";
	static const char *const bad[] = {"HTTP/2 200", "http/1.1 200 OK", "HTTP/1.x 200 ", "HTTP/1.1  200 ", "HTTP/1.1 2000",
		"HTTP/1.1 099 x", "HTTP/1.1 600 x", "SSH-2.0-x", "\r\n", "HTTP/1.1 20"
		"\xff"};
	unsigned status;

	for (size_t len = 0; len < 13; len++)
		CU_ASSERT_EQUAL(vrrp_probe_status((const uint8_t *)line, len, &status), VRRP_PROBE_MORE);
	CU_ASSERT_EQUAL(vrrp_probe_status((const uint8_t *)line, 13, &status), VRRP_PROBE_STATUS);
	CU_ASSERT_EQUAL(status, 204);
	CU_ASSERT_EQUAL(fate("HTTP/1.0 503\r\n", &status), VRRP_PROBE_STATUS);
	CU_ASSERT_EQUAL(status, 503);
	CU_ASSERT_EQUAL(fate("HTTP/1.1 200\n", &status), VRRP_PROBE_STATUS);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(fate(bad[i], &status), VRRP_PROBE_BAD);
}

static void
rise_and_fall(void)
{
	struct vrrp_streak s = {0};

	CU_ASSERT(vrrp_probe_result(&s, false, 2, 3)); /* the first counts */
	CU_ASSERT(!s.up);
	CU_ASSERT(!vrrp_probe_result(&s, true, 2, 3));
	CU_ASSERT(!vrrp_probe_result(&s, false, 2, 3)); /* begins again */
	CU_ASSERT(!vrrp_probe_result(&s, true, 2, 3));
	CU_ASSERT(vrrp_probe_result(&s, true, 2, 3));
	CU_ASSERT(s.up);
	CU_ASSERT(!vrrp_probe_result(&s, true, 2, 3));
	CU_ASSERT(!vrrp_probe_result(&s, false, 2, 3));
	CU_ASSERT(!vrrp_probe_result(&s, false, 2, 3));
	CU_ASSERT(vrrp_probe_result(&s, false, 2, 3));
	CU_ASSERT(!s.up);
}

UNIT_TESTS("vrrp_probe", {"URLs", urls}, {"status lines", status_lines}, {"rise and fall", rise_and_fall})
