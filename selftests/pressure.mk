# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# Committed memory beside plain anonymous memory, under everything that the
# kernel does to memory behind a program's back.

PRESSURE_TESTS := $(addprefix pressure_,$(addsuffix _test,swap memcg ksm numa pagemap core \
	ptrace gdb lock huge differ))
PRESSURE_BINS := $(PRESSURE_TESTS:%=$(KERNEL_TEST_DIR)/%)
PRESSURE_LOG := $(KERNEL_TEST_DIR)/pressure-$(KERNEL).log
# Two nodes of half the memory each, both processors in one.
PRESSURE_NODE = memory-backend-ram,size=$(shell expr $(GUEST_MEMORY) / 2)M
PRESSURE_QEMU = -object $(PRESSURE_NODE),id=m0 -numa node,memdev=m0,cpus=0-1 \
	-object $(PRESSURE_NODE),id=m1 -numa node,memdev=m1

$(PRESSURE_BINS): $(KERNEL_TEST_DIR)/%: selftests/%.c selftests/pressure.h \
		$(KERNEL_TEST_HEADERS) | $(KSFT)/kselftest_harness.h $(KERNEL_TEST_DIR)
	@$(CC) $(KERNEL_TEST_CFLAGS) -o $@ $(filter %.c,$^)

pressure-tests: $(PRESSURE_BINS)

# As in check-guest: a test that skips, or a program that dies, fails.
## make check-pressure   swap, memcg, KSM, NUMA, soft-dirty, core dumps, ptrace, mlockall, huge pages
check-pressure: $(PRESSURE_BINS)
	@brd=$$(selftests/vm/driver $(KERNEL) brd) && \
	{ selftests/vm/run --kernel $(KERNEL) --no-product --timeout 1800 --memory $(GUEST_MEMORY) \
		--qemu "$(PRESSURE_QEMU)" \
		--program gdb $${brd:+--with $$brd} $(PRESSURE_BINS:%=--with %) \
		-- sh -c 'export GCCOLOR_TEST_REQUIRE=1 GCCOLOR_BRD=brd.ko $(PRESSURE_ENV); \
		for t in $(PRESSURE_TESTS); do echo "# program $$t"; ./$$t 2>&1; done'; \
		echo "# runner $$?"; } | tee $(PRESSURE_LOG)
	@selftests/tally -v name="pressure tests on $(KERNEL)" $(PRESSURE_LOG)

# Debian's cloud kernels have no names for anonymous memory, the debug kernel must.
## make check-pressure-debug the same on the debug kernel
check-pressure-debug:
	@$(MAKE) check-pressure KERNEL=debug GUEST_MEMORY=4000 PRESSURE_ENV=GCCOLOR_ANON_NAMES=1

.PHONY: pressure-tests check-pressure check-pressure-debug
