# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The module for the kernel that runs here (guests: see selftests/vm/vm.mk).

KDIR ?= /lib/modules/$(shell uname -r)/build
KMOD_DIR := $(B)/kmod-host
# No BTF: it takes pahole and the distribution's vmlinux, and is not needed.
KMOD_MAKE = $(MAKE) -C $(KDIR) M=$(CURDIR)/$(KMOD_DIR) CONFIG_DEBUG_INFO_BTF_MODULES=

## make modules          build gccolor.ko for the running kernel, or for KDIR=...
modules:
	mkdir -p $(KMOD_DIR)
	cp -r Kbuild kmod include $(KMOD_DIR)/
	$(KMOD_MAKE) modules

## make modules_install  install it (as root; then: modprobe gccolor)
modules_install: modules
	$(KMOD_MAKE) modules_install

.PHONY: modules modules_install
