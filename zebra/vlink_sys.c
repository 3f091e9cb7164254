/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sysctls of virtual links; see vlink_sys.h. */
#include "zebra/virtual_shell.h"

#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "zebra/kernel.h"

struct parent {
	SLIST_ENTRY(parent) link;
	char name[KERNEL_NAME_LEN];
	int arp_ignore, arp_announce; /* before us; -1: not changed */
};

static SLIST_HEAD(, parent) parents = SLIST_HEAD_INITIALIZER(parents);
static struct log_event ev_sysctl = {.name = "zebra.sysctl", .level = LOG_LVL_WARNING, .per_minute = 10};

static void
conf_path(char *out, size_t size, const char *family, const char *device, const char *key)
{
	snprintf(out, size, "net/%s/conf/%s/%s", family, device, key);
}

static int
conf_get(const char *family, const char *device, const char *key)
{
	char path[96];
	conf_path(path, sizeof(path), family, device, key);
	return kernel_sysctl_get(path);
}

/* Written only when it is something else: a container's read-only /proc/sys may be right already. */
static bool
conf_set(const char *family, const char *device, const char *key, int value)
{
	char path[96], text[12];
	int now = conf_get(family, device, key);
	if (now == value || now < 0) /* no IPv6: nothing to set */
		return false;
	conf_path(path, sizeof(path), family, device, key);
	snprintf(text, sizeof(text), "%d", value);
	int error = kernel_sysctl_set(path, text);
	if (error)
		log_event(&ev_sysctl, "path=%s value=%d error=\"%s\"", path, value, strerror(error));
	return !error;
}

/* The larger of `all` and the device's counts. */
static int
parent_raise(const char *parent, const char *key, int least)
{
	int was = conf_get("ipv4", parent, key);
	if (was >= least || conf_get("ipv4", "all", key) >= least)
		return -1;
	return conf_set("ipv4", parent, key, least) ? was : -1;
}

static struct parent *
parent_of(const char *name)
{
	struct parent *p;
	SLIST_FOREACH(p, &parents, link)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

void
vlink_sys_made(const char *name, const char *parent)
{
	static const struct {
		const char *family, *key;
		int value;
	} settings[] = {
		{"ipv4", "arp_ignore", 1},
		{"ipv4", "arp_filter", 0},
		{"ipv4", "send_redirects", 0},
		{"ipv6", "accept_ra", 0},
		{"ipv6", "autoconf", 0},
	};
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		conf_set(settings[i].family, name, settings[i].key, settings[i].value);
	/* strict for `all` is undone for one device by loose only: the larger counts. (Either way a link
	 * without an address, a backup's, then forwards nothing: the kernel wants one for the check.) */
	conf_set("ipv4", name, "rp_filter", conf_get("ipv4", "all", "rp_filter") == 1 ? 2 : 0);
	conf_set("ipv4", name, "forwarding", conf_get("ipv4", parent, "forwarding"));
	conf_set("ipv6", name, "forwarding", conf_get("ipv6", parent, "forwarding"));

	struct parent *p = parent_of(parent);
	int ignore = parent_raise(parent, "arp_ignore", 1), announce = parent_raise(parent, "arp_announce", 2);
	if (!p && (ignore >= 0 || announce >= 0)) {
		p = mem_zalloc(sizeof(*p));
		snprintf(p->name, sizeof(p->name), "%s", parent);
		p->arp_ignore = p->arp_announce = -1;
		SLIST_INSERT_HEAD(&parents, p, link);
	}
	if (ignore >= 0)
		p->arp_ignore = ignore;
	if (announce >= 0)
		p->arp_announce = announce;
}

void
vlink_sys_parent_free(const char *parent)
{
	struct parent *p = parent_of(parent);
	if (!p)
		return;
	if (p->arp_ignore >= 0)
		conf_set("ipv4", parent, "arp_ignore", p->arp_ignore);
	if (p->arp_announce >= 0)
		conf_set("ipv4", parent, "arp_announce", p->arp_announce);
	SLIST_REMOVE(&parents, p, parent, link);
	mem_free(p);
}
