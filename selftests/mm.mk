# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The kernel's own mm selftests, out of Debian's linux-source, each linked with
# mm_region.c, which gives its process a region. Static: a guest needs nothing else.

MM_DIR := $(B)/selftests/mm
MM_TOP := $(CACHE)/linux-6.12-files
MM_SRC := $(MM_TOP)/tools/testing/selftests/mm
# "ci", "hand", or programs by name ("mseal_test cow")
MM_TESTS ?= ci
MM_BINS = $(addprefix $(MM_DIR)/,$(shell selftests/mm_test --programs $(MM_TESTS)))

# As their own Makefile has it; the warnings are not ours. Some open __FILE__.
MM_CFLAGS := -fmacro-prefix-map=$(MM_SRC)/= -O2 -w -static -no-pie -U_FORTIFY_SOURCE -mxsave -I$(MM_TOP) -I$(MM_DIR) \
	-isystem $(MM_TOP)/usr/include -isystem $(MM_TOP)/usr/include/x86_64-linux-gnu \
	-isystem $(MM_TOP)/tools/include/uapi
MM_COMMON := vm_util thp_settings uffd-common

mm-source $(MM_TOP)/list:
	@selftests/vm/fetch ksft

# Without liburing; newer than the sources, so that it makes all else new.
$(MM_DIR)/local_config.h: $(MM_TOP)/list
	@mkdir -p $(@D)
	@touch $@

$(MM_DIR)/region.o: selftests/mm_region.c selftests/region.h selftests/maps.h \
		include/uapi/linux/gccolor.h $(MM_DIR)/local_config.h
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Wno-sign-compare -Werror -Iselftests -Iinclude/uapi -c -o $@ $<

$(MM_COMMON:%=$(MM_DIR)/%.o): $(MM_DIR)/%.o: $(MM_DIR)/local_config.h
	@$(CC) $(MM_CFLAGS) -c -o $@ $(MM_SRC)/$*.c

# Only what its Makefile links it with: uffd-common.o has symbols that others have too.
$(MM_DIR)/%: $(MM_DIR)/region.o $(MM_COMMON:%=$(MM_DIR)/%.o)
	@$(CC) $(MM_CFLAGS) -s -o $@ $(MM_SRC)/$*.c $(MM_DIR)/region.o $(MM_DIR)/vm_util.o \
		$(MM_DIR)/thp_settings.o $(if $(filter uffd-%,$*),$(MM_DIR)/uffd-common.o) \
		-lrt -lpthread -lm -lcap -lnuma

mm-bins: $(MM_BINS)

## make check-mm         the kernel's mm selftests, without the module and with a region in each
check-mm: mm-source
	@$(MAKE) -s --no-print-directory mm-bins MM_TESTS="$(MM_TESTS)"
	@KERNEL=$(KERNEL) selftests/mm_test $(MM_TESTS)

.PHONY: mm-source mm-bins check-mm
