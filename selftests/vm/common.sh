# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# What every script of the runner needs: where things are, and how to complain.
# Sourced, after `set -euo pipefail`; changes nothing but the variables below.

VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM/../.." && pwd)
CACHE=$TOP/.cache
# shellcheck disable=SC2034 # for those that source this
BUILD=$TOP/build
QUIET=${QUIET:-}
export LC_ALL=C.UTF-8
# Scripts here start make of their own, which is no part of a make above them.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES

# Says what is being done. To stderr: stdout belongs to the command.
say() {
	[ -n "$QUIET" ] || printf 'vm: %s\n' "$*" >&2
}

# die STATUS MESSAGE...
die() {
	local status=$1
	shift
	printf 'vm: %s\n' "$@" >&2
	exit "$status"
}

# need PROGRAM...: exit 97 with the line that installs what is missing.
need() {
	local p
	for p; do
		type -P "$p" > /dev/null ||
			die 97 "$p is missing; install what the runner needs:" \
			    "  apt-get install busybox-static cpio gcc make xz-utils libelf1"
	done
}

# kernel_line NAME: the kernel's line of the table, or exit 2.
kernel_line() {
	local line
	line=$(awk -v k="$1" '$1 == k' "$VM/kernels")
	[ -n "$line" ] || die 2 "kernel \"$1\" is unknown; known are: $(
		awk '!/^#/ && NF { printf "%s%s", sep, $1; sep = ", " }' "$VM/kernels")"
	printf '%s\n' "$line"
}

# locked NAME COMMAND...: runs it while no other runner of this tree is at NAME.
locked() {
	local fd lock=$CACHE/$1.lock
	shift
	mkdir -p "$CACHE"
	exec {fd}> "$lock"
	flock "$fd"
	"$@"
	exec {fd}>&-
}
