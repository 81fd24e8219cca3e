# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# Which files of the host a program needs in the guest. Sourced by run after common.sh.
#
# A program of a Debian package brings the files of its package, of the one that
# is called like it (python3 itself is in python3-minimal), and of all that they
# depend on; any other program brings itself; both bring shared libraries,
# and scripts their interpreter. What busybox or the product supplies stays out.
# The answer is a list of absolute paths of the host with their directories'
# symbolic links resolved, the same paths that they have in the guest.

BUSYBOX=$(type -P busybox || :)
BUSYBOX_LIST=$(${BUSYBOX:+"$BUSYBOX" --list})
PRODUCT=$BUILD/vm/product	# what `make install DESTDIR=` put there
# Machinery of packaging that programs depend on by name only.
NOT_PACKAGES='dpkg debconf debconf-2.0 base-files base-passwd adduser passwd ucf
	init-system-helpers install-info lsb-base sysvinit-utils systemd systemd-sysv'
# Files of packages that no program reads at run time.
NOT_FILES='^/usr/(share/(doc|doc-base|man|info|locale|lintian|bug|menu|applications|icons|pixmaps|gdb)|include)(/|$)|\.a$|^/\.$|^/$'

# find_program NAME: its path, looked for where the guest will look for it.
find_program() {
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin type -P "$1"
}

# in_guest NAME: whether busybox or the product supplies the program already.
in_guest() {
	case $'\n'$BUSYBOX_LIST$'\n' in
	*$'\n'"${1##*/}"$'\n'*) return 0;;
	esac
	[ -e "$PRODUCT/usr/bin/${1##*/}" ] || [ -e "$PRODUCT/usr/sbin/${1##*/}" ]
}

# chain PATH...: each path, and where its symbolic links lead, step by step.
chain() {
	local p
	for p; do
		while :; do
			p=$(realpath -m "$(dirname "$p")")/$(basename "$p")
			printf '%s\n' "$p"
			[ -L "$p" ] || break
			case $(readlink "$p") in
			/*) p=$(readlink "$p");;
			*) p=$(dirname "$p")/$(readlink "$p");;
			esac
		done
	done
}

# package_of FILE: the package that it belongs to, or nothing.
package_of() {
	{ dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "${1#/usr}" 2>/dev/null || :; } |
		sed -n '/^diversion /!s/:.*//p' | head -n 1
}

# package_closure "PACKAGE...": they and what they depend on, as far as installed.
package_closure() {
	# shellcheck disable=SC2016 # for dpkg-query to expand
	dpkg-query -W -f '${Package}\t${db:Status-Status}\t${Pre-Depends}, ${Depends}\t${Provides}\n' |
	awk -F '\t' -v root="$1" -v out="$NOT_PACKAGES" '
		$2 == "installed" {
			needs[$1] = $3
			n = split($4, provided, /, */)
			for (i = 1; i <= n; i++) {
				sub(/[ :(].*/, "", provided[i])
				if (!(provided[i] in provider))
					provider[provided[i]] = $1
			}
		}
		function visit(p,	all, any, n, m, i, j) {
			if (!(p in needs) && p in provider)
				p = provider[p]
			if (!(p in needs) || p in seen)
				return p in seen
			seen[p] = 1
			print p
			n = split(needs[p], all, /, */)
			for (i = 1; i <= n; i++) {
				m = split(all[i], any, / *\| */)
				for (j = 1; j <= m; j++) {
					sub(/[ :(].*/, "", any[j])
					if (any[j] in skip || visit(any[j]))
						break
				}
			}
			return 1
		}
		END {
			n = split(out, s, /[ \n\t]+/)
			for (i = 1; i <= n; i++)
				skip[s[i]] = 1
			n = split(root, s, / +/)
			for (i = 1; i <= n; i++)
				visit(s[i])
		}'
}

# package_files PACKAGE...: what they put on the disk, as far as programs use it.
package_files() {
	local p
	dpkg-query -L "$@" | grep -vE "$NOT_FILES" |
		sed -E 's,^/(bin|sbin|lib|lib32|lib64|libx32)(/|$),/usr/\1\2,' | sort -u |
		while read -r p; do
			if [ -L "$p" ]; then
				chain "$p"
			elif [ -e "$p" ]; then
				printf '%s\n' "$p"
			fi
		done
}

# libraries FILE...: the shared libraries of dynamic programs, and their loader.
libraries() {
	local libs f
	libs=$(LD_LIBRARY_PATH=$PRODUCT/usr/lib ldd "$@" 2>/dev/null |
		awk '$2 == "=>" { print $3 == "not" ? "?" $1 : $3; next } /^[ \t]*\// && !/:$/ { print $1 }' |
		sort -u) || :
	for f in $libs; do
		case $f in
		\?*) say "no library ${f#\?} here, which this needs: ${1##*/}${2:+ or another beside it}";;
		"$PRODUCT"/*) ;;
		*/libc.so.6)
			# glibc loads libgcc_s by itself when a thread ends early.
			chain "$f" "${f%/*}/libgcc_s.so.1" /etc/ld.so.cache;;
		*) chain "$f";;
		esac
	done
}

# kind FILE: elf, the interpreter of a script, or nothing.
kind() {
	local first=
	IFS= read -r -n 256 first < "$1" 2>/dev/null || :
	case $first in
	$'\x7fELF'*) printf 'elf\n';;
	'#!'*)
		read -r -a first <<< "${first#\#!}"
		if [[ ${first[0]} == */env ]]; then
			first=("${first[@]:1}")
			[[ ${first[0]:-} != -S ]] || first=("${first[@]:1}")
		fi
		printf '%s\n' "${first[0]:-}";;
	esac
}

# needs FILE...: what these need beside themselves.
needs() {
	local f k elfs=()
	for f; do
		k=$(kind "$f")
		case $k in
		'') ;;
		elf) elfs+=("$f");;
		*)	! in_guest "$k" || continue
			k=$(find_program "$k") || { say "no interpreter here for $f"; continue; }
			program "$k";;
		esac
	done
	[ ${#elfs[@]} = 0 ] || libraries "${elfs[@]}"
}

# program FILE: everything that a program of the host needs, itself included.
# Answers about packaged programs are kept until packages change.
program() {
	local real known packages
	real=$(realpath "$1")
	known=$BUILD/vm/known/$(printf '%s' "$1 $(stat -c '%Y %s' "$real" "$VM/programs.sh" \
		/var/lib/dpkg/status 2>&1)" | sha256sum | cut -c1-32)
	if [ ! -e "$known" ]; then
		mkdir -p "$BUILD/vm/known"
		packages=$(package_of "$real")
		{
			chain "$1"
			needs "$real"
			if [ -n "$packages" ]; then
				say "looking up what $(basename "$1") needs (package $packages)"
				packages+=" $(basename "$1")"
				mapfile -t packages < <(package_closure "$packages")
				package_files "${packages[@]}"
			fi
		} | sort -u > "$known.$$"
		mv "$known.$$" "$known"
	fi
	cat "$known"
}
