/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show bfd peers, peer, brief, counters, statistics: FRR's text and FRR's JSON from bfdd's rows. */
#include "vtysh/view.h"
#include "vtysh/views.h"

#include <stdio.h>
#include <string.h>

#include "vtysh/types.h"

struct bfd_call {
	const struct exec_call *c;
	struct out *o;
	struct jw w;
	bool one;       /* `peer A`: an object instead of a list */
	unsigned n;
};

/* --- common ------------------------------------------------------------------------------------------ */

/* FRR's words for RFC 5880 4.1's codes */
static const char *const diags[] = {"ok", "control detection time expired", "echo function failed",
	"neighbor signaled session down", "forwarding plane reset", "path down", "concatenated path down",
	"administratively down", "reverse concatenated path down"};

static const char *
diag(const json_t *row, const char *key)
{
	uint64_t code = json_uint(row, key);
	return code < sizeof(diags) / sizeof(diags[0]) ? diags[code] : "unknown";
}

static const char *
status(const json_t *row)
{
	static const struct {
		const char *state, *status;
	} names[] = {{"AdminDown", "shutdown"}, {"Down", "down"}, {"Init", "init"}, {"Up", "up"}};
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(json_text(row, "state"), names[i].state))
			return names[i].status;
	return "unknown";
}

static bool
meant(const struct exec_call *c, const json_t *row)
{
	static const char *const keys[][2] = {{"address", "peer"}, {"local", "local"}, {"interface", "interface"}};
	for (unsigned i = 0; i < 3; i++) {
		const char *v = call_value(c, keys[i][0]);
		if (v && strcmp(v, json_text(row, keys[i][1])))
			return false;
	}
	return !call_flag(c, "multihop") || json_bool(row, "multihop");
}

static void
call_rows(const struct exec_call *c, const char *path, const char *title, view_row_fn *fn)
{
	struct bfd_call b = {.c = c, .o = c->sh->out, .one = c->row->arg != NULL};
	if (c->json && !b.one)
		jw_start_list(&b.w, b.o);
	else if (!c->json && !b.one)
		out_text(b.o, title);
	bool up = view_rows(c->sh, "bfdd", path, NULL, 0, fn, &b);
	if (c->json && !b.one)
		jw_end_list(&b.w);
	if (up && b.one && !b.n) {
		out_printf(b.o, "%% Unable to find 'peer %s'\n", call_value(c, "address"));
		c->sh->status = 1;
	}
}

/* FRR's first keys of each session */
static void
head_json(struct bfd_call *b, const json_t *row)
{
	if (b->one)
		jw_start(&b->w, b->o);
	else
		jw_object(&b->w, NULL);
	jw_field(&b->w, "multihop", row, "multihop");
	jw_field(&b->w, "peer", row, "peer");
	jw_field(&b->w, "local", row, "local");
	jw_str(&b->w, "vrf", "default");
	jw_field(&b->w, "interface", row, "interface");
}

static void
tail_json(struct bfd_call *b)
{
	if (b->one)
		jw_end(&b->w);
	else
		jw_close(&b->w, '}');
}

static void
head_text(struct out *o, const json_t *row)
{
	out_printf(o, "\tpeer %s%s", json_text(row, "peer"), json_bool(row, "multihop") ? " multihop" : "");
	if (json_has(row, "local"))
		out_printf(o, " local-address %s", json_text(row, "local"));
	out_text(o, " vrf default");
	if (json_has(row, "interface"))
		out_printf(o, " interface %s", json_text(row, "interface"));
	out_text(o, "\n");
}

/* "up" 3 days ago in words, as FRR says it */
static void
ago_text(struct out *o, const char *what, uint64_t ms)
{
	uint64_t s = ms / 1000;
	out_printf(o, "\t\t%s: ", what);
	if (s >= 86400)
		out_printf(o, "%llu day(s), ", (unsigned long long)(s / 86400));
	if (s >= 3600)
		out_printf(o, "%llu hour(s), ", (unsigned long long)(s / 3600 % 24));
	if (s >= 60)
		out_printf(o, "%llu minute(s), ", (unsigned long long)(s / 60 % 60));
	out_printf(o, "%llu second(s)\n", (unsigned long long)(s % 60));
}

