# SPDX-License-Identifier: GPL-2.0-or-later
vtysh_SHELL := $(patsubst vtysh/%.c,%,$(wildcard vtysh/*.c))
