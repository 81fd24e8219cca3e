# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The module for the kernel that runs here (guests: see selftests/vm/vm.mk).

KDIR ?= /lib/modules/$(shell uname -r)/build
KMOD_DIR := $(B)/kmod-host

## make modules          build gccolor.ko for the running kernel, or for KDIR=...
modules:
	mkdir -p $(KMOD_DIR)
	cp -r Kbuild kmod include $(KMOD_DIR)/
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(KMOD_DIR) modules

## make modules_install  install it (as root; then: modprobe gccolor)
modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(KMOD_DIR) modules_install

.PHONY: modules modules_install
