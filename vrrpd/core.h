/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The insides of the VRRP core: the instance, its interfaces, virtual routers and sync groups. Private
 * to the core's files.
 *
 * Who owns what: the instance owns interfaces, groups and track states; an interface owns its virtual
 * routers, addresses, BFD wishes and what it knows of the LAN; a virtual router owns its settings.
 *
 * One turn = one entry point or one timer. Inside it virtual routers change depth-first; what concerns
 * several (groups, the role on a LAN, buried routers) is marked, and vrrp_settle() does it at the end.
 */
#ifndef GREVY_VRRPD_CORE_H
#define GREVY_VRRPD_CORE_H

#include <sys/queue.h>

#include "lib/fsm.h"
#include "lib/prng.h"
#include "lib/timer.h"
#include "vrrpd/packet.h"
#include "vrrpd/read.h"
#include "vrrpd/settings.h"

struct vrrp_iface;
struct vrrp_router;

/* What the state machine is told (fsm.c). */
enum vrrp_event {
	VRRP_EV_STARTUP,     /* it can run */
	VRRP_EV_STOP,        /* it cannot any more: nothing can be sent */
	VRRP_EV_SHUTDOWN,    /* it is not to: it leaves in order */
	VRRP_EV_TAKE_OVER,   /* nobody else is master, or nobody who should be */
	VRRP_EV_YIELD,       /* a better master was heard */
	VRRP_EV_HAND_OVER,   /* another one is asked to be master; if none comes, it is again */
	VRRP_EV_FORCE,       /* it may not be master */
	VRRP_EV_COUNT
};
#define VRRP_STATES 3

struct vrrp_master {         /* who is it, as Backup; address AFI_NONE: nobody that we know of */
	struct ipaddr address;
	uint8_t priority;
	bool zero;           /* it said that it leaves */
	int64_t interval, used; /* learnt; capped. They outlive the master (RFC 9568 6.4.2) */
	int64_t heard;       /* its last advert: when it arrived */
};

struct vrrp_handover {       /* make before break: not master any more, the addresses still here */
	bool active;
	bool may_return;     /* nobody came: master again */
	uint8_t zeros;       /* priority 0 adverts yet to be repeated */
	int64_t since, until;
	struct timer timer;
	struct vrrp_settings *old; /* what it was master of, if that is not what is configured now */
};

struct vrrp_held {           /* a virtual address that zebra was asked for */
	struct ipaddr address;
	bool virtual_mac, accept;
	int64_t linger;
};

struct vrrp_vlink {          /* the device with the virtual MAC */
	bool asked, known, up;
	bool trusted;        /* a former life of this process had it; zebra has not spoken yet */
	uint32_t parent, ifindex; /* parent: as asked for */
	int64_t linger;
};

struct vrrp_announcing {
	TAILQ_ENTRY(vrrp_router) entry; /* the interface's queue, when queued */
	bool queued, again;  /* again: the second burst is yet to come */
	uint8_t rounds;      /* left */
	size_t next;         /* address */
	struct timer timer;  /* the second burst, the refresh */
};

struct vrrp_waiting {        /* hold.c */
	uint8_t hold;        /* enum vrrp_hold, as last told */
	int64_t since;       /* since when a master of lower priority is heard; 0: none is */
	int64_t until;
	struct timer timer;
};

struct vrrp_group {
	TAILQ_ENTRY(vrrp_group) entry;
	TAILQ_HEAD(, vrrp_router) members;
	char name[32];
	bool dirty, fallen, offered, lan_died; /* in this turn: a member has ceased to be master, offers it, its LAN died */
};

struct vrrp_router {
	struct vrrp *v;
	struct vrrp_iface *ifc;
	struct vrrp_settings *s;
	TAILQ_ENTRY(vrrp_router) entry, iface_entry, group_entry;
	struct vrrp_group *group;
	uint8_t vrid, afi;
	bool removed;        /* from the configuration; it only hands over */
	bool restored;       /* a record of a former life is to be used */
	struct fsm fsm;
	uint8_t reason, why; /* enum vrrp_reason: of the last change; of the takeover that is to come */
	uint8_t block;       /* enum vrrp_block */
	uint8_t priority;    /* effective */
	uint8_t peer_priority; /* of another router, last heard; 0: never */
	uint8_t heard_checksums; /* bits of enum vrrp_checksum: version 3 over IPv4 */
	bool owner, expired; /* expired: as Backup, the master is overdue and may not or could not be replaced */
	bool drowsy;         /* it woke late, and listens for an interval more */
	bool strong;         /* it is certain: BFD or the master itself has said so */
	bool mismatch, interval_mismatch;
	struct vrrp_master m;
	struct vrrp_handover h;
	struct vrrp_waiting w;
	struct vrrp_announcing a;
	struct vrrp_vlink vlink;
	struct timer timer;  /* Master: the next advert; Backup: the master is overdue */
	int64_t base;        /* Backup: what the overdue time counts from */
	int64_t listening;   /* Backup: since when */
	int64_t last_sent, last_answer, last_lower, last_announced, told_list, told_interval;
	uint32_t ifindex;    /* the last that the interface had */
	struct vrrp_held *held;
	size_t held_count;
	struct vrrp_stats stats;
};
TAILQ_HEAD(vrrp_routers, vrrp_router);

