# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The tests of the kernel's side: system calls and <linux/gccolor.h>, no library.
# `make check-guest` runs all of them in one boot and counts.

KERNEL_TESTS := uapi_args_test uapi_region_test uapi_range_test uapi_limits_test \
	uapi_exec_test uapi_flags_test uapi_compat_test uapi_query_test uapi_tag_test \
	lifetime_fork_test lifetime_file_test lifetime_owner_test lifetime_module_test \
	drain_test watch_event_test watch_netlink_test watch_listen_test \
	attack_test race_test stress_test
NETLINK_TESTS := watch_netlink_test watch_listen_test
# Of which processor is the kernel? Tests are built for it.
CROSS_arm64 := aarch64-linux-gnu-
KERNEL_ARCH := $(shell awk '$$1 == "$(KERNEL)" { print $$5 }' selftests/vm/kernels)
ifneq ($(KERNEL_ARCH),)
# libnl is there for this machine's processor only.
KERNEL_TESTS := $(filter-out $(NETLINK_TESTS),$(KERNEL_TESTS))
endif
KERNEL_TEST_CC = $(if $(KERNEL_ARCH),$(CROSS_$(KERNEL_ARCH))gcc,$(CC))
KERNEL_TEST_DIR := $(B)/selftests$(KERNEL_ARCH:%=-%)
# What only a kernel made for it can do
DEBUG_TESTS := debug_test fault_test
ifeq ($(KERNEL),debug)
KERNEL_TESTS += debug_test
endif
# By themselves: reload_test, see check-reload
KERNEL_TEST_BINS := $(KERNEL_TESTS:%=$(KERNEL_TEST_DIR)/%)
GUARD_TEST_BIN := $(KERNEL_TEST_DIR)/guard_test
RANDOM_TEST_BIN := $(KERNEL_TEST_DIR)/random_test
KERNEL_TEST_LOG = $(KERNEL_TEST_DIR)/kernel-$(KERNEL)$(GUEST_LEVEL:%=-%).log

KSFT := $(CACHE)/linux-6.12-files/tools/testing/selftests
# The harness is not ours: -isystem keeps its warnings out.
KERNEL_TEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wno-sign-compare \
	-Wno-unused-parameter -Wno-missing-field-initializers -Werror \
	-pthread -static -isystem $(KSFT) -Iselftests -Iinclude/uapi
KERNEL_TEST_HEADERS := $(addprefix selftests/,region.h maps.h limits.h child.h kernel.h module.h) \
	include/uapi/linux/gccolor.h

ATTACK_SOURCES := $(addprefix selftests/attack_,map.c remap.c advice.c uffd.c process.c kernel.c)
RANDOM_SOURCES := $(addprefix selftests/random_,gen.c model.c oracle.c memory.c expect.c \
	ioctl.c command.c space.c advice.c process.c shrink.c)
STRESS_SOURCES := $(addprefix selftests/stress_,attack.c owner.c limits.c)

$(KSFT)/kselftest_harness.h:
	selftests/vm/fetch ksft

$(KERNEL_TEST_DIR):
	mkdir -p $@

$(sort $(KERNEL_TEST_BINS) $(DEBUG_TESTS:%=$(KERNEL_TEST_DIR)/%) $(RANDOM_TEST_BIN) $(GUARD_TEST_BIN) \
		$(KERNEL_TEST_DIR)/reload_test): \
		$(KERNEL_TEST_DIR)/%: selftests/%.c $(KERNEL_TEST_HEADERS) \
		| $(KSFT)/kselftest_harness.h $(KERNEL_TEST_DIR)
	@$(KERNEL_TEST_CC) $(KERNEL_TEST_CFLAGS) -o $@ $(filter %.c,$^) $(KERNEL_TEST_LIBS)

$(NETLINK_TESTS:%=$(KERNEL_TEST_DIR)/%): selftests/watch.h selftests/watch_fixture.h \
	include/uapi/linux/gccolor_netlink.h
$(NETLINK_TESTS:%=$(KERNEL_TEST_DIR)/%): KERNEL_TEST_CFLAGS += -isystem /usr/include/libnl3
$(NETLINK_TESTS:%=$(KERNEL_TEST_DIR)/%): KERNEL_TEST_LIBS = -lnl-genl-3 -lnl-3
$(KERNEL_TEST_DIR)/attack_test: $(ATTACK_SOURCES) selftests/attack.h
$(KERNEL_TEST_DIR)/race_test: selftests/race.h
$(KERNEL_TEST_DIR)/fault_test: selftests/fault_scenes.c selftests/fault.h
$(KERNEL_TEST_DIR)/stress_test: $(STRESS_SOURCES) selftests/stress.h
$(RANDOM_TEST_BIN): $(RANDOM_SOURCES) selftests/random.h selftests/random_expect.h selftests/maps.h

kernel-tests: $(KERNEL_TEST_BINS) $(RANDOM_TEST_BIN)

# Attacks of each of the two stress runs
STRESS ?= 400000
GUEST_MEMORY ?= 2048
GUEST_OPTIONS ?=
GUEST_CPU ?=
GUEST_TESTS ?= $(KERNEL_TESTS)
# The level that regions must have, where it is not enforced
GUEST_LEVEL ?=

