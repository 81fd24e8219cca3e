# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The tests of the gccolor command, natively: hint, posix and mseal.

TOOLS_TEST_DIR := $(B)/selftests

$(TOOLS_TEST_DIR)/tools_run_client: selftests/tools_run_client.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O1 -g -Wall -Wextra -pthread -o $@ $<

## make check-tools      the gccolor command: options, info, compare, run
check-tools: tools $(TOOLS_TEST_DIR)/tools_run_client
	@TOOLS=$(TOOLS_B) CLIENT=$(TOOLS_TEST_DIR)/tools_run_client CC="$(CC)" \
		selftests/tools_test

.PHONY: check-tools
