# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The guard of kernels before 6.12: a rival for it, and a module that is deaf.
# Included after kernel.mk, which builds the test.

GUARD_KERNEL ?= 6.1

## make check-guard      who can take the guard of an older kernel away (GUARD_KERNEL=6.1)
check-guard: $(GUARD_TEST_BIN)
	@ko=$$(selftests/vm/module $(GUARD_KERNEL)) && \
	planted=$$(selftests/vm/module $(GUARD_KERNEL) planted-probe -DGCCOLOR_PLANT_PROBE) && \
	rival=$$(selftests/vm/module --source selftests/guard_rival $(GUARD_KERNEL)) && \
	mkdir -p $(B)/guard && cp $$ko $(B)/guard/gccolor.ko && \
	cp $$planted $(B)/guard/planted.ko && cp $$rival $< $(B)/guard/ && \
	selftests/vm/run --kernel $(GUARD_KERNEL) --no-module --no-product --timeout 900 \
		--with $(B)/guard -- sh -c 'cd guard && GCCOLOR_KO=gccolor.ko \
		GCCOLOR_KO_PLANTED=planted.ko GCCOLOR_RIVAL=guard_rival.ko ./guard_test'

.PHONY: check-guard
