# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# What the module costs, in instructions of a guest. Included after kernel.mk.

BENCH_KERNELS ?= 6.12 6.1 7.3
BENCH_PATHS := $(addprefix tools/bench/,paths.c paths_touch.c paths_carve.c paths_runs.c \
	paths_reserve.c paths_library.c)

$(B)/tools/audit_cost: tools/bench/audit_cost.c
$(B)/tools/paths: $(BENCH_PATHS) $(B)/lib/libgccolor.a tools/bench/paths.h selftests/pressure.h
$(B)/tools/paths: KERNEL_TEST_CFLAGS += -Iinclude
$(B)/tools/threads: tools/bench/threads.c
$(B)/tools/audit_cost $(B)/tools/paths: tools/bench/cost.h
$(B)/tools/audit_cost $(B)/tools/paths $(B)/tools/threads: $(KERNEL_TEST_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(KERNEL_TEST_CFLAGS) -o $@ $(filter %.c %.a,$^)

## make bench            what the module, a region and the library cost, beside others: docs/bench/ (an hour)
bench: bench-audit bench-paths bench-user bench-scan bench-threads

bench-audit: $(B)/tools/audit_cost
	@tools/bench/audit_cost_table $(BENCH_KERNELS)

bench-paths: $(B)/tools/paths
	@tools/bench/paths_table $(BENCH_KERNELS)

## make bench-threads    faults while others commit, in guests (indicative): docs/bench/threads.md
bench-threads: $(B)/tools/threads
	@tools/bench/threads_table $(BENCH_KERNELS)

.PHONY: bench bench-audit bench-paths bench-threads
