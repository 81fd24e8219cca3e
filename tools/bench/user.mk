# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# What the library costs in time on this machine, beside others; included after tools.mk.

USER_BENCH_SRC := tools/bench/user.c tools/bench/user_alloc.c
USER_BENCH_OBJ := $(filter-out $(TOOLS_B)/gccolor.o,$(TOOLS_OBJ))
MEMMAP2_B := $(B)/tools/bench/memmap2
MEMMAP2 := $(MEMMAP2_B)/release/libmemmap2_peer.a

# memmap2 and what it needs are those of Debian, and nothing is downloaded.
$(MEMMAP2): tools/bench/memmap2/Cargo.toml tools/bench/memmap2/lib.rs
	@mkdir -p $(MEMMAP2_B)
	@cp $^ $(MEMMAP2_B)
	cargo build -q --release --offline --manifest-path $(MEMMAP2_B)/Cargo.toml \
		--target-dir $(MEMMAP2_B) --config 'source.crates-io.replace-with="debian"' \
		--config 'source.debian.directory="/usr/share/cargo/registry"'

# jemalloc is linked statically, for the functions below its interface.
$(B)/tools/bench/user: $(USER_BENCH_SRC) $(USER_BENCH_OBJ) tools/bench/user.h \
		tools/bench/native.h $(MEMMAP2) $(TOOLS_LIB)
	$(CC) $(TOOLS_CFLAGS) -o $@ $(USER_BENCH_SRC) $(USER_BENCH_OBJ) $(TOOLS_LIB) $(MEMMAP2) \
		-lnl-genl-3 -lnl-3 -Wl,-Bstatic -ljemalloc -Wl,-Bdynamic -pthread -ldl -lm -lgcc_s $(LDFLAGS)

## make bench-user       what the library costs in time on this machine, beside others: docs/bench/user.md
bench-user:
	@tools/prepare bench-user
	@$(MAKE) --no-print-directory $(B)/tools/bench/user
	@mkdir -p docs/bench
	@$(B)/tools/bench/user > $(B)/tools/bench/user.json
	@tools/bench/user_report $(B)/tools/bench/user.json docs/bench

.PHONY: bench-user
