# SPDX-License-Identifier: GPL-2.0-or-later
# The probe stream of the drills and of the system tests.
$(BUILD)/labs/probe: $(BUILD)/labs/probe.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^
lab-tools: $(BUILD)/labs/probe
.PHONY: lab-tools
