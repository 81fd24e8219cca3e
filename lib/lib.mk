# SPDX-License-Identifier: MIT OR Apache-2.0
# SPDX-FileCopyrightText: 2026 The gccolor authors
## make lib              build the library: build/lib/libgccolor.{a,so}

LIB_VERSION := 1.0.0
LIB_SO := libgccolor.so.$(LIB_VERSION)
LIB_SONAME := libgccolor.so.1
LIB_LINKS := $(LIB_SONAME) libgccolor.so

# What differs between systems is chosen here, by file; the rest of lib/ is for all.
LIB_TARGET := $(shell $(CC) -dumpmachine)
OS := $(strip $(foreach os,linux freebsd netbsd openbsd,$(if $(findstring $(os),$(LIB_TARGET)),$(os))) \
	$(if $(findstring darwin,$(LIB_TARGET))$(findstring macos,$(LIB_TARGET)),darwin) \
	$(if $(findstring solaris,$(LIB_TARGET))$(findstring illumos,$(LIB_TARGET)),illumos))
LIB_UNIX := os_unix os_file threads_pthread posix_map backend_posix backend_hint
LIB_OTHER := $(LIB_UNIX) os_other os_caps_other policy_other advice_unix backends_unix
LIB_linux := $(LIB_UNIX) os_linux os_caps posix_policy advice_linux backends_linux \
	backend_kmod backend_mseal
LIB_freebsd := $(LIB_OTHER) os_plain os_bsd os_freebsd
LIB_netbsd := $(LIB_OTHER) os_plain os_bsd os_netbsd
LIB_openbsd := $(filter-out backends_unix,$(LIB_OTHER)) os_plain os_bsd os_openbsd \
	backend_mimmutable backends_openbsd
LIB_illumos := $(LIB_OTHER) os_plain os_illumos
LIB_darwin := $(LIB_OTHER) os_bsd os_darwin
LIB_windows := $(patsubst lib/%.c,%,$(wildcard lib/*_windows.c))
LIB_NOT_FOR_ALL := $(LIB_linux) $(LIB_freebsd) $(LIB_netbsd) $(LIB_openbsd) $(LIB_illumos) \
	$(LIB_darwin) $(LIB_windows)
LIB_NAMES := $(filter-out $(LIB_NOT_FOR_ALL),$(patsubst lib/%.c,%,$(wildcard lib/*.c))) $(LIB_$(OS))
LIB_OBJS := $(LIB_NAMES:%=$(B)/lib/%.o)

CFLAGS ?= -O2 -g
LIB_WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wvla
LIB_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC -pthread -fvisibility=hidden -Iinclude \
	-DGCCOLOR_API='__attribute__((visibility("default")))' $(LIB_WARNINGS)

LIB_ALL := $(addprefix $(B)/lib/,libgccolor.a $(LIB_SO) $(LIB_LINKS) libgccolor.pc)

all: lib
lib: $(LIB_ALL)

print-lib-sources:
	@printf '%s\n' $(LIB_NAMES:%=lib/%.c)

$(B)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(LIB_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/libgccolor.a: $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/lib/$(LIB_SO): $(LIB_OBJS) lib/gccolor.map
	$(CC) -shared -pthread -Wl,-soname,$(LIB_SONAME) -Wl,-z,defs -Wl,-z,now \
		-Wl,--version-script=lib/gccolor.map $(CFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJS)

$(addprefix $(B)/lib/,$(LIB_LINKS)): $(B)/lib/$(LIB_SO)
	ln -sf $(LIB_SO) $@

# PREFIX may change between two runs of make.
$(B)/lib/libgccolor.pc: lib/libgccolor.pc.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(LIB_VERSION)|' $< > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

LIB_DEST = $(DESTDIR)$(PREFIX)
LIB_MAN = $(LIB_DEST)/share/man
# Each function has a page of its own name, which leads to libgccolor.3.
LIB_FUNCTIONS := $(shell sed -n 's/^\t\(gccolor_[a-z_]*\);/\1/p' lib/gccolor.map; \
	sed -n 's/^static inline [^g]*\(gccolor_[a-z_]*\).*/\1/p' include/gccolor*.h)
LIB_INSTALLED := include/gccolor.h include/gccolor_event.h include/gccolor_scan.h \
	include/linux/gccolor.h \
	lib/libgccolor.a lib/$(LIB_SO) $(addprefix lib/,$(LIB_LINKS)) \
	lib/pkgconfig/libgccolor.pc share/man/man4/gccolor.4 share/man/man7/gccolor.7 \
	$(patsubst %,share/man/man3/%.3,libgccolor $(LIB_FUNCTIONS))

install: install-lib
install-lib: lib
	install -d $(LIB_DEST)/include/linux $(LIB_DEST)/lib/pkgconfig \
		$(LIB_MAN)/man3 $(LIB_MAN)/man4 $(LIB_MAN)/man7
	install -m 644 include/gccolor.h include/gccolor_event.h include/gccolor_scan.h \
		$(LIB_DEST)/include/
	install -m 644 include/uapi/linux/gccolor.h $(LIB_DEST)/include/linux/
	install -m 644 $(B)/lib/libgccolor.a $(LIB_DEST)/lib/
	install -m 755 $(B)/lib/$(LIB_SO) $(LIB_DEST)/lib/
	for link in $(LIB_LINKS); do ln -sf $(LIB_SO) $(LIB_DEST)/lib/$$link; done
	install -m 644 $(B)/lib/libgccolor.pc $(LIB_DEST)/lib/pkgconfig/
	install -m 644 docs/man/libgccolor.3 $(LIB_MAN)/man3/
	for f in $(LIB_FUNCTIONS); do echo .so man3/libgccolor.3 > $(LIB_MAN)/man3/$$f.3; done
	install -m 644 docs/man/gccolor.4 $(LIB_MAN)/man4/
	install -m 644 docs/man/gccolor.7 $(LIB_MAN)/man7/

# Directories go only if they are empty; those of the system never are.
uninstall: uninstall-lib
uninstall-lib:
	rm -f $(addprefix $(LIB_DEST)/,$(LIB_INSTALLED))
	-rmdir --ignore-fail-on-non-empty -p $(LIB_DEST)/include/linux $(LIB_DEST)/lib/pkgconfig \
		$(LIB_MAN)/man3 $(LIB_MAN)/man4 $(LIB_MAN)/man7 2>/dev/null

FORCE:
.PHONY: lib print-lib-sources install-lib uninstall-lib FORCE

-include $(LIB_OBJS:.o=.d)
