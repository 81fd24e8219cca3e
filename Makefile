# SPDX-License-Identifier: GPL-2.0-only
# gccolor: `make demo` shows it, `make check` tests it, `make help` lists the rest.
# Each directory brings its own rules in a .mk file; everything built lands in build/.

B := build
CACHE := .cache
PREFIX ?= /usr/local
DESTDIR ?=
KERNEL ?= 6.12
CC ?= gcc

all:

include kmod/kmod.mk
include lib/lib.mk
include tools/tools.mk
include selftests/selftests.mk
include selftests/vm/vm.mk

clean:
	rm -rf $(B)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.PHONY: all clean help install uninstall check demo
