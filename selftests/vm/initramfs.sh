# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# The parts of the guest's initramfs. Sourced by run after common.sh and programs.sh.
#
# The kernel unpacks cpio archives that are simply put one after another, later
# ones over earlier ones, so what seldom changes is kept in build/vm/. They are
# not compressed: unpacking costs the emulated processor more than copying.
# Each function prints the path of its archive. Nobody writes below /bin, /lib,
# /lib64 or /sbin: these are links into /usr, as Debian has them.

# archive FILE: packs the working directory's paths from stdin (zero-ended).
archive() {
	cpio -o -0 -H newc -R 0:0 --quiet > "$1.$$"
	mv "$1.$$" "$1"
}

# base_archive: busybox, init and the few files of /etc.
base_archive() {
	local stamp out root=$1/base a
	stamp=$(cat "$VM/init.c" "$VM/initramfs.sh" "$BUSYBOX" | sha256sum | cut -c1-16)
	out=$BUILD/vm/base-$ARCH-$stamp.cpio
	printf '%s\n' "$out"
	[ ! -e "$out" ] || return 0
	rm -f "$BUILD/vm/base-$ARCH"-*.cpio
	say "building the base initramfs"
	need "${CROSS}gcc" cpio
	mkdir -p "$root"/{usr/{bin,sbin,lib,lib64},dev,proc,sys,root/work,etc,vm,run,var/tmp,mnt,home}
	mkdir -m 1777 "$root/tmp"
	for a in bin sbin lib lib64; do
		ln -s "usr/$a" "$root/$a"
	done
	cp "$BUSYBOX" "$root/usr/bin/busybox"
	for a in $BUSYBOX_LIST; do
		[ "$a" = busybox ] || ln -s busybox "$root/usr/bin/$a"
	done
	"${CROSS}gcc" -static -O2 -Wall -Wextra -Werror -s -o "$root/init" "$VM/init.c"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh \
		nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin > "$root/etc/passwd"
	printf '%s\n' root:x:0: nogroup:x:65534: > "$root/etc/group"
	printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"
	printf 'passwd: files\ngroup: files\nhosts: files\n' > "$root/etc/nsswitch.conf"
	printf 'ID=gccolor-vm\nNAME="gccolor test guest"\n' > "$root/usr/lib/os-release"
	(cd "$root" && find . -print0 | archive "$out")
}

# install_product: puts libgccolor and the command where the guest has them.
install_product() {
	local log=$BUILD/vm/install.log
	rm -rf "$PRODUCT"
	make -s --no-print-directory -C "$TOP" install "DESTDIR=$PRODUCT" PREFIX=/usr > "$log" 2>&1 ||
		die 1 "make install DESTDIR=$PRODUCT PREFIX=/usr failed:" "$(tail -n 30 "$log")"
	[ -x "$PRODUCT/usr/bin/gccolor" ] ||
		die 1 "make install put no gccolor into $PRODUCT/usr/bin; use --no-product to do without"
}

# product_archive: what install_product put there.
product_archive() {
	local out
	[ -d "$PRODUCT" ] || return 0
	out=$BUILD/vm/product-$(cd "$PRODUCT" && { find . -type f -print0 | sort -z | xargs -0r sha256sum
		find . -printf '%p %l %m\n' | sort; } | sha256sum | cut -c1-16).cpio
	printf '%s\n' "$out"
	[ -e "$out" ] || (cd "$PRODUCT" && find . -mindepth 1 -print0 | sort -z | archive "$out")
}

# host_archive LIST: files of the host, by the paths that they have there.
host_archive() {
	local out
	[ -s "$1" ] || return 0
	# Directories first, each before what is in it.
	awk -F / '{ p = ""; for (i = 2; i <= NF; i++) { p = p "/" $i; print substr(p, 2) } }' "$1" |
		sort -u | tr '\n' '\0' > "$1.all"
	out=$BUILD/vm/host-$(cd / && xargs -0 stat -c '%n %F %Y %s' < "$1.all" |
		sed 's/ directory .*//' | sha256sum | cut -c1-16).cpio
	printf '%s\n' "$out"
	if [ -e "$out" ]; then
		touch "$out"
		return
	fi
	say "building an initramfs with $(wc -l < "$1") files of this machine"
	# What no run has used for two hours goes.
	find "$BUILD/vm" -maxdepth 1 -name '*.cpio' -mmin +120 ! -name 'base-*' -delete
	(cd / && archive "$out" < "$1.all")
}
