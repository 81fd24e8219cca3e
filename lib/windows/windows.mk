# SPDX-License-Identifier: MIT OR Apache-2.0
# SPDX-FileCopyrightText: 2026 The gccolor authors
## make windows          the library and the command for Windows, with mingw-w64: build/windows/

WIN_B := $(B)/windows
WIN_CC := x86_64-w64-mingw32-gcc
WIN_AR := x86_64-w64-mingw32-ar
# What is the same on every system; the rest ends in _windows.c.
WIN_LIB_SRC := $(wildcard lib/*_windows.c) $(patsubst %,lib/%.c,advise alloc backed backend_null caps \
	check claims error event fork gccolor image names open options places region runs scan \
	scan_avx2 scan_map status \
	struct_size)
WIN_LIB_OBJ := $(WIN_LIB_SRC:lib/%.c=$(WIN_B)/lib/%.o)
WIN_DLL_OBJ := $(WIN_LIB_SRC:lib/%.c=$(WIN_B)/dll/%.o)

# printf as C11 has it, in a C library that has another; formats are checked in the
# builds for other systems. lib/windows has its errno.h.
WIN_CPPFLAGS := -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000005 -D__USE_MINGW_ANSI_STDIO=1 -Iinclude -Ilib/windows
WIN_CFLAGS := -std=c11 -O2 -g $(LIB_WARNINGS) -Wno-format -MMD -MP $(WIN_CPPFLAGS)

$(WIN_B)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(WIN_CC) $(WIN_CFLAGS) -c -o $@ $<

$(WIN_B)/dll/%.o: lib/%.c
	@mkdir -p $(@D)
	$(WIN_CC) $(WIN_CFLAGS) -DGCCOLOR_API='__declspec(dllexport)' -c -o $@ $<

# gcc takes the stack of Windows for aligned to 32 bytes, which it is not (its bug 54412).
$(WIN_B)/lib/scan_avx2.o $(WIN_B)/dll/scan_avx2.o: WIN_CFLAGS += -Wa,-muse-unaligned-vector-move

$(WIN_B)/libgccolor.a: $(WIN_LIB_OBJ)
	@rm -f $@
	$(WIN_AR) rcs $@ $^

$(WIN_B)/gccolor.dll: $(WIN_DLL_OBJ)
	$(WIN_CC) -shared -static-libgcc -Wl,--out-implib,$(WIN_B)/libgccolor.dll.a -o $@ $^

WIN_TOOLS_SRC := tools/gccolor.c tools/options.c tools/cmd_info.c tools/cmd_compare.c tools/compare_plan.c \
	$(wildcard tools/windows/*.c)
WIN_TOOLS_OBJ := $(WIN_TOOLS_SRC:tools/%.c=$(WIN_B)/tools/%.o)

$(WIN_B)/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(WIN_CC) $(filter-out -Wconversion,$(WIN_CFLAGS)) -c -o $@ $<

$(WIN_B)/gccolor.exe: $(WIN_TOOLS_OBJ) $(WIN_B)/libgccolor.a
	$(WIN_CC) -static-libgcc -o $@ $^

windows: $(WIN_B)/libgccolor.a $(WIN_B)/gccolor.dll $(WIN_B)/gccolor.exe

.PHONY: windows

-include $(WIN_LIB_OBJ:.o=.d) $(WIN_DLL_OBJ:.o=.d) $(WIN_TOOLS_OBJ:.o=.d)
