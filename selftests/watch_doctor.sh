# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# gccolor doctor in a guest, with each cause made true. For watch_guest, whose
# functions and variables it uses.
# shellcheck disable=SC2154

# doctor NAME STATUS CHECK STATE PATTERN COMMAND...: the command is gccolor doctor, somewhere;
# with --json behind it one check has that state, every other is fine.
doctor() {
	local name=$1 status=$2 check=$3 state=$4 pattern=$5
	shift 5
	status_is "$status" "$@" && says out "^$state +$check: .*$pattern" && says out '^  cure .' &&
		[ ! -s "$dir/err" ] && status_is "$status" "$@" --json &&
		json "len(rows) == 1 and {c: s for c, s in states.items() if s != 'fine'} ==
			{'$check': '$state'} and (rows[0]['level'] == 'enforced') == ($status == 0)"
	report "doctor: $name" $?
}

# shellcheck disable=SC2016 # for the shells under a limit to expand
doctor_here() {
	local c
	run gccolor doctor && [ "$(cat "$dir/out")" = 'level  enforced, backend kmod' ] && [ ! -s "$dir/err" ]
	report "doctor: all is well" $?
	run gccolor doctor --json && json 'rows[0]["level"] == "enforced" and rows[0]["backend"] == "kmod" and
		len(states) == 16 and set(states.values()) == {"fine"}'
	report "doctor --json: all is well" $?
	for c in ioctl open; do
		doctor "seccomp refuses $c" 1 seccomp cause "refuses $c" ./watch_condition "$c-refused" gccolor doctor
	done
	doctor "seccomp kills" 1 seccomp cause 'kills whoever calls ioctl' ./watch_condition ioctl-kills gccolor doctor
	doctor "the device cgroup" 1 device cause 'the device cgroup refuses' ./watch_condition devices gccolor doctor
	doctor MDWE 0 mdwe note PR_SET_MDWE ./watch_condition mdwe gccolor doctor
	doctor "the address is taken, by whom" 0 address note \
		'0x600000000000 there is anonymous memory \(0x600000010000-0x600000011000\)' \
		env LD_PRELOAD=./watch_occupant.so gccolor doctor
	doctor "RLIMIT_AS, some room" 0 RLIMIT_AS note '1.9 GiB' sh -c 'ulimit -v 2000000; exec "$@"' - gccolor doctor
	doctor "RLIMIT_AS, no room" 1 RLIMIT_AS cause '488.3 MiB' sh -c 'ulimit -v 500000; exec "$@"' - gccolor doctor
	doctor RLIMIT_DATA 0 RLIMIT_DATA note '488.3 MiB' sh -c 'ulimit -d 500000; exec "$@"' - gccolor doctor
	doctor "the environment" 1 environment cause GCCOLOR_BACKEND=posix env GCCOLOR_BACKEND=posix gccolor doctor
}

doctor_device() {
	mv /dev/gccolor /dev/away
	doctor "a private /dev" 1 device cause 'no gccolor: a private /dev' gccolor doctor
	mknod -m 666 /dev/gccolor c 10 99
	doctor "a stale device" 1 device cause 'number 10:99, not 10:' gccolor doctor
	rm /dev/gccolor
	mknod -m 666 /dev/gccolor c 1 3
	doctor "another device" 1 device cause 'number 1:3, not 10:' gccolor doctor
	rm /dev/gccolor
	touch /dev/gccolor
	doctor "no device" 1 device cause 'is not a device' gccolor doctor
	mv /dev/away /dev/gccolor
	chmod 640 /dev/gccolor
	doctor "device permission" 1 device cause 'user 65534 may not open .*mode 0640, owner 0, group 0' "${NOBODY[@]}" gccolor doctor
	chmod 666 /dev/gccolor
	mount -o remount,nodev /dev
	doctor "a nodev /dev" 1 device cause 'mounted nodev' gccolor doctor
	mount -o remount,dev,noexec /dev
	doctor "a noexec /dev" 0 noexec note 'no executable colors' gccolor doctor
	mount -o remount,exec /dev
}

