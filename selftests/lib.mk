# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The library's tests: same bodies over every backend (GCCOLOR_BACKEND).

LIB_TEST_NAMES := lib_claims_test lib_model_test lib_commit_test lib_pages_test \
	lib_open_test lib_base_test lib_probe_test lib_sanitizer_test lib_fork_test \
	lib_thread_test lib_error_test lib_deferred_test lib_linux_test lib_logic_test \
	lib_caps_test lib_advise_test lib_guard_test lib_image_test lib_hole_test \
	lib_event_test lib_event_take_test lib_scan_test lib_scan_live_test
LIB_TESTS := $(LIB_TEST_NAMES:%=$(B)/selftests/%)
LIB_KSFT := $(CACHE)/linux-6.12-files/tools/testing/selftests
# Static, so that a guest needs nothing else.
LIB_TEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wno-missing-field-initializers \
	-Wno-unused-parameter -Wno-sign-compare -Wno-clobbered -pthread -static \
	-I$(LIB_KSFT) -Iinclude -Ilib -Iselftests

$(LIB_TESTS): $(B)/selftests/%: selftests/%.c selftests/lib_test.h selftests/lib_system.h \
		selftests/lib_system_linux.c include/gccolor.h include/gccolor_event.h \
		include/gccolor_scan.h $(B)/lib/libgccolor.a | $(LIB_KSFT)/kselftest_harness.h
	@mkdir -p $(@D)
	$(CC) $(LIB_TEST_CFLAGS) -o $@ $< selftests/lib_system_linux.c $(B)/lib/libgccolor.a

$(B)/selftests/lib_event_test $(B)/selftests/lib_event_take_test: selftests/lib_event.h
$(B)/selftests/lib_scan_live_test: selftests/child.h

lib-tests: $(LIB_TESTS)

## make check-lib        the library's tests on this machine's posix, mseal, null and hint
check-lib: lib $(LIB_TESTS)
	@selftests/lib_check $(LIB_TESTS)

## make check-sanitizers the library's tests with ASan, TSan, MSan and LSan of gcc and clang
check-sanitizers: lib | $(LIB_KSFT)/kselftest_harness.h
	@selftests/sanitizers_check

## make check-platforms  the library's tests on musl, i386, aarch64, riscv64, armhf (qemu-user)
check-platforms: | $(LIB_KSFT)/kselftest_harness.h
	@selftests/platforms_check

## make check-others     macOS compiled and linked (zig, from npm), FreeBSD type-checked
check-others:
	@tools/prepare others
	@selftests/others_check

.PHONY: lib-tests check-lib check-sanitizers check-platforms check-others
