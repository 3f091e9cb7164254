/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core notifies becomes named log lines and events of the suite here. Main thread. */
#ifndef GREVY_BFDD_LOG_H
#define GREVY_BFDD_LOG_H

#include <stdint.h>

struct bfd_change;
struct bfd_key;
struct bfd_links;
struct bfd_log;

void bfd_log_line(const struct bfd_log *l, const struct bfd_links *links);
void bfd_log_send_failed(const struct bfd_key *k, int error, const struct bfd_links *links);
void bfd_log_left_out(uint32_t lines); /* of dropped packets, too many at once */
/* To Up and from it: `show ha events`. */
void bfd_log_event(const struct bfd_change *c, const struct bfd_links *links);

#endif
