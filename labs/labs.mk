# SPDX-License-Identifier: GPL-2.0-or-later
# What the drills and the system tests need: a stream of probes, a silent cut.
LAB_TOOLS := $(patsubst labs/%.c,$(BUILD)/labs/%,$(wildcard labs/*.c))
$(LAB_TOOLS): %: %.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^
lab-tools: $(LAB_TOOLS)
.PHONY: lab-tools
