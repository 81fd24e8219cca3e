/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the files of the gccolor command share: the subcommands, and how options
 * are read and refused.
 */
#ifndef GCCOLOR_TOOL_H
#define GCCOLOR_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Exit status of the command. */
#define TOOL_OK		0
#define TOOL_FAILED	1	/* it was tried and did not work */
#define TOOL_USAGE	2	/* the command line is wrong; nothing was tried */
#define RUN_UNPROTECTED	125	/* run: no region, or weaker than --require */
#define RUN_REFUSED	126	/* run: this program cannot be run this way */
#define RUN_NOT_FOUND	127	/* run: no such program */

int cmd_info(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_compare_row(int argc, char **argv);	/* hidden: one row, in a fresh process */
int cmd_run(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_watch(int argc, char **argv);

/*
 * What differs between systems: system_linux.c, windows/system.c.
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *does;		/* NULL: hidden */
};

extern const struct command system_commands[];	/* until a name is NULL */
extern const char *const system_command_names;	/* "info, compare, run" */
extern const uint32_t system_backends[];	/* until one is GCCOLOR_AUTO */
extern const char *const system_backend_names;	/* "kmod, mseal, posix, hint" */
extern const char *const system_plain_call;	/* what an allocation is compared with */

size_t system_page_size(void);
double system_seconds(void);	/* since some moment */

/* Run work(arg) where a region that it leaves behind is in nobody's way. */
void system_apart(void (*work)(void *arg), void *arg);

/*
 * options.c
 *
 * usage_error() prints "gccolor CMD: message" and where the help is, and
 * returns TOOL_USAGE. option_error() does it for what getopt_long() returned.
 */
int usage_error(const char *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int option_error(const char *cmd, int c, char **argv);

/* Sizes take the suffixes K, M, G, T (powers of 1024). 0 or TOOL_USAGE. */
int option_size(const char *cmd, const char *name, const char *text,
		uint64_t min, uint64_t max, uint64_t *out);
int option_count(const char *cmd, const char *name, const char *text,
		 uint64_t min, uint64_t max, uint64_t *out);
int option_backend(const char *cmd, const char *text, uint32_t *out);
int option_level(const char *cmd, const char *text, uint32_t *out);

/* The process that is named by its number behind the options. 0 or TOOL_USAGE. */
int option_process(const char *cmd, int argc, char **argv, uint32_t *pid);

/*
 * The options of a command that has --json and --help only. -1: go on; otherwise the
 * exit status.
 */
int options_json(const char *cmd, void (*help)(void), int argc, char **argv, bool *json);

/* "64 KiB", "1 TiB", "39.1 MiB" into buf; returns buf. */
const char *format_size(char buf[24], uint64_t bytes);

/* A JSON string with its quotes. */
void json_string(FILE *f, const char *s);

/* Names may hold anything, a terminal's commands too: what is not ASCII text becomes '?'. */
char *printable(char *s);

#endif /* GCCOLOR_TOOL_H */