# setting FILE VALUE COMMAND...: with that in the file, and then what was there
setting() {
	local file=$1 before
	before=$(cat "$file")
	echo "$2" > "$file"
	shift 2
	"$@"
	echo "$before" > "$file"
}

doctor_settings() {
	setting "$PARAMETERS"/drain 1 doctor "a module that is drained" 1 guard cause 'takes no new regions' gccolor doctor
	start region
	setting "$PARAMETERS"/max_regions_per_user 1 doctor "the user's quota" 1 quota cause 'user 0 has .*\(1\)' gccolor doctor
	stop_all
	setting /proc/sys/vm/max_map_count 100 doctor vm.max_map_count 0 max_map_count note 'is 100' gccolor doctor
	setting /proc/sys/vm/overcommit_memory 2 doctor vm.overcommit_memory 0 overcommit note 'is 2' gccolor doctor
}

# What holds until the next boot comes last.
doctor_module() {
	local release
	release=$(uname -r)
	reload guard=hooks
	doctor "a module that was told to use hooks" 1 guard cause 'guard=hooks: a region would get level guarded' gccolor doctor
	start region
	run gccolor verify "$pid" --require guarded && says out 'level guarded: the module was loaded with guard=hooks: as the module says$'
	report "verify --require guarded: a region that is guarded" $?
	status_is 1 gccolor verify "$pid" --require enforced &&
		says out 'level guarded, not enforced: the module was loaded with guard=hooks$' &&
		says out ': NOT as it should be$'
	report "verify --require enforced: a region that is guarded" $?
	run gccolor list --json && json 'rows[0]["level"] == "guarded" and "guard=hooks" in rows[0]["why"]'
	report "list --json: why it is guarded" $?
	stop_all
	until_true rmmod gccolor
	doctor "the module is not loaded" 1 module cause 'the module is not loaded$' gccolor doctor
	mv "/lib/modules/$release/modules.dep" "$dir/"
	doctor "there is no module" 1 module cause "there is none for Linux ${release//+/.} in /lib/" gccolor doctor
	mv "$dir/modules.dep" "/lib/modules/$release/"
	status_is 1 gccolor map $$ && says err '^gccolor map: the module gccolor is not loaded'
	report "map: without the module" $?
	echo Y > /sys/module/module/parameters/sig_enforce
	! insmod gccolor.ko 2> "$dir/err" && status_is 1 gccolor doctor &&
		says out "^cause  signature: only signed modules load \(module.sig_enforce=1\), and not signed is /lib/modules/${release//+/.}/gccolor.ko$"
	report "doctor: only signed modules load" $?
	echo '~Module signature appended~' >> "/lib/modules/$release/gccolor.ko"
	! modprobe gccolor 2> "$dir/err" && status_is 1 gccolor doctor && says out '^cause  module: the module is not loaded$' &&
		says out '^note   signature: only modules with a known signature load; /lib/modules/.* has one$'
	report "doctor: a signature that may be unknown" $?
	head -c -28 "/lib/modules/$release/gccolor.ko" > "$dir/ko" && cp "$dir/ko" "/lib/modules/$release/gccolor.ko"
	mount -t securityfs none /sys/kernel/security
	echo integrity > /sys/kernel/security/lockdown
	! insmod gccolor.ko 2> "$dir/err" && status_is 1 gccolor doctor &&
		says out '^cause  signature: only signed modules load \(lockdown: none \[integrity\] confidentiality\), and not signed is /lib/modules/' &&
		status_is 1 gccolor doctor --json && json 'states["module"] == states["signature"] == "cause"'
	report "doctor: lockdown" $?
	echo 1 > /proc/sys/kernel/modules_disabled
	status_is 1 gccolor doctor && says out '^cause  module: .*kernel.modules_disabled is 1 until the next boot$'
	report "doctor: kernel.modules_disabled" $?
}
