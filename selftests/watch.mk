# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The commands that watch and explain, in guests. Included after kernel.mk.

WATCH_DIR := $(B)/watch
WATCH_PROGRAMS := $(addprefix $(WATCH_DIR)/,watch_actor watch_condition)
WATCH_STAGED := $(WATCH_PROGRAMS) $(WATCH_DIR)/watch_occupant.so selftests/watch_guest \
	selftests/watch_doctor.sh selftests/tap.sh
WATCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -Iselftests -Iinclude/uapi
WATCH_RUN = selftests/vm/run --timeout 600 --program bash --program python3 --program env \
	$(WATCH_STAGED:%=--with %)

$(WATCH_PROGRAMS): $(WATCH_DIR)/%: selftests/%.c $(KERNEL_TEST_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(WATCH_CFLAGS) -static -o $@ $<

$(WATCH_DIR)/%.so: selftests/%.c include/uapi/linux/gccolor.h
	@mkdir -p $(@D)
	$(CC) $(WATCH_CFLAGS) -D_GNU_SOURCE -shared -fPIC -o $@ $<

# Three boots: a good module; one that lets regions be broken; one whose guard is lost.
## make check-watch      gccolor list, watch, map, verify, doctor, in guests
check-watch: tools $(WATCH_STAGED)
	@ko=$$(selftests/vm/module 6.12) && \
	open=$$(selftests/vm/module 6.12 open_halves -DGCCOLOR_PLANT_OPEN_HALVES) && \
	lost=$$(selftests/vm/module 6.1 planted-probe -DGCCOLOR_PLANT_PROBE) && \
	status=0 && \
	{ $(WATCH_RUN) --kernel 6.12 --with $$ko -- bash ./watch_guest enforced || status=1; } && \
	{ $(WATCH_RUN) --kernel 6.12 --module $$open -- bash ./watch_guest open || status=1; } && \
	{ $(WATCH_RUN) --kernel 6.1 --module $$lost -- bash ./watch_guest lost || status=1; } && \
	exit $$status

# Debian's kernels have no names for anonymous memory.
## make check-watch-debug gccolor map of regions without the module, on the debug kernel
check-watch-debug: tools $(WATCH_STAGED)
	@$(WATCH_RUN) --kernel debug --no-module --memory 3000 -- bash ./watch_guest named

.PHONY: check-watch check-watch-debug
