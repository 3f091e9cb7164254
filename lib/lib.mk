# SPDX-License-Identifier: GPL-2.0-or-later
lib_SHELL := loop ipc zclient zclient_ha northbound northbound_state log logconf daemon daemon_args priv priv_filter timely ha bfdclient mapfile slowclose trim keepfile