/* "300ms", or a word where 0 says that there is none */
static void
interval_text(struct out *o, const char *what, uint64_t us, const char *none)
{
	char ms[32];
	ms_print(us, ms, sizeof(ms));
	if (!us && none)
		out_printf(o, "\t\t\t%s: %s\n", what, none);
	else
		out_printf(o, "\t\t\t%s: %sms\n", what, ms);
}

/* --- show bfd peers ---------------------------------------------------------------------------------- */

static void
holders_text(struct out *o, const json_t *row)
{
	const json_t *list = json_object_get(row, "wanted-by"), *h;
	size_t i;
	if (!json_array_size(list))
		return;
	out_text(o, "\t\tWanted by:");
	json_array_foreach(list, i, h)
		out_printf(o, " %s%s", json_text(h, "protocol"), json_bool(h, "away") ? " (away)" : "");
	out_text(o, "\n");
}

static void
status_text(struct out *o, const json_t *row)
{
	const char *is = status(row);
	out_printf(o, "\t\tStatus: %s\n", is);
	if (json_bool(row, "echo-failed"))
		out_text(o, "\t\tEchoes do not come back: the path counts as down\n");
	if (json_bool(row, "waiting"))
		out_text(o, "\t\tWaits for its interface\n");
	else if (!strcmp(is, "up"))
		ago_text(o, "Uptime", json_uint(row, "since-ms"));
	else if (!strcmp(is, "down"))
		ago_text(o, "Downtime", json_uint(row, "since-ms"));
	out_printf(o, "\t\tDiagnostics: %s\n\t\tRemote diagnostics: %s\n", diag(row, "diagnostic"), diag(row, "remote-diagnostic"));
}

static void
timers_text(struct out *o, const json_t *row)
{
	bool echo = json_bool(row, "echo-mode");
	out_printf(o, "\t\tLocal timers:\n\t\t\tDetect-multiplier: %llu\n",
		(unsigned long long)json_uint(row, "detect-multiplier"));
	interval_text(o, "Receive interval", json_uint(row, "required-rx-us"), NULL);
	interval_text(o, "Transmission interval", json_uint(row, "desired-tx-us"), NULL);
	interval_text(o, "Transmission interval (actual with jitter)", json_uint(row, "tx-gap-us") / 1000 * 1000, NULL);
	interval_text(o, "Detection timeout", json_uint(row, "detection-us"), NULL);
	interval_text(o, "Echo receive interval", json_uint(row, "echo-rx-us"), "disabled");
	interval_text(o, "Echo transmission interval", echo ? json_uint(row, "echo-tx-us") : 0, "disabled");
	out_printf(o, "\t\tRemote timers:\n\t\t\tDetect-multiplier: %llu\n",
		(unsigned long long)json_uint(row, "remote-detect-multiplier"));
	interval_text(o, "Receive interval", json_uint(row, "remote-rx-us"), NULL);
	interval_text(o, "Transmission interval", json_uint(row, "remote-tx-us"), NULL);
	interval_text(o, "Echo receive interval", json_uint(row, "remote-echo-rx-us"), "disabled");
	out_text(o, "\n");
}

