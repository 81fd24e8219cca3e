# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# gccolor: `make demo` shows it, `make check` tests it, `make help` lists the rest.
# Each directory brings its own rules in a .mk file; everything built lands in
# build/, everything downloaded in .cache/.

B := build
CACHE := .cache
PREFIX ?= /usr/local
DESTDIR ?=
KERNEL ?= 6.12

## make                  build the library and the command
all:

include kmod/kmod.mk
include lib/lib.mk
include lib/windows/windows.mk
include tools/tools.mk
include selftests/selftests.mk
include selftests/vm/vm.mk

## make demo             install what it needs (as root), boot a guest, show it
demo:
	@tools/prepare demo
	@tools/demo/demo

## make check            install what it needs (as root), run all tests; KERNEL=6.1: those of 6.1
check:
	@tools/prepare check
	@KERNEL=$(KERNEL) selftests/check

## make install          PREFIX=/usr/local DESTDIR= : library, headers, command
install:
## make uninstall        remove just that
uninstall:

clean:
	rm -rf $(B)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.PHONY: all clean help install uninstall check demo
