# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# How the library's tests are run and counted, for lib_check and its kin. The
# tests run under the command RUNNER (an array, empty: directly) and are
# named RUN_AS. Afterwards: count, failed.

count=0
failed=0
RUNNER=()
RUN_AS=
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# result STATUS NAME: one line, with the log if it failed.
result() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count $2"
	else
		echo "not ok $count $2"
		sed 's/^/# /' "$tmp/log" | tail -n 40
		failed=1
	fi
}

# check NAME COMMAND...: passes if the command succeeds.
check() {
	local name=$1 status=0
	shift
	"$@" > "$tmp/log" 2>&1 || status=1
	result "$status" "$name"
}

# run_test BACKEND REQUIRE TEST: repeat its lines under our numbers.
run_test() {
	local backend=$1 require=$2 test=$3 name=${3##*/} status=0 line bad=0 lines=0
	GCCOLOR_BACKEND=$backend GCCOLOR_TEST_REQUIRE=$require \
		"${RUNNER[@]}" "$test" > "$tmp/out" 2>&1 || status=$?
	while read -r line; do
		case $line in
		"ok "* | "not ok "*)
			count=$((count + 1))
			lines=$((lines + 1))
			[ "${line%% *}" = ok ] || bad=1
			echo "$line" | sed -E "s/^((not )?ok) [0-9]+ /\1 $count ${RUN_AS:+$RUN_AS }$backend $name /"
			;;
		"# seed: "* | *" over "* | *" among "* | *resident* | *:*:Expected* | *terminated*)
			echo "# ${RUN_AS:+$RUN_AS }$backend $name: ${line#\# }"
			;;
		esac
	done < "$tmp/out"
	[ "$bad" -eq 0 ] || failed=1
	if { [ "$status" -ne 0 ] && [ "$status" -ne 4 ] && [ "$bad" -eq 0 ]; } ||
	   [ "$lines" -eq 0 ]; then
		cp "$tmp/out" "$tmp/log"
		result 1 "${RUN_AS:+$RUN_AS }$backend $name ended with status $status"
	fi
}

# run_backend BACKEND REQUIRE TEST...: at least one must really run.
run_backend() {
	local backend=$1 require=$2 before=$count
	shift 2
	for test; do
		run_test "$backend" "$require" "$test"
	done > "$tmp/backend.$backend"
	cat "$tmp/backend.$backend"
	# shellcheck disable=SC2034 # for who sources this
	grep -q '^not ok' "$tmp/backend.$backend" && failed=1
	count=$((before + $(grep -cE '^(not )?ok ' "$tmp/backend.$backend")))
	# Not grep -q behind a pipe: what it leaves unread ends the writer by SIGPIPE.
	if [ "$(grep -E '^ok ' "$tmp/backend.$backend" | grep -cv '# SKIP')" -eq 0 ]; then
		: > "$tmp/log"
		result 1 "${RUN_AS:+$RUN_AS }$backend: every test was skipped"
	fi
}

# sort_tests TEST...: which apply to which backend, in logic, tests and placeless.
sort_tests() {
	local test
	logic=()
	tests=()
	placeless=()	# what applies to a backend without claims
	for test; do
		case $test in
		*lib_logic_test | *lib_probe_test) logic+=("$test") ;;
		*lib_claims_test | *lib_model_test | *lib_commit_test | *lib_deferred_test) tests+=("$test") ;;
		*) tests+=("$test") placeless+=("$test") ;;
		esac
	done
}