static void
peer_text(struct out *o, const json_t *row)
{
	head_text(o, row);
	out_printf(o, "\t\tID: %llu\n\t\tRemote ID: %llu\n", (unsigned long long)json_uint(row, "discriminator"),
		(unsigned long long)json_uint(row, "remote-discriminator"));
	out_printf(o, "\t\t%s mode\n", json_bool(row, "passive") ? "Passive" : "Active");
	if (json_bool(row, "multihop"))
		out_printf(o, "\t\tMinimum TTL: %llu\n", (unsigned long long)json_uint(row, "minimum-ttl"));
	status_text(o, row);
	out_printf(o, "\t\tPeer Type: %s\n", json_bool(row, "configured") ? "configured" : "dynamic");
	holders_text(o, row);
	if (json_has(row, "profile"))
		out_printf(o, "\t\tProfile: %s\n", json_text(row, "profile"));
	if (json_has(row, "authentication-key-id"))
		out_printf(o, "\t\tAuthentication: %s key-id %llu\n", json_text(row, "authentication"),
			(unsigned long long)json_uint(row, "authentication-key-id"));
	out_printf(o, "\t\tRTT min/avg/max: %llu/%llu/%llu usec\n", (unsigned long long)json_uint(row, "rtt-min-us"),
		(unsigned long long)json_uint(row, "rtt-avg-us"), (unsigned long long)json_uint(row, "rtt-max-us"));
	timers_text(o, row);
}

static void
auth_json(struct jw *w, const json_t *row)
{
	bool on = json_has(row, "authentication-key-id");
	jw_object(w, "authentication");
	jw_bool(w, "enabled", on);
	jw_bool(w, "configured", on);
	if (on) {
		jw_field(w, "type", row, "authentication");
		jw_field(w, "keyId", row, "authentication-key-id");
	}
	jw_close(w, '}');
}

static void
status_json(struct jw *w, const json_t *row)
{
	const char *is = status(row);
	jw_str(w, "status", is);
	if (!strcmp(is, "up"))
		jw_uint(w, "uptime", json_uint(row, "since-ms") / 1000);
	else if (!strcmp(is, "down"))
		jw_uint(w, "downtime", json_uint(row, "since-ms") / 1000);
	jw_str(w, "diagnostic", diag(row, "diagnostic"));
	jw_str(w, "remote-diagnostic", diag(row, "remote-diagnostic"));
	jw_str(w, "type", json_bool(row, "configured") ? "configured" : "dynamic");
}

static void
timers_json(struct jw *w, const json_t *row)
{
	jw_ms(w, "receive-interval", json_uint(row, "required-rx-us"));
	jw_ms(w, "transmit-interval", json_uint(row, "desired-tx-us"));
	jw_uint(w, "transmit-interval-actual", json_uint(row, "tx-gap-us") / 1000);
	jw_ms(w, "detection-timeout", json_uint(row, "detection-us"));
	jw_ms(w, "echo-receive-interval", json_uint(row, "echo-rx-us"));
	jw_ms(w, "echo-transmit-interval", json_bool(row, "echo-mode") ? json_uint(row, "echo-tx-us") : 0);
	jw_field(w, "detect-multiplier", row, "detect-multiplier");
	jw_ms(w, "remote-receive-interval", json_uint(row, "remote-rx-us"));
	jw_ms(w, "remote-transmit-interval", json_uint(row, "remote-tx-us"));
	jw_ms(w, "remote-echo-receive-interval", json_uint(row, "remote-echo-rx-us"));
	jw_field(w, "remote-detect-multiplier", row, "remote-detect-multiplier");
	jw_field(w, "rtt-min", row, "rtt-min-us");
	jw_field(w, "rtt-avg", row, "rtt-avg-us");
	jw_field(w, "rtt-max", row, "rtt-max-us");
}

/* Ours, behind FRR's keys */
static const struct jw_map own_keys[] = {
	{"profile", "profile", NULL}, {"liveness", "liveness", NULL}, {"remoteState", "remote-state", NULL},
	{"sourcePort", "source-port", NULL}, {"waitsForInterface", "waiting", NULL}, {"wantedBy", "wanted-by", NULL},
	{"lastPacketMs", "last-packet-ms", NULL}, {"echoActiveUs", "echo-us", NULL}, {"echoDetectionUs", "echo-detection-us", NULL},
	{"echoProven", "echo-proven", NULL}, {"echoFailed", "echo-failed", NULL}, {"polling", "polling", NULL}, {"remoteDemand", "remote-demand", NULL},
	{"transmitUs", "tx-us", NULL}, {"detectionUs", "detection-us", NULL}, {"history", "history", NULL},
	{NULL, NULL, NULL},
};

