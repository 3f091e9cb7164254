# SPDX-License-Identifier: GPL-2.0-or-later
# all of mgmtd is shell: it works on libyang trees
mgmtd_SHELL := $(patsubst mgmtd/%.c,%,$(wildcard mgmtd/*.c))
