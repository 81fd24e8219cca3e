# SPDX-License-Identifier: MIT OR Apache-2.0
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The gccolor command and the library that `gccolor run` preloads.

TOOLS_B := $(B)/tools
# The benchmarks that need nothing but the library are part of the command.
TOOLS_SRC := $(wildcard tools/*.c) $(wildcard tools/bench/native*.c)
RUN_SRC := $(wildcard tools/run/*.c)
DEMO_SRC := $(wildcard tools/demo/*.c)
TOOLS_OBJ := $(TOOLS_SRC:tools/%.c=$(TOOLS_B)/%.o)
RUN_OBJ := $(RUN_SRC:tools/%.c=$(TOOLS_B)/%.o)
DEMO_BIN := $(DEMO_SRC:tools/%.c=$(TOOLS_B)/%)
TOOLS_LIB := $(B)/lib/libgccolor.a

TOOLS_CFLAGS = -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Iinclude -Iinclude/uapi -isystem /usr/include/libnl3 -DLIBDIR='"$(PREFIX)/lib"' -MMD -MP $(CFLAGS)

# The calls that libgccolor makes itself must not come back to our own symbols.
RUN_WRAP := mmap mmap64 munmap mprotect madvise
RUN_LDFLAGS := -shared -pthread -Wl,-soname,libgccolor-run.so -Wl,-z,defs \
	-Wl,-z,now -Wl,--exclude-libs,ALL \
	$(RUN_WRAP:%=-Wl,--wrap=%)

all: tools

## make tools            the command, build/tools/gccolor
tools: $(TOOLS_B)/gccolor $(TOOLS_B)/libgccolor-run.so $(DEMO_BIN)

$(TOOLS_B)/gccolor: $(TOOLS_OBJ) $(TOOLS_LIB)
	$(CC) -o $@ $(TOOLS_OBJ) $(TOOLS_LIB) -lnl-genl-3 -lnl-3 -pthread $(LDFLAGS)

$(TOOLS_B)/libgccolor-run.so: $(RUN_OBJ) $(TOOLS_LIB)
	$(CC) -o $@ $(RUN_OBJ) $(TOOLS_LIB) $(RUN_LDFLAGS) $(LDFLAGS)

$(TOOLS_B)/run/%.o: tools/run/%.c
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(TOOLS_B)/%.o: tools/%.c
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -c -o $@ $<

$(TOOLS_B)/demo/%: tools/demo/%.c $(TOOLS_LIB)
	@mkdir -p $(@D)
	$(CC) $(TOOLS_CFLAGS) -o $@ $< $(TOOLS_LIB) -pthread $(LDFLAGS)

install: install-tools
install-tools: $(TOOLS_B)/gccolor $(TOOLS_B)/libgccolor-run.so
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/gccolor \
		$(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(TOOLS_B)/gccolor $(DESTDIR)$(PREFIX)/bin/gccolor
	install -m 644 $(TOOLS_B)/libgccolor-run.so \
		$(DESTDIR)$(PREFIX)/lib/gccolor/libgccolor-run.so
	install -m 644 docs/man/gccolor.1 $(DESTDIR)$(PREFIX)/share/man/man1/gccolor.1
	install -m 644 tools/completion/gccolor.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/gccolor

uninstall: uninstall-tools
uninstall-tools:
	rm -f $(DESTDIR)$(PREFIX)/bin/gccolor \
		$(DESTDIR)$(PREFIX)/lib/gccolor/libgccolor-run.so \
		$(DESTDIR)$(PREFIX)/share/man/man1/gccolor.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/gccolor
	-rmdir $(DESTDIR)$(PREFIX)/lib/gccolor 2>/dev/null

.PHONY: tools install-tools uninstall-tools

-include $(TOOLS_OBJ:.o=.d) $(RUN_OBJ:.o=.d) $(DEMO_BIN:=.d)
