# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The library's tests and the command under wine. Not built here, because Windows has
# nothing of the kind: lib_fork_test, lib_scan_live_test (fork), lib_deferred_test (RLIMIT_AS, vm.max_map_count),
# lib_linux_test (the break, set-user-ID programs, the module), lib_event_test (munmap and its
# kin; that there are no events, lib_caps_test says).

WIN_T := $(WIN_B)/selftests
WIN_TEST_NAMES := lib_claims_test lib_model_test lib_commit_test lib_pages_test lib_open_test \
	lib_base_test lib_thread_test lib_error_test lib_logic_test lib_caps_test lib_advise_test \
	lib_guard_test lib_image_test lib_hole_test lib_scan_test
WIN_TEST_SYS := selftests/windows/harness.c selftests/windows/lib_system.c \
	selftests/windows/lib_file.c
WIN_TEST_DEPS := $(WIN_TEST_SYS) selftests/windows/kselftest_harness.h selftests/lib_test.h \
	selftests/lib_system.h include/gccolor.h include/gccolor_event.h include/gccolor_scan.h
WIN_TEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wno-missing-field-initializers \
	-Wno-unused-parameter -Wno-sign-compare -Wno-format -Wno-format-extra-args \
	-iquote selftests/windows -iquote lib $(WIN_CPPFLAGS)
# What looks at the library from inside is linked to the static one only.
WIN_TESTS := $(WIN_TEST_NAMES:%=$(WIN_T)/%.exe) $(WIN_T)/backend_test.exe
WIN_DLL_TESTS := $(patsubst %,$(WIN_T)/dll/%.exe,$(filter-out lib_logic_test,$(WIN_TEST_NAMES)))

$(WIN_TEST_NAMES:%=$(WIN_T)/%.exe): $(WIN_T)/%.exe: selftests/%.c $(WIN_TEST_DEPS) \
		$(WIN_B)/libgccolor.a
	@mkdir -p $(@D)
	$(WIN_CC) $(WIN_TEST_CFLAGS) -o $@ $< $(WIN_TEST_SYS) $(WIN_B)/libgccolor.a

$(WIN_T)/backend_test.exe: selftests/windows/backend_test.c $(WIN_TEST_DEPS) $(WIN_B)/libgccolor.a
	@mkdir -p $(@D)
	$(WIN_CC) $(WIN_TEST_CFLAGS) -o $@ $< $(WIN_TEST_SYS) $(WIN_B)/libgccolor.a

$(WIN_DLL_TESTS): $(WIN_T)/dll/%.exe: selftests/%.c $(WIN_TEST_DEPS) $(WIN_B)/gccolor.dll
	@mkdir -p $(@D)
	$(WIN_CC) $(WIN_TEST_CFLAGS) -DGCCOLOR_DLL -o $@ $< $(WIN_TEST_SYS) $(WIN_B)/libgccolor.dll.a

windows-tests: $(WIN_TESTS) $(WIN_DLL_TESTS)

## make check-windows    the library's tests and the command under wine 10, some under wine 8
check-windows: windows windows-tests
	@selftests/windows/check

.PHONY: windows-tests check-windows
