# SPDX-License-Identifier: GPL-2.0-or-later
zebra_SHELL := avail vlink_sys vfilter main clients nl_sock dplane kernel kernel_feed kernel_sys keeper wake

# zebra's shell towards the kernel, for tests and benchmarks that need a real one
zebra_KERNEL := nl_sock dplane kernel kernel_feed kernel_sys keeper wake
$(BUILD)/zebra/kernel.a: $(zebra_KERNEL:%=$(BUILD)/zebra/%.o)
KERNEL_USERS := $(BUILD)/tests/unit/test_nl_live $(BUILD)/tests/unit/test_dplane_live $(BUILD)/tests/unit/test_nl_chaos \
	$(BUILD)/tests/bench/bench_fib
$(KERNEL_USERS): $(BUILD)/zebra/kernel.a
$(KERNEL_USERS): TEST_LIBS := $(BUILD)/zebra/kernel.a $(BUILD)/zebra/core.a $(BUILD)/lib/libgrevy.a
