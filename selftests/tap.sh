# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# What tests in bash share. Sourced once $dir is a directory of the test's own.
# shellcheck disable=SC2154 # dir

count=0
failed=0

# report NAME STATUS: one line of TAP, and what was printed if it failed.
report() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count $1"
	else
		echo "not ok $count $1"
		failed=$((failed + 1))
		head -n 20 "$dir/out" "$dir/err" 2>/dev/null | sed 's/^/# /'
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count $1 # SKIP $2"
}

# run COMMAND...: its output into $dir/out and $dir/err, its status.
run() {
	timeout 120 "$@" > "$dir/out" 2> "$dir/err"
}

# status_is N COMMAND...
status_is() {
	local want=$1 got
	shift
	run "$@"
	got=$?
	[ "$got" -eq "$want" ] || echo "status $got, not $want" >> "$dir/err"
	[ "$got" -eq "$want" ]
}

# json EXPRESSION: of Python; it holds for rows, the JSON objects in $dir/out, and, of
# gccolor doctor's first, states: the state of each check by its name.
json() {
	python3 - "$dir/out" "$1" <<-'EOF' 2>> "$dir/err"
	import json, sys
	rows = [json.loads(line) for line in open(sys.argv[1])]
	states = {c["check"]: c["state"] for r in rows[:1] for c in r.get("checks", [])}
	sys.exit(not eval("(" + sys.argv[2] + ")"))
	EOF
}

finish() {
	echo "1..$count"
	[ "$failed" -eq 0 ]
}
