# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# shellcheck disable=SC2034 # for those that source this
# What depends on the processor that a kernel is for. Sourced after common.sh.

# kernel_arch KERNEL: the last field of its line in the table, or amd64.
kernel_arch() {
	local line arch
	line=$(kernel_line "$1") || exit 2
	read -r _ _ _ _ arch _ <<< "$line"
	printf '%s\n' "${arch:-amd64}"
}

# set_arch ARCH: as Debian calls it.
set_arch() {
	ARCH=$1
	case $ARCH in
	amd64)
		CROSS=			# prefix of the compiler
		KARCH=x86		# what kernel makefiles call it
		IMAGE=bzImage
		QEMU_PACKAGE=qemu-system-x86
		QEMU_PROGRAM=qemu-system-x86_64
		MACHINE=pc
		CPU=max,la57=off,cx16=off
		# A busy machine is late with the ticks that the check counts.
		KARGS="console=ttyS0 no_timer_check"
		;;
	arm64)
		CROSS=aarch64-linux-gnu-
		KARCH=arm64
		IMAGE=Image
		QEMU_PACKAGE=qemu-system-arm
		QEMU_PROGRAM=qemu-system-aarch64
		MACHINE=virt
		CPU=cortex-a76	# the first with pages of 4, 16 and 64 KiB
		KARGS=console=ttyAMA0
		;;
	*)	die 2 "selftests/vm/arch.sh knows nothing of \"$ARCH\"";;
	esac
	# Of which apt takes packages: some tools for this machine are always needed.
	ARCHES=amd64
	# Programs of this machine do not run there.
	FOREIGN=
	[ "$ARCH" = amd64 ] || { FOREIGN=y; ARCHES=amd64,$ARCH; }
}
