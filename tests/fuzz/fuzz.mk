# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzz targets: one libFuzzer program build-fuzz/fuzz_NAME per tests/fuzz/fuzz_NAME.c, seeds in
# tests/fuzz/corpus/NAME/. All pure files of lib/ are linked. What else a target needs it names
# in its own comment, on one line of paths from the top (wildcards are welcome):
#
#	fuzz-links: zebra/nl.c zebra/nl_*.c
#	fuzz-core: ospfd             (all pure files of a folder)
#	fuzz-libs: -lyang            (optional, linker flags)
#
# The same can be said here by FUZZ_SRCS_NAME and FUZZ_LIBS_NAME.
FUZZ_CC := clang
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_CFLAGS := -std=gnu17 -g -O1 $(filter-out -Werror,$(WARN)) -D_GNU_SOURCE \
	-DGREVY_VERSION='"$(VERSION)"' -I. -I$(BUILD) $(PKG_CFLAGS) -MMD -MP

$(FUZZ_BUILD)/obj/%.o: %.c | $(GEN_H)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_SAN) -fsanitize=fuzzer-no-link -c -o $@ $<
$(FUZZ_BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -w $(FUZZ_SAN) -fsanitize=fuzzer-no-link -c -o $@ $<

FUZZ_PURE := $(lib_CORE_OBJ:$(BUILD)/%=$(FUZZ_BUILD)/obj/%)
$(FUZZ_BUILD)/libpure.a: $(FUZZ_PURE)

# $(1): NAME. build/gen/X.pb-c.c among the sources is taken from the generated folder.
define fuzz_target
FUZZ_CORE_$(1) := $$(shell sed -n 's/^.*fuzz-core: *//p' tests/fuzz/fuzz_$(1).c)
FUZZ_ALL_$(1) := $$(sort $$(wildcard $$(FUZZ_SRCS_$(1)) \
	$$(shell sed -n 's/^.*fuzz-links: *//p' tests/fuzz/fuzz_$(1).c)) \
	$$(foreach d,$$(FUZZ_CORE_$(1)),$$($$(d)_CORE_OBJ:$(BUILD)/%.o=%.c)))
FUZZ_GEN_$(1) := $$(filter gen/%,$$(FUZZ_SRCS_$(1)) \
	$$(shell sed -n 's/^.*fuzz-links: *//p' tests/fuzz/fuzz_$(1).c))
FUZZ_LIBS_$(1) += $$(shell sed -n 's/^.*fuzz-libs: *//p' tests/fuzz/fuzz_$(1).c)
$(FUZZ_BUILD)/fuzz_$(1): $(FUZZ_BUILD)/obj/tests/fuzz/fuzz_$(1).o \
		$$(FUZZ_ALL_$(1):%.c=$(FUZZ_BUILD)/obj/%.o) $$(FUZZ_GEN_$(1):%.c=$(FUZZ_BUILD)/obj/%.o) \
		$(FUZZ_BUILD)/libpure.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $$@ $$^ $$(FUZZ_LIBS_$(1)) $(LIBS_COMMON)
endef
$(foreach t,$(FUZZ_SRC:tests/fuzz/fuzz_%.c=%),$(eval $(call fuzz_target,$(t))))
-include $(shell find $(FUZZ_BUILD) -name '*.d' 2>/dev/null)
