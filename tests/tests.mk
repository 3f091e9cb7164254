# SPDX-License-Identifier: GPL-2.0-or-later
# Tests. Every test program prints one line per case, `ok NAME` or `not ok NAME - why`, and
# tests/run.py counts them.

# unit: one program per tests/unit/test_NAME.c
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
TEST_ARCHIVES := $(BUILD)/ospfd/core.a $(BUILD)/zebra/core.a $(BUILD)/bfdd/core.a $(BUILD)/vrrpd/core.a $(BUILD)/lib/libgrevy.a
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/unit.o $(TEST_ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS) -lcunit -lmnl $(LIBS_COMMON)
# programs that need libyang and the shell's or mgmtd's insides
UNIT_VTYSH := $(filter $(BUILD)/tests/unit/test_vtysh_%,$(UNIT_BIN))
UNIT_MGMTD := $(filter $(BUILD)/tests/unit/test_mgmtd_%,$(UNIT_BIN))
$(UNIT_VTYSH): $(BUILD)/vtysh/core.a
$(UNIT_VTYSH): TEST_LIBS := $(BUILD)/vtysh/core.a $(BUILD)/lib/libgrevy.a -lyang -lreadline -ljansson
$(UNIT_MGMTD): $(BUILD)/mgmtd/core.a
$(UNIT_MGMTD): TEST_LIBS := $(BUILD)/mgmtd/core.a $(BUILD)/lib/libgrevy.a -lyang

# the simulator: every tests/sim/*.c in one program, with ospfd's core and zebra's; the cores share names, so
# zebra's keeps only its entry points and its configuration's tables
SIM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sim/*.c))
$(BUILD)/tests/sim/zebra_core.o: $(BUILD)/zebra/core.a
	@mkdir -p $(@D)
	ld -r --whole-archive -o $@.tmp $<
	objcopy -w --keep-global-symbol='zebra_*' --keep-global-symbol='zconf_*' $@.tmp $@
	@rm -f $@.tmp
$(BUILD)/tests/sim/sim: $(SIM_OBJ) $(BUILD)/tests/sim/zebra_core.o $(BUILD)/ospfd/core.a $(BUILD)/bfdd/core.a \
		$(BUILD)/vrrpd/core.a $(BUILD)/lib/libgrevy.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_COMMON)

# benchmarks in C: one program per tests/bench/bench_NAME.c
BENCH_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(TEST_ARCHIVES)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS) -lmnl $(LIBS_COMMON)

TEST_OBJ := $(UNIT_SRC:%.c=$(BUILD)/%.o) $(BUILD)/tests/unit/unit.o $(SIM_OBJ)
$(TEST_OBJ): | $(GEN_H)

# fuzz: one libFuzzer program per tests/fuzz/fuzz_NAME.c, all sources it names after `fuzz-links:`
FUZZ_BUILD := build-fuzz
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZ_BUILD)/%)
FUZZ_SECONDS ?= 5
include $(wildcard tests/fuzz/fuzz.mk)
fuzz: $(FUZZ_BIN)
	python3 tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $(FUZZ_BIN)

TEST_PROGS = $(UNIT_BIN) $(if $(SIM_OBJ),$(BUILD)/tests/sim/sim)
test: deps
	+$(MAKE) all test-programs
	python3 tests/run.py --build $(BUILD) $(TESTS)
test-programs: $(TEST_PROGS) $(FUZZ_BIN) lab-tools
bench: deps
	+$(MAKE) all lab-tools $(BENCH_BIN)
	python3 tests/bench/run.py --build $(BUILD)
lint:
	python3 tests/lint/lint.py --build $(BUILD)
demo:
	@sh packaging/deps.sh ""
	+$(MAKE) all lab-tools
	python3 labs/drill.py --build $(BUILD) $(or $(LAB),labs/ha-pair)
.PHONY: test-programs
