# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# Tools that people use beside gccolor, each tried on a process with a region.

BESIDE_SUBJECT := $(B)/selftests/beside_subject
BESIDE_PROGRAMS := perf bpftrace strace pmap gdb gcore criu
# In order; CRIU asks the kernel for them.
BESIDE_DRIVERS := nfnetlink libcrc32c nf_tables unix_diag inet_diag tcp_diag udp_diag netlink_diag

$(BESIDE_SUBJECT): selftests/beside_subject.c include/gccolor.h $(B)/lib/libgccolor.a
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -static -pthread -Iinclude -o $@ $< $(B)/lib/libgccolor.a

## make check-beside     perf, bpftrace, strace, pmap, gdb, gcore and CRIU, as docs/beside.md says
check-beside: $(BESIDE_SUBJECT)
	@with=; for d in $(BESIDE_DRIVERS); do with="$$with --with $$(selftests/vm/driver 6.12 $$d)"; done && \
	selftests/vm/run --kernel 6.12 --memory 3000 --with $< --with selftests/beside_guest $$with \
		$(BESIDE_PROGRAMS:%=--program %) -- ./beside_guest

.PHONY: check-beside