struct vrrp_bfd {
	struct vrrp_setting_bfd want;
	unsigned refs;
	uint8_t liveness;
};

struct vrrp_lan_watch {      /* lan.c */
	bool on, dead;
	uint8_t asked;       /* rounds of questions since somebody was heard */
	uint8_t turn;        /* which of the hosts comes first */
	struct vrrp_host hosts[VRRP_LAN_HOSTS]; /* the last heard first */
	size_t count;
	int64_t heard, since; /* anybody, last, 0: never; since when it is watched */
	int64_t interval, deadline; /* of silence */
	int64_t suspected;   /* BFD to a router here failed then; 0: not */
	bool unkept;         /* not all of it is in the record */
	int64_t kept;        /* when that was written last */
	int64_t curious;     /* before that nobody who spoke up on a dead LAN is asked */
	struct timer timer;
};

struct vrrp_iface {
	struct vrrp *v;
	TAILQ_ENTRY(vrrp_iface) entry; /* by name */
	char name[16];
	uint32_t ifindex;    /* 0: not there */
	bool up, known;      /* known: zebra has told of it once */
	uint8_t mac[6];
	struct prefix *addresses; /* host bits kept, sorted */
	size_t address_count;
	struct vrrp_router **table[2]; /* [afi - 1][vrid], NULL as long as there is none */
	TAILQ_HEAD(, vrrp_router) routers; /* by VRID and family */
	unsigned router_count;
	bool joined[2], lan_dirty;
	uint32_t joined_ifindex;
	struct vrrp_bfd *bfd;
	size_t bfd_count;
	struct vrrp_lan told; /* to zebra */
	int64_t logged[VRRP_DROP_COUNT]; /* when last */
	struct vrrp_lan_watch lan;
	struct vrrp_routers announcing;
	struct timer announce_timer;
	struct vrrp_iface_stats stats;
};
TAILQ_HEAD(vrrp_ifaces, vrrp_iface);
TAILQ_HEAD(vrrp_groups, vrrp_group);

struct vrrp_track {
	uint32_t id;
	bool up;
};

struct vrrp {
	const struct vrrp_ops *ops;
	void *arg;
	struct timers *timers;
	struct prng prng;
	int64_t started;
	bool ready, stopping, synced;
	struct vrrp_ifaces ifaces;
	struct hash *by_index; /* interfaces that are there */
	struct hash *by_name;
	struct vrrp_routers routers;
	struct vrrp_groups groups;
	struct vrrp_track *tracks; /* sorted */
	size_t track_count;
	struct vrrp_record *records; /* of a former life */
	size_t record_count;
	struct vrrp_lan_record *lan_records; /* the same; an interface takes its own */
	size_t lan_record_count;
	uint64_t sequence, no_interface;
	bool dirty, burial;
};

/* vrrp.c */
void vrrp_settle(struct vrrp *v, int64_t now); /* the end of every turn */
void vrrp_log_text(const struct vrrp_iface *ifc, const struct vrrp_router *r, uint8_t kind, bool on, int64_t now,
	const char *text);

/* iface.c */
struct vrrp_iface *vrrp_iface_find(const struct vrrp *v, uint32_t ifindex);
struct vrrp_iface *vrrp_iface_named(const struct vrrp *v, const char *name);
struct vrrp_iface *vrrp_iface_need(struct vrrp *v, const char *name);
void vrrp_iface_free(struct vrrp_iface *ifc);
bool vrrp_iface_owns(const struct vrrp_iface *ifc, const struct ipaddr *a); /* as its own, not as a virtual one */
bool vrrp_iface_reaches(const struct vrrp_iface *ifc, const struct ipaddr *a); /* it is on the link */
struct ipaddr vrrp_iface_source(const struct vrrp_iface *ifc, const struct vrrp_settings *s, const struct ipaddr *dst);
void vrrp_iface_join(struct vrrp_iface *ifc); /* membership as its virtual routers want it */
struct vrrp_bfd *vrrp_iface_bfd(const struct vrrp_iface *ifc, const struct ipaddr *peer);
void vrrp_iface_bfd_want(struct vrrp_iface *ifc, const struct vrrp_setting_bfd *want, bool on);
void vrrp_iface_role(struct vrrp_iface *ifc); /* tells zebra */