static void
peer_json(struct bfd_call *b, const json_t *row)
{
	struct jw *w = &b->w;
	head_json(b, row);
	if (json_bool(row, "multihop"))
		jw_field(w, "minimum-ttl", row, "minimum-ttl");
	auth_json(w, row);
	jw_field(w, "id", row, "discriminator");
	jw_field(w, "remote-id", row, "remote-discriminator");
	jw_field(w, "passive-mode", row, "passive");
	jw_field(w, "log-session-changes", row, "log-session-changes");
	status_json(w, row);
	timers_json(w, row);
	jw_fields(w, own_keys, row);
	tail_json(b);
}

static bool
peer_row(void *arg, json_t *row)
{
	struct bfd_call *b = arg;
	if (b->one && !meant(b->c, row))
		return true;
	if (b->one && !b->c->json)
		out_text(b->o, "BFD Peer:\n");
	b->n++;
	if (b->c->json)
		peer_json(b, row);
	else
		peer_text(b->o, row);
	return !b->one;
}

void
show_bfd_peers(const struct exec_call *c)
{
	call_rows(c, "bfd/sessions", "BFD Peers:\n", peer_row);
}

/* --- brief ------------------------------------------------------------------------------------------- */

static bool
brief_row(void *arg, json_t *row)
{
	json_array_append(arg, row);
	return true;
}

/* The number of sessions comes first, so all are fetched before. */
void
show_bfd_brief(const struct exec_call *c)
{
	json_t *all = json_array(), *row;
	struct out *o = c->sh->out;
	struct jw w;
	size_t i;

	bool up = view_rows(c->sh, "bfdd", "bfd/sessions", NULL, 0, brief_row, all);
	if (c->json) {
		jw_start_list(&w, o);
	} else if (up) {
		out_printf(o, "Session count: %zu\n", json_array_size(all));
		out_printf(o, "%-10s %-40s %-40s%-16s%-20s\n", "SessionId", "LocalAddress", "PeerAddress", "Status", "Profile");
		out_printf(o, "%-10s %-40s %-40s%-16s%-20s\n", "=========", "============", "===========", "======", "=======");
	}
	json_array_foreach(all, i, row) {
		const char *local = json_has(row, "local") ? json_text(row, "local") : "unknown";
		if (c->json) {
			jw_object(&w, NULL);
			jw_field(&w, "id", row, "discriminator");
			jw_str(&w, "local", local);
			jw_field(&w, "peer", row, "peer");
			jw_str(&w, "status", status(row));
			jw_field(&w, "interface", row, "interface");
			jw_field(&w, "profile", row, "profile");
			jw_close(&w, '}');
			continue;
		}
		out_printf(o, "%-10llu %-40s %-40s%-16s%-20s\n", (unsigned long long)json_uint(row, "discriminator"), local,
			json_text(row, "peer"), status(row), json_has(row, "profile") ? json_text(row, "profile") : "-");
	}
	if (c->json)
		jw_end_list(&w);
	json_decref(all);
}

/* --- counters ---------------------------------------------------------------------------------------- */

static void
counters_json(struct bfd_call *b, const json_t *row)
{
	struct jw *w = &b->w;
	head_json(b, row);
	jw_field(w, "id", row, "discriminator");
	jw_field(w, "control-packet-input", row, "control-rx");
	jw_field(w, "controlPacketBadInput", row, "dropped");
	jw_field(w, "control-packet-output", row, "control-tx");
	jw_field(w, "echo-packet-input", row, "echo-rx");
	jw_field(w, "echo-packet-output", row, "echo-tx");
	jw_field(w, "session-up", row, "ups");
	jw_field(w, "session-down", row, "downs");
	jw_uint(w, "zebra-notifications", json_uint(row, "ups") + json_uint(row, "downs"));
	jw_field(w, "dropped", row, "drops");
	jw_field(w, "lastDrop", row, "last-drop");
	jw_field(w, "lastDropMs", row, "last-drop-ms");
	tail_json(b);
}

