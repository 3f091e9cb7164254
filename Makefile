# SPDX-License-Identifier: GPL-2.0-or-later
# One makefile, not recursive. Each folder has a NAME.mk that says which of its files are shell
# (sockets, kernel, libyang); all other files of the folder are core or codec and must stay pure.
#
#   make            build/bin/{grevy,vtysh}, build/sbin/*
#   make test       install what is missing, build, run every test
#   make demo       install what is missing, build, show the failover drills (LAB=labs/ospf-square: another network)
#   make install DESTDIR= PREFIX=/usr/local
#   make SANITIZE=1 ...    ASan + UBSan, in build-san
#   make lint | fuzz | bench | deps | clean

PREFIX ?= /usr/local
CC ?= gcc
ifdef SANITIZE
BUILD ?= build-san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
BUILD ?= build
endif

VERSION := 0.1.0
PKGS := libyang libevent libprotobuf-c libmnl libcap libseccomp readline jansson nettle libxxhash
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
	-Wsign-compare -Wvla -Wimplicit-fallthrough -Wswitch-enum -Werror
HARDEN := -fstack-protector-strong -fPIE -fcf-protection
ifndef SANITIZE
HARDEN += -D_FORTIFY_SOURCE=2
endif
CFLAGS ?= -O2 -g
ALL_CFLAGS := -std=gnu17 $(CFLAGS) $(WARN) $(HARDEN) $(SANFLAGS) -D_GNU_SOURCE -DGREVY_VERSION='"$(VERSION)"' \
	-I. -I$(BUILD) $(PKG_CFLAGS) -MMD -MP
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANFLAGS) $(LDFLAGS)

PROGS := zebra mgmtd ospfd $(patsubst %/main.c,%,$(wildcard bfdd/main.c vrrpd/main.c))
all:

# --- generated protobuf code -------------------------------------------------------------------
PROTOS := $(wildcard lib/proto/*.proto)
GEN_C := $(PROTOS:lib/proto/%.proto=$(BUILD)/gen/%.pb-c.c)
GEN_H := $(GEN_C:.c=.h)
$(BUILD)/gen/%.pb-c.c $(BUILD)/gen/%.pb-c.h &: lib/proto/%.proto
	@mkdir -p $(@D)
	protoc-c --proto_path=lib/proto --c_out=$(BUILD)/gen $<
	@sed -i '1i #pragma GCC system_header' $(BUILD)/gen/$*.pb-c.h # its INIT macros cast const away
$(BUILD)/gen/%.pb-c.o: ALL_CFLAGS += -Wno-cast-qual
.SECONDARY: $(GEN_C) $(GEN_H)

# --- folders: NAME_SHELL (file names without .c) comes from NAME/NAME.mk -------------------------
FOLDERS := lib zebra bfdd ospfd vrrpd mgmtd supervisor vtysh
include $(wildcard $(foreach d,$(FOLDERS),$(d)/$(d).mk))
define folder
$(1)_SRC := $$(wildcard $(1)/*.c)
$(1)_OBJ := $$($(1)_SRC:%.c=$(BUILD)/%.o)
$(1)_CORE_OBJ := $$(filter-out $$($(1)_SHELL:%=$(BUILD)/$(1)/%.o),$$($(1)_OBJ))
$$($(1)_OBJ): | $$(GEN_H)
endef
$(foreach d,$(FOLDERS),$(eval $(call folder,$(d))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Pure parts as archives: what unit tests, the simulator and fuzzers link.
$(BUILD)/lib/libpure.a: $(lib_CORE_OBJ)
$(BUILD)/lib/libgrevy.a: $(lib_OBJ) $(GEN_C:.c=.o)
$(BUILD)/zebra/core.a: $(zebra_CORE_OBJ)
$(BUILD)/ospfd/core.a: $(ospfd_CORE_OBJ)
$(BUILD)/bfdd/core.a: $(bfdd_CORE_OBJ)
$(BUILD)/vrrpd/core.a: $(vrrpd_CORE_OBJ)
$(BUILD)/mgmtd/core.a: $(filter-out $(BUILD)/mgmtd/main.o,$(mgmtd_OBJ))
$(BUILD)/vtysh/core.a: $(filter-out $(BUILD)/vtysh/main.o,$(vtysh_OBJ))
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

LIBS_COMMON := -levent -lprotobuf-c -lcap -lseccomp -lnettle -lxxhash -lpthread
$(BUILD)/sbin/zebra: $(zebra_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/sbin/zebra: LIBS := -lmnl
$(BUILD)/sbin/ospfd: $(ospfd_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/sbin/bfdd: $(bfdd_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/sbin/vrrpd: $(vrrpd_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/sbin/mgmtd: $(mgmtd_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/sbin/mgmtd: LIBS := -lyang
$(BUILD)/bin/grevy: $(supervisor_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/bin/vtysh: $(vtysh_OBJ) $(BUILD)/lib/libgrevy.a
$(BUILD)/bin/vtysh: LIBS := -lyang -lreadline -ljansson
PROG_BINS := $(PROGS:%=$(BUILD)/sbin/%) $(BUILD)/bin/grevy $(BUILD)/bin/vtysh
$(PROG_BINS):
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS) $(LIBS_COMMON)

# The build tree runs in place: programs look for ../share/grevy/yang beside them.
YANG_OUT := $(patsubst yang/%,$(BUILD)/share/grevy/yang/%,$(wildcard yang/*.yang))
$(BUILD)/share/grevy/yang/%.yang: yang/%.yang
	@mkdir -p $(@D)
	cp $< $@
all: $(PROG_BINS) $(YANG_OUT)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/grevy/yang
	install -m 755 $(BUILD)/bin/grevy $(BUILD)/bin/vtysh $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(PROGS:%=$(BUILD)/sbin/%) $(DESTDIR)$(PREFIX)/sbin/
	install -m 644 yang/*.yang $(DESTDIR)$(PREFIX)/share/grevy/yang/

clean:
	rm -rf build build-san build-fuzz

deps:
	@sh packaging/deps.sh

include tests/tests.mk labs/labs.mk
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all install clean deps test demo bench fuzz lint
.DELETE_ON_ERROR:
