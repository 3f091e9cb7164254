/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure part of health checks: see probe.h. Owns nothing. */
#include "vrrpd/probe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- URLs ------------------------------------------------------------------------------------------------ */

static bool
host_parse(const char *host, size_t len, struct ipaddr *out)
{
	char text[IPADDR_STRLEN];
	bool brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';

	if (brackets) {
		host++;
		len -= 2;
	}
	if (!len || len >= sizeof(text))
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	return ipaddr_parse(text, out) && (out->afi == AFI_IP6) == brackets;
}

static bool
port_parse(const char *text, size_t len, uint16_t *out)
{
	unsigned value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || value > 6553)
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*out = (uint16_t)value;
	return len > 0 && value > 0 && value <= UINT16_MAX;
}

bool
vrrp_probe_url(const char *text, struct vrrp_url *out)
{
	static const char scheme[] = "http://";

	if (strncmp(text, scheme, sizeof(scheme) - 1))
		return false;
	text += sizeof(scheme) - 1;
	size_t len = strcspn(text, "/"), host = len;
	const char *path = text + len;
	const char *inside = memchr(text, ']', len), *colon = memchr(inside ? inside : text, ':',
		len - (size_t)(inside ? inside - text : 0));
	out->port = 80;
	if (colon) {
		host = (size_t)(colon - text);
		if (!port_parse(colon + 1, len - host - 1, &out->port))
			return false;
	}
	if (len >= sizeof(out->host) || strlen(path) >= sizeof(out->path) || !host_parse(text, host, &out->address))
		return false;
	memcpy(out->host, text, len);
	out->host[len] = '\0';
	snprintf(out->path, sizeof(out->path), "%s", *path ? path : "/");
	for (const char *p = out->path; *p; p++)
		if (!isprint((unsigned char)*p) || *p == ' ')
			return false; /* it would end the request's line */
	return true;
}

size_t
vrrp_probe_request(const struct vrrp_url *url, char *out, size_t size)
{
	int n = snprintf(out, size, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: grevy\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		url->path, url->host);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* --- answers ---------------------------------------------------------------------------------------------- */

/* HTTP/1.d SP ddd, then what ends the code. Nothing is read beyond len, and nothing of what follows matters. */
enum vrrp_probe_fate
vrrp_probe_status(const uint8_t *bytes, size_t len, unsigned *status)
{
	static const char shape[] = "HTTP/1.d ddd.";

	*status = 0;
	for (size_t i = 0; shape[i] && i < len; i++) {
		bool digit = bytes[i] >= '0' && bytes[i] <= '9';
		bool fits = shape[i] == 'd' ? digit : shape[i] == (char)bytes[i];
		if (i == sizeof(shape) - 2)
			fits = bytes[i] == ' ' || bytes[i] == '\r' || bytes[i] == '\n';
		if (!fits)
			return VRRP_PROBE_BAD;
	}
	if (len < sizeof(shape) - 1)
		return VRRP_PROBE_MORE;
	*status = (unsigned)(bytes[9] - '0') * 100 + (unsigned)(bytes[10] - '0') * 10 + (unsigned)(bytes[11] - '0');
	if (*status < 100 || *status > 599)
		return VRRP_PROBE_BAD;
	return VRRP_PROBE_STATUS;
}

bool
vrrp_probe_result(struct vrrp_streak *s, bool good, unsigned rise, unsigned fall)
{
	if (!s->known) {
		*s = (struct vrrp_streak){.known = true, .up = good};
		return true;
	}
	if (good == s->up) {
		s->in_row = 0;
		return false;
	}
	if (++s->in_row < (good ? rise : fall))
		return false;
	s->up = good;
	s->in_row = 0;
	return true;
}
