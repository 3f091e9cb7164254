/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prober: tries the http and tcp track objects of the config and tells zebra what became of it.
 * On the main loop, never in the timely thread: a health check may be late.
 */
#ifndef GREVY_VRRPD_HEALTH_H
#define GREVY_VRRPD_HEALTH_H

struct conf_object;
struct loop;
struct rows;
struct vrrp_health;
struct zclient;

struct vrrp_health *vrrp_health_new(struct loop *l, struct zclient *z);
void vrrp_health_free(struct vrrp_health *h);
void vrrp_health_configure(struct vrrp_health *h, const struct conf_object *config);
void vrrp_health_rows(const struct vrrp_health *h, struct rows *out); /* one per check */

#endif
