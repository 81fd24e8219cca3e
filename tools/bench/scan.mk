# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# How fast gccolor_scan() is, in time on this machine.

SCAN_BENCH_SRC := tools/bench/scan.c tools/bench/scan_ways.c

$(B)/tools/bench/scan: $(SCAN_BENCH_SRC) tools/bench/scan_ways.h include/gccolor_scan.h $(TOOLS_LIB)
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -Ilib -o $@ $(SCAN_BENCH_SRC) $(TOOLS_LIB) -pthread $(LDFLAGS)

## make bench-scan       how fast gccolor_scan() is on this machine (x86-64): docs/bench/scan.md
bench-scan: $(B)/tools/bench/scan
	@mkdir -p docs/bench
	@$< > $<.json
	@tools/bench/scan_report $<.json docs/bench

.PHONY: bench-scan
