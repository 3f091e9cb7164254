/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/sys, ethtool and the clock. Shell. */
#include "zebra/kernel_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "zebra/kernel.h"

/* The first call tells how many words the link mode maps have (a negative count), the second asks. */
uint32_t
kernel_link_speed(const char *name)
{
	struct {
		struct ethtool_link_settings s;
		uint32_t maps[3 * 127];
	} ask = {.s.cmd = ETHTOOL_GLINKSETTINGS};
	struct ifreq req = {.ifr_data = (char *) &ask};
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	int bad = ioctl(fd, SIOCETHTOOL, &req);
	if (bad == 0 && ask.s.link_mode_masks_nwords < 0) {
		ask.s.link_mode_masks_nwords = (int8_t) -ask.s.link_mode_masks_nwords;
		ask.s.cmd = ETHTOOL_GLINKSETTINGS;
		bad = ioctl(fd, SIOCETHTOOL, &req);
	}
	close(fd);
	return bad != 0 || ask.s.speed == (uint32_t) SPEED_UNKNOWN ? 0 : ask.s.speed;
}

int64_t
kernel_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
sysctl_open(const char *path, int flags)
{
	char full[256];
	int n = snprintf(full, sizeof(full), "/proc/sys/%s", path);
	if (n < 0 || (size_t) n >= sizeof(full)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(full, flags | O_CLOEXEC);
}

int
kernel_sysctl_set(const char *path, const char *value)
{
	int fd = sysctl_open(path, O_WRONLY);
	if (fd < 0)
		return errno;
	ssize_t n = write(fd, value, strlen(value));
	int error = n < 0 ? errno : 0;
	close(fd);
	return error;
}

int
kernel_sysctl_get(const char *path)
{
	char text[32] = "";
	int fd = sysctl_open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n <= 0 ? -1 : atoi(text);
}

int
kernel_nexthop_objects_only(void)
{
	/* one switch for both families; written only when needed, so that a read-only /proc/sys of a
	 * container that is set up already is no error */
	const char *path = "net/ipv4/nexthop_compat_mode";
	return kernel_sysctl_get(path) == 0 ? 0 : kernel_sysctl_set(path, "0");
}

static const char *
forwarding_path(uint8_t afi)
{
	return afi == AFI_IP6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward";
}

int
kernel_forwarding_set(uint8_t afi, bool on)
{
	if (kernel_forwarding_get(afi) == (on ? 1 : 0))
		return 0;
	return kernel_sysctl_set(forwarding_path(afi), on ? "1" : "0");
}

int
kernel_forwarding_get(uint8_t afi)
{
	return kernel_sysctl_get(forwarding_path(afi));
}