/* router.c */
struct vrrp_router *vrrp_router_find(const struct vrrp_iface *ifc, uint8_t vrid, uint8_t afi);
const struct vrrp_record *vrrp_router_record(const struct vrrp_router *r);
struct vrrp_router *vrrp_router_new(struct vrrp_iface *ifc, struct vrrp_settings *s, int64_t now);
void vrrp_router_free(struct vrrp_router *r);
struct vrrp_key vrrp_router_key(const struct vrrp_router *r);
/* The settings that it is or was master by. */
const struct vrrp_settings *vrrp_router_active(const struct vrrp_router *r);
bool vrrp_router_holds(const struct vrrp_router *r); /* its addresses are here */
struct ipaddr vrrp_router_primary(const struct vrrp_router *r);
int64_t vrrp_router_skew(const struct vrrp_router *r);
int64_t vrrp_router_down_interval(const struct vrrp_router *r);
int64_t vrrp_router_linger(const struct vrrp_router *r);
/* Can it run? Starts or stops it. */
void vrrp_router_check(struct vrrp_router *r, int64_t now);
void vrrp_router_vlink(struct vrrp_router *r); /* asks zebra for the device, or gives it back */
void vrrp_router_unblocked(struct vrrp_router *r, int64_t now);
bool vrrp_router_counts(const struct vrrp_router *r); /* as a member of its group and of its interface's role */
void vrrp_router_event(struct vrrp_router *r, enum vrrp_event e, enum vrrp_reason why, int64_t now);
void vrrp_router_overdue_at(struct vrrp_router *r, int64_t due);
void vrrp_router_listen(struct vrrp_router *r, int64_t from); /* overdue counts from then */
/* As Backup: the master is gone for certain (strong) or by silence; takes over unless it may not. */
void vrrp_router_master_lost(struct vrrp_router *r, enum vrrp_reason why, bool strong, int64_t now);
void vrrp_router_settings_changed(struct vrrp_router *r, struct vrrp_settings *s, int64_t now);
void vrrp_router_remove(struct vrrp_router *r, int64_t now);
void vrrp_router_checkpoint(struct vrrp_router *r, int64_t last);

/* active.c: what a master does */
void vrrp_active_enter(struct vrrp_router *r, int64_t now);
void vrrp_active_farewell(struct vrrp_router *r, int64_t now);
void vrrp_active_release(struct vrrp_router *r); /* everything at once */
void vrrp_active_hand_over(struct vrrp_router *r, bool may_return, int64_t now);
/* The checksum of old routers is sent (also, or only). */
bool vrrp_active_is_pseudo(const struct vrrp_router *r, const struct vrrp_settings *s);
void vrrp_active_send(struct vrrp_router *r, const struct vrrp_settings *s, uint8_t priority, int64_t now);
void vrrp_active_answer(struct vrrp_router *r, bool announce, int64_t now); /* at once, but not too often */
void vrrp_active_advert_due(struct vrrp_router *r, int64_t now);
void vrrp_active_reschedule(struct vrrp_router *r, int64_t now);
void vrrp_active_addresses(struct vrrp_router *r); /* asks zebra for what is to be here, gives back what is not */
void vrrp_handover_end(struct vrrp_router *r, int64_t now); /* the addresses go */
void vrrp_handover_cancel(struct vrrp_router *r);

/* receive.c: vrrp_packet_received() */

/* fsm.c */
extern const struct fsm_table vrrp_fsm;
static inline uint8_t
vrrp_router_state(const struct vrrp_router *r)
{
	return r->fsm.state;
}

/* hold.c */
uint8_t vrrp_hold_why(const struct vrrp_router *r, int64_t now, int64_t *until);
void vrrp_hold_consider(struct vrrp_router *r, int64_t now); /* something that matters for it has changed */
void vrrp_hold_set(struct vrrp_router *r, uint8_t hold, int64_t until, int64_t now);
void vrrp_hold_clear(struct vrrp_router *r, int64_t now);

/* track.c */
uint8_t vrrp_track_priority(const struct vrrp_router *r, bool *owner, bool *forced);
void vrrp_track_judge(struct vrrp_router *r, enum vrrp_reason why, int64_t now); /* effective priority, forced Backup */
bool vrrp_track_state(const struct vrrp *v, const struct vrrp_setting_track *t, bool *known);
void vrrp_track_interface_changed(struct vrrp_iface *ifc, int64_t now);

/* sync.c */
void vrrp_sync_join(struct vrrp_router *r, const char *name);
void vrrp_sync_leave(struct vrrp_router *r);
void vrrp_sync_mark(struct vrrp_router *r);
void vrrp_sync_settle(struct vrrp_group *g, int64_t now);
bool vrrp_sync_lan_dead(const struct vrrp_router *r); /* another member is master of a dead LAN */
void vrrp_sync_lan_died(struct vrrp_iface *ifc);

/* lan.c */
void vrrp_lan_update(struct vrrp_iface *ifc, int64_t now); /* on, off, times */
void vrrp_lan_heard(struct vrrp_iface *ifc, const struct ipaddr *host, const uint8_t *mac, bool proof, int64_t arrived,
	int64_t now);
void vrrp_lan_suspect(struct vrrp_iface *ifc, int64_t now);
void vrrp_lan_proved(struct vrrp_iface *ifc, int64_t now);
void vrrp_lan_reset(struct vrrp_iface *ifc, int64_t now);
void vrrp_lan_restore(struct vrrp_iface *ifc); /* a new interface: what a former life knew of its LAN */
uint8_t vrrp_lan_state(const struct vrrp_iface *ifc);

/* announce.c */
void vrrp_announce(struct vrrp_router *r, bool once, int64_t now);
void vrrp_announce_stop(struct vrrp_router *r);
void vrrp_announce_rearm(struct vrrp_router *r, int64_t now);

#endif
