# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# The kernel's own mm selftests, out of Debian's linux-source, each linked with
# mm_region.c, which gives its process a region. Static: a guest needs nothing else.

# 7.3's own for the kernel 7.3, for all others those of 6.12.
MM_RELEASE := $(if $(filter 7.3,$(KERNEL)),7.3,6.12)
MM_DIR := $(B)/selftests/mm-$(MM_RELEASE)
MM_TOP := $(CACHE)/linux-$(MM_RELEASE)-files
MM_SRC := $(MM_TOP)/tools/testing/selftests/mm
# "ci", "hand", or programs by name ("mseal_test cow")
MM_TESTS ?= ci
MM_BINS = $(addprefix $(MM_DIR)/,$(shell KERNEL=$(KERNEL) selftests/mm_test --programs $(MM_TESTS)))

# As their own Makefile has it; the warnings are not ours. Some open __FILE__.
MM_CFLAGS := -fmacro-prefix-map=$(MM_SRC)/= -O2 -w -static -no-pie -D_GNU_SOURCE= -U_FORTIFY_SOURCE -mxsave \
	-I$(MM_TOP) -I$(MM_SRC)/.. -I$(MM_DIR) \
	-isystem $(MM_TOP)/usr/include -isystem $(MM_TOP)/usr/include/x86_64-linux-gnu \
	-isystem $(MM_TOP)/tools/include/uapi

# What they share. An archive, as some have functions of their own of those names.
MM_COMMON = $(notdir $(basename $(wildcard $(addprefix $(MM_SRC)/, \
	vm_util.c uffd-common.c pkey_util.c *_settings.c))))

mm-source $(MM_TOP)/list:
	@selftests/vm/fetch $(if $(filter 7.3,$(MM_RELEASE)),mm-7.3,ksft)

# Without liburing; newer than the sources, so that it makes all else new. 7.3 calls it _gen.
$(MM_DIR)/local_config.h: $(MM_TOP)/list
	@mkdir -p $(@D)
	@touch $@_gen $@

$(MM_DIR)/region.o: selftests/mm_region.c selftests/region.h selftests/maps.h \
		include/uapi/linux/gccolor.h $(MM_DIR)/local_config.h
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Wno-sign-compare -Werror -Iselftests -Iinclude/uapi -c -o $@ $<

$(MM_COMMON:%=$(MM_DIR)/%.o): $(MM_DIR)/%.o: $(MM_DIR)/local_config.h
	@$(CC) $(MM_CFLAGS) -c -o $@ $(MM_SRC)/$*.c

$(MM_DIR)/common.a: $(MM_COMMON:%=$(MM_DIR)/%.o)
	@$(AR) rcs $@ $^

$(MM_DIR)/%: $(MM_DIR)/region.o $(MM_DIR)/common.a
	@$(CC) $(MM_CFLAGS) -Wl,--wrap=_exit -s -o $@ $(MM_SRC)/$*.c $^ -lrt -lpthread -lm -lcap -lnuma

mm-bins: $(MM_BINS)

## make check-mm         the kernel's mm selftests, without the module and with a region in each; KERNEL=7.3: 7.3's
check-mm: mm-source
	@$(MAKE) -s --no-print-directory mm-bins MM_TESTS="$(MM_TESTS)"
	@KERNEL=$(KERNEL) MM_DIR=$(MM_DIR) selftests/mm_test $(MM_TESTS)

## make check-plant-mm   check-mm sees a broken region and whatever else it must not let pass
check-plant-mm: mm-source
	@$(MAKE) -s --no-print-directory mm-bins MM_TESTS=map_fixed_noreplace
	@KERNEL=$(KERNEL) MM_DIR=$(MM_DIR) selftests/mm_plant_test

.PHONY: mm-source mm-bins check-mm check-plant-mm
