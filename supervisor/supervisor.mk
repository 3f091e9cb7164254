# SPDX-License-Identifier: GPL-2.0-or-later
supervisor_SHELL := $(patsubst supervisor/%.c,%,$(wildcard supervisor/*.c))
