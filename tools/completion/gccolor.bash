# SPDX-License-Identifier: MIT OR Apache-2.0
# SPDX-FileCopyrightText: 2026 The gccolor authors
# shellcheck shell=bash
# bash completion for gccolor. It asks the command itself: what --help lists is what
# there is, so a new command or option needs no line here.

# _gccolor_words COMMAND...: commands of gccolor, or options of one, as --help lists them
_gccolor_words() {
	local help
	help=$(command "${COMP_WORDS[0]}" "$@" --help 2> /dev/null) || return 0
	if [ $# -eq 0 ]; then
		awk '/^  [a-z]/ { print $1 }' <<< "$help"
		printf '%s\n' --help --version
	else
		awk '/^  --?[a-z]/ { sub(/[[=].*/, "", $1); print $1 }' <<< "$help"
		printf '%s\n' --help
		[ "$COMP_CWORD" -gt 2 ] || echo --version
	fi
}

# _gccolor_value OPTION: what may follow it; 1: it takes nothing
_gccolor_value() {
	case $1 in
	--backend) echo auto kmod mseal posix hint;;
	--require) echo hint placed reserved guarded sealed enforced;;
	--profile) echo generic libgc;;
	--only) echo steady paths claims placing;;
	--width | --count | --rounds | --arenas | --size | --foreign | --min-size) ;;
	*) return 1;;
	esac
}

# _gccolor_program: where the program of gccolor run stands, once there is a --
_gccolor_program() {
	local i
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			echo $((i + 1))
			return 0
		fi
	done
	return 1
}

# _gccolor_files ACTION: names of files are taken as they are, never expanded.
_gccolor_files() {
	compopt -o filenames 2> /dev/null
	mapfile -t COMPREPLY < <(compgen -A "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_gccolor() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words place
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(_gccolor_words)
	elif [ "$command" = run ] && place=$(_gccolor_program); then
		if [ "$place" -eq "$COMP_CWORD" ] && [[ $word != */* ]]; then
			_gccolor_files command
		else
			_gccolor_files file
		fi
		return
	elif [ "$before" = --svg ]; then
		_gccolor_files file
		return
	elif words=$(_gccolor_value "$before"); then
		:
	elif [[ $word != -* ]] && [[ $command = map || $command = verify ]]; then
		words=$(cd /proc && echo [0-9]*)
	else
		words=$(_gccolor_words "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _gccolor gccolor
