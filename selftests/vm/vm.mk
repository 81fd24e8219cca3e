# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# Rules of the guest runner: kernels, the module built for one, the runner's own test.
# Included by the top Makefile (B, CACHE, KERNEL). The scripts decide what is up
# to date, so that they give the same answer with and without make.

VM := selftests/vm

## make fetch           download the kernel $(KERNEL) to build for and boot (into .cache/)
fetch:
	$(VM)/fetch $(KERNEL)

## make module          build the module for $(KERNEL), as build/kmod-$(KERNEL)/gccolor.ko
module:
	$(VM)/module $(KERNEL) > /dev/null

$(B)/kmod-$(KERNEL)/gccolor.ko: module ;

## make ksft            fetch the kernel's selftest harness and checkers (into .cache/)
ksft: $(CACHE)/linux-6.12-files/packages

$(CACHE)/linux-6.12-files/packages:
	$(VM)/fetch ksft

## make check-vm        test the runner itself (about 40 s)
check-vm:
	$(VM)/run_test

.PHONY: fetch module ksft check-vm
