// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The gccolor command: which subcommand, and the usage. */
#include <stdio.h>
#include <string.h>

#include <gccolor.h>

#include "tool.h"

static void usage(void)
{
	size_t i;

	puts("Usage: gccolor COMMAND [OPTIONS]\n"
	     "An address range that belongs to a garbage collector and to nothing else.\n");
	for (i = 0; system_commands[i].name; i++)
		if (system_commands[i].does)
			printf("  %-10s%s\n", system_commands[i].name, system_commands[i].does);
	puts("\ngccolor COMMAND --help says more; man gccolor says all of it.\n"
	     "gccolor --version prints the version, and gccolor COMMAND --version too.\n\n"
	     "Exit status: that of the command; 2 for a wrong command line.");
}

/* A full disk behind stdout is a failure of the command, not a silent one. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("gccolor: standard output");
		return status ? status : TOOL_FAILED;
	}
	return status;
}

static int version(void)
{
	printf("gccolor %s\n", gccolor_version());
	return TOOL_OK;
}

/* A command by itself has a --version too; what gccolor run starts has its own. */
static int run(const struct command *command, int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return version();
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage_error("", "no command; one of %s", system_command_names);
		return TOOL_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage();
		return finish(TOOL_OK);
	}
	if (!strcmp(argv[1], "--version"))
		return finish(version());
	for (i = 0; system_commands[i].name; i++)
		if (!strcmp(argv[1], system_commands[i].name))
			return finish(run(&system_commands[i], argc - 1, argv + 1));
	if (argv[1][0] == '-')
		return usage_error("", "unknown option %s", argv[1]);
	return usage_error("", "unknown command %s; one of %s", argv[1], system_command_names);
}
