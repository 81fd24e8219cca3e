# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# Address-space randomisation against regions and heaps.

CHANCE_DIR := $(B)/selftests/chance
CHANCE_STARTS ?= 1000
CHANCE_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -pthread -Iinclude -Iselftests

$(CHANCE_DIR):
	mkdir -p $@

$(CHANCE_DIR)/chance_start: selftests/chance_start.c selftests/chance.h include/gccolor.h \
		$(B)/lib/libgccolor.a | $(CHANCE_DIR)
	$(CC) $(CHANCE_CFLAGS) -fPIE -pie -o $@ $< $(B)/lib/libgccolor.a

$(CHANCE_DIR)/chance_start_static: selftests/chance_start.c selftests/chance.h include/gccolor.h \
		$(B)/lib/libgccolor.a | $(CHANCE_DIR)
	$(CC) $(CHANCE_CFLAGS) -fPIE -static-pie -o $@ $< $(B)/lib/libgccolor.a

$(CHANCE_DIR)/chance_test: selftests/chance_test.c selftests/chance.h \
		| $(KSFT)/kselftest_harness.h $(CHANCE_DIR)
	$(CC) $(CHANCE_CFLAGS) -static -isystem $(KSFT) -o $@ $<

CHANCE_BINS := $(addprefix $(CHANCE_DIR)/,chance_start chance_start_static chance_test)

## make check-chance     1,000 starts of a PIE at rnd_bits 28 and 32: a region each, no heap disturbed
check-chance: $(CHANCE_BINS)
	@selftests/vm/run --kernel $(KERNEL) --no-product --timeout 900 $(CHANCE_BINS:%=--with %) -- \
		env GCCOLOR_BACKEND=kmod GCCOLOR_MIN_LEVEL=enforced \
		./chance_test $(CHANCE_STARTS) 28 32
	@cd $(CHANCE_DIR) && for backend in posix mseal; do \
		echo "# here, backend $$backend:"; GCCOLOR_BACKEND=$$backend ./chance_test 200 || exit 1; done

.PHONY: check-chance