# In the guest everything is there: a test that skips fails. A program that
# dies before its totals fails too.
## make check-guest      the kernel's tests, in one boot of $(KERNEL)
check-guest: $(KERNEL_TEST_BINS)
	@ko=$$(selftests/vm/module $(KERNEL)) && \
	{ selftests/vm/run --kernel $(KERNEL) --no-product --timeout 1800 \
		--memory $(GUEST_MEMORY) $(GUEST_OPTIONS) $(GUEST_CPU:%=--cpu %) --with $$ko \
		$(KERNEL_TEST_BINS:%=--with %) -- sh -c 'export GCCOLOR_TEST_REQUIRE=1 \
		GCCOLOR_KO=gccolor.ko GCCOLOR_TEST_LEVEL=$(GUEST_LEVEL); \
		for t in $(filter-out stress_test,$(GUEST_TESTS)) \
		$(if $(filter stress_test,$(GUEST_TESTS)),"stress_test $(STRESS)" "stress_test $(STRESS) exact"); \
		do echo "# program $$t"; ./$$t 2>&1; done'; echo "# runner $$?"; } | tee $(KERNEL_TEST_LOG)
	@selftests/tally -v name="kernel tests on $(KERNEL)" $(KERNEL_TEST_LOG)

## make check-guest-6.1  the same on 6.1; check-guest-7.3, check-guest-arm64: on those
check-guest-6.1 check-guest-7.3: check-guest-%:
	@$(MAKE) check-guest KERNEL=$* STRESS=150000
check-guest-arm64:
	@$(MAKE) check-guest KERNEL=arm64 STRESS=50000

# What level guarded does not have: memory that the kernel takes for anonymous
# (MADV_FREE, huge pages, userfaultfd, merging), splits by mlock, the seal.
# The last one loads the module anew, without the parameter.
GUARDED_TESTS := uapi_args_test uapi_region_test uapi_range_test lifetime_fork_test \
	lifetime_file_test attack_test $(NETLINK_TESTS) lifetime_module_test

## make check-guarded    the same with a module that was told to use hooks only
check-guarded:
	@$(MAKE) check-guest GUEST_TESTS="$(GUARDED_TESTS)" GUEST_LEVEL=guarded \
		GUEST_OPTIONS="--modparam guard=hooks"

## make check-debug      the same on a kernel with KASAN, PROVE_LOCKING, DEBUG_VM, kmemleak
check-debug:
	@$(MAKE) check-guest KERNEL=debug STRESS=40000 GUEST_MEMORY=4000 GUEST_OPTIONS=--leaks

## make check-fault      every allocation of every command fails once, on that kernel
# The core's own WARNING: vmalloc takes one of its allocations for granted.
check-fault: $(KERNEL_TEST_DIR)/fault_test
	@ko=$$(selftests/vm/module debug $(FAULT_MODULE)) && \
	selftests/vm/run --kernel debug --no-product --timeout 5400 --memory 2000 --leaks \
		--expected 'mm/vmalloc[.]c:[0-9]+ alloc_vmap_area' \
		--module $$ko --with $$ko --with $< -- sh -c 'GCCOLOR_KO=gccolor.ko ./fault_test'

## make check-plant-debug  a planted use after free, sleep in atomic context, leak are found
check-plant-debug: $(KERNEL_TEST_DIR)/uapi_region_test
	@selftests/plant_debug_test

# Without SEED, another one each time; it is printed. REPLAY: the calls that a
# failed run prints. What the random test finds, the seed finds again.
RANDOM_CALLS ?= 100000
SEED ?=
REPLAY ?=
RANDOM_ARGS = $(if $(REPLAY),--replay $(REPLAY),$(RANDOM_CALLS) $(SEED))

## make check-random     RANDOM_CALLS=100000 SEED= : random calls around a region
check-random: $(RANDOM_TEST_BIN)
	@selftests/vm/run --kernel $(KERNEL) --no-product --timeout 7200 \
		--memory $(GUEST_MEMORY) --with $< -- sh -c \
		'./random_test --self && exec ./random_test $(RANDOM_ARGS)'

# Cycles of rmmod and insmod
RELOADS ?= 1000
KERNEL_TEST_RELOAD := $(addprefix $(KERNEL_TEST_DIR)/,drain_test reload_test)

## make check-reload     rmmod and insmod a thousand times around live and dying processes
check-reload: $(KERNEL_TEST_RELOAD)
	@ko=$$(selftests/vm/module $(KERNEL)) && \
	selftests/vm/run --kernel $(KERNEL) --no-product --timeout 1200 \
		--memory $(GUEST_MEMORY) --with $$ko $(KERNEL_TEST_RELOAD:%=--with %) -- \
		sh -c 'export GCCOLOR_TEST_REQUIRE=1 GCCOLOR_KO=gccolor.ko; \
		./drain_test && ./reload_test $(RELOADS) $(RELOAD_SEED)'

# A quarter of an hour each, not part of make check: kernels that have to be built
# (5 to 13 minutes each), and processors with more address bits.
## make check-sizes      the kernel's tests on every page size and address space
check-sizes:
	@$(MAKE) check-guest KERNEL=6.12 STRESS=20000 GUEST_CPU=max,cx16=off
	@$(MAKE) check-guest KERNEL=arm64 STRESS=20000 GUEST_CPU=max
	@$(MAKE) check-guest KERNEL=arm64-16k STRESS=20000
	@$(MAKE) check-guest KERNEL=arm64-4k-39 STRESS=20000
	@$(MAKE) check-guest KERNEL=arm64-64k-42 STRESS=20000 GUEST_MEMORY=6000

attack-test: $(KERNEL_TEST_DIR)/attack_test

# Rewrites the table of what each call does; the exit status says whether it may.
## make attack-table     run the attacks on every kernel, write docs/attacks.md
attack-table:
	@selftests/attack_table

.PHONY: kernel-tests check-guest check-guest-6.1 check-guest-7.3 check-guest-arm64 \
	check-guarded check-debug check-fault check-plant-debug \
	check-random check-reload check-sizes attack-test attack-table
