/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can happen to a session's state (RFC 5880 6.2, 6.8.6); the table is in fsm.c. */
#ifndef GREVY_BFDD_FSM_H
#define GREVY_BFDD_FSM_H

#include <stdint.h>

#include "lib/fsm.h"

struct bfd_session;

enum bfd_event {
	BFD_EV_RX_ADMIN_DOWN, /* the states of the peer's packets, in the order of enum bfd_state */
	BFD_EV_RX_DOWN,
	BFD_EV_RX_INIT,
	BFD_EV_RX_UP,
	BFD_EV_EXPIRED,
	BFD_EV_ECHO_FAILED,
	BFD_EV_PATH_DOWN,     /* the interface went */
	BFD_EV_ADMIN_DISABLE,
	BFD_EV_ADMIN_ENABLE,
	BFD_EVENTS
};

/* at: when it happened, not after now. Everything that follows from a change of state follows at once. */
void bfd_fsm_event(struct bfd_session *s, enum bfd_event ev, int64_t at, int64_t now);
/* Clients and the log hear how it stands; from: the state before, or the same when only its meaning changed. */
void bfd_fsm_tell(struct bfd_session *s, uint8_t from);

#endif
