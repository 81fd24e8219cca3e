# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# What the module costs, in instructions of a guest. Included after kernel.mk.

BENCH_KERNELS ?= 6.12 6.1 7.3

$(B)/tools/audit_cost: tools/bench/audit_cost.c $(KERNEL_TEST_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(KERNEL_TEST_CFLAGS) -o $@ $<

## make bench            what watching costs processes without regions: docs/bench/audit.md
bench: $(B)/tools/audit_cost
	@tools/bench/audit_cost_table $(BENCH_KERNELS)

.PHONY: bench
