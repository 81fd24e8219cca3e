# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The suites of `make check`; selftests/check runs them and counts.

include selftests/lib.mk
include selftests/windows/windows.mk
include selftests/kernel.mk
include selftests/guard.mk
include selftests/tools.mk
include selftests/chance.mk
include selftests/pressure.mk
include selftests/watch.mk
include selftests/mm.mk
include selftests/beside.mk
include tools/bench/bench.mk
include tools/bench/scan.mk
include tools/bench/user.mk

## make check-lint       checkpatch, sparse, kernel-doc, shellcheck, reuse, man pages
check-lint: fetch ksft
	@selftests/lint

## make check-matrix     the kernel's tests on every kernel; writes README's support table
check-matrix:
	@tools/prepare check
	@selftests/matrix

## make check-readme     the README's example, built and run
check-readme: all
	@selftests/readme_test

## make check-kmod       the library's tests over backend kmod, in a guest
check-kmod: $(LIB_TESTS)
	@selftests/guest_lib_test $(LIB_TESTS)

## make check-man        the man pages tell of all that there is; their examples compile and run
check-man: all
	@selftests/man_test

## make check-demo       make demo shows what it promises to show
check-demo: all
	@selftests/demo_test

## make check-plant      a reseal left out of the module must turn the tests red
check-plant: $(B)/selftests/stress_test $(B)/selftests/random_test
	@selftests/plant_test

## make check-skew       an old library on a new module, a new one on an old one, and programs
check-skew: lib ksft
	@KERNEL=$(KERNEL) selftests/skew_check

.PHONY: check-matrix check-skew check-lint check-readme check-man check-demo check-kmod check-plant