static void
counters_text(struct out *o, json_t *row)
{
	static const struct {
		const char *text, *key;
	} lines[] = {
		{"Control packet input: %llu packets", "control-rx"}, {"Control packet output: %llu packets", "control-tx"},
		{"Echo packet input: %llu packets", "echo-rx"}, {"Echo packet output: %llu packets", "echo-tx"},
		{"Session up events: %llu", "ups"}, {"Session down events: %llu", "downs"},
	};
	const char *reason;
	json_t *n;
	head_text(o, row);
	out_printf(o, "\t\tID: %llu\n", (unsigned long long)json_uint(row, "discriminator"));
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *at = strstr(lines[i].text, "%llu");
		out_printf(o, "\t\t%.*s%llu%s\n", (int)(at - lines[i].text), lines[i].text,
			(unsigned long long)json_uint(row, lines[i].key), at + 4);
	}
	out_printf(o, "\t\tZebra notifications: %llu\n", (unsigned long long)(json_uint(row, "ups") + json_uint(row, "downs")));
	out_printf(o, "\t\tRX fail packet: %llu\n", (unsigned long long)json_uint(row, "dropped"));
	json_object_foreach(json_object_get(row, "drops"), reason, n)
		out_printf(o, "\t\t\t%s: %lld\n", reason, (long long)json_integer_value(n));
	out_text(o, "\n");
}

static bool
counters_row(void *arg, json_t *row)
{
	struct bfd_call *b = arg;
	if (b->one && !meant(b->c, row))
		return true;
	b->n++;
	if (b->c->json)
		counters_json(b, row);
	else
		counters_text(b->o, row);
	return !b->one;
}

void
show_bfd_counters(const struct exec_call *c)
{
	call_rows(c, "bfd/counters", "BFD Peers:\n", counters_row);
}

/* --- statistics: ours -------------------------------------------------------------------------------- */

static bool
drop_row(void *arg, json_t *row)
{
	struct bfd_call *b = arg;
	if (b->c->json)
		jw_field(&b->w, json_text(row, "reason"), row, "packets");
	else if (json_uint(row, "packets"))
		out_printf(b->o, "  %-22s %10llu  %s\n", json_text(row, "reason"), (unsigned long long)json_uint(row, "packets"),
			json_text(row, "explanation"));
	return true;
}

static bool
threads_row(void *arg, json_t *row)
{
	struct bfd_call *b = arg;
	const char *key;
	json_t *v;
	if (b->c->json) {
		json_object_foreach(row, key, v)
			jw_field(&b->w, key, row, key);
		return false;
	}
	json_object_foreach(row, key, v) {
		if (json_is_integer(v))
			out_printf(b->o, "  %-22s %10lld\n", key, (long long)json_integer_value(v));
		else if (json_is_boolean(v))
			out_printf(b->o, "  %-22s %10s\n", key, json_is_true(v) ? "yes" : "no");
		else if (json_is_string(v))
			out_printf(b->o, "  %-22s %s\n", key, json_string_value(v));
	}
	return false;
}

void
show_bfd_statistics(const struct exec_call *c)
{
	struct bfd_call b = {.c = c, .o = c->sh->out};
	if (c->json) {
		jw_start(&b.w, b.o);
		jw_object(&b.w, "dropped");
	} else {
		out_text(b.o, "Packets dropped, of all sessions and of none:\n");
	}
	bool up = view_rows(c->sh, "bfdd", "bfd/drops", NULL, 0, drop_row, &b);
	if (c->json) {
		jw_close(&b.w, '}');
		jw_object(&b.w, "threads");
	} else {
		out_text(b.o, "Threads and sockets:\n");
	}
	if (up)
		view_rows(c->sh, "bfdd", "bfd/threads", NULL, 0, threads_row, &b);
	if (c->json) {
		jw_close(&b.w, '}');
		jw_end(&b.w);
	}
}
