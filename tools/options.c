// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Reading options, refusing wrong ones with a hint, printing sizes. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <gccolor.h>

#include "tool.h"

int usage_error(const char *cmd, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "gccolor%s%s: ", *cmd ? " " : "", cmd);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry: gccolor%s%s --help\n", *cmd ? " " : "", cmd);
	return TOOL_USAGE;
}

int option_error(const char *cmd, int c, char **argv)
{
	/* A short option is in optopt; a long one is the word before optind. */
	if (c == ':')
		return usage_error(cmd, "option %s needs a value", argv[optind - 1]);
	if (optopt && !strncmp(argv[optind - 1], "--", 2))
		return usage_error(cmd, "option %.*s takes no value",
				   (int)strcspn(argv[optind - 1], "="),
				   argv[optind - 1]);
	if (optopt)
		return usage_error(cmd, "unknown option -%c", optopt);
	return usage_error(cmd, "unknown option %s", argv[optind - 1]);
}

/* -EINVAL: not a number with at most one suffix; -ERANGE: above 64 bits. */
static int parse_number(const char *text, int suffixes, uint64_t *out)
{
	static const char letters[] = "KMGT";
	const char *letter;
	unsigned long long n;
	unsigned int shift = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;		/* strtoull() would take " -1" */
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno)
		return -ERANGE;
	if (end == text)
		return -EINVAL;
	if (*end && suffixes) {
		letter = strchr(letters, *end & ~0x20);
		if (!letter)
			return -EINVAL;
		shift = 10 * (unsigned int)(letter - letters + 1);
		end++;
	}
	if (*end)
		return -EINVAL;
	if (n > UINT64_MAX >> shift)
		return -ERANGE;
	*out = (uint64_t)n << shift;
	return 0;
}

int option_size(const char *cmd, const char *name, const char *text,
		uint64_t min, uint64_t max, uint64_t *out)
{
	char lo[24], hi[24];
	uint64_t n = 0;
	int err = parse_number(text, 1, &n);

	if (err == -EINVAL)
		return usage_error(cmd, "%s %s: not a size; write 4096, 64K, 2M, 1G or 1T",
				   name, text);
	if (err || n < min || n > max)
		return usage_error(cmd, "%s %s: must be %s to %s", name, text,
				   format_size(lo, min), format_size(hi, max));
	*out = n;
	return 0;
}

int option_count(const char *cmd, const char *name, const char *text,
		 uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;
	int err = parse_number(text, 0, &n);

	if (err == -EINVAL)
		return usage_error(cmd, "%s %s: not a number; write %llu to %llu", name,
				   text, (unsigned long long)min,
				   (unsigned long long)max);
	if (err || n < min || n > max)
		return usage_error(cmd, "%s %s: must be %llu to %llu", name, text,
				   (unsigned long long)min, (unsigned long long)max);
	*out = n;
	return 0;
}

int option_backend(const char *cmd, const char *text, uint32_t *out)
{
	int n = gccolor_backend_from_name(text);
	size_t i = 0;

	if (n < 0)
		return usage_error(cmd, "--backend %s: no such backend; one of auto, %s", text,
				   system_backend_names);
	while (n != GCCOLOR_AUTO && system_backends[i] && system_backends[i] != (uint32_t)n)
		i++;
	if (n != GCCOLOR_AUTO && !system_backends[i])
		return usage_error(cmd, "--backend %s: gives no memory here; one of auto, %s",
				   text, system_backend_names);
	*out = (uint32_t)n;
	return 0;
}

int option_level(const char *cmd, const char *text, uint32_t *out)
{
	int n = gccolor_level_from_name(text);

	if (n < GCCOLOR_HINT)
		return usage_error(cmd, "--require %s: no such level; one of hint, placed, "
				   "reserved, guarded, sealed, enforced", text);
	*out = (uint32_t)n;
	return 0;
}

int option_process(const char *cmd, int argc, char **argv, uint32_t *pid)
{
	uint64_t n = 0;

	if (optind + 1 != argc)
		return usage_error(cmd, "one process is to be named by its number");
	if (option_count(cmd, "PID", argv[optind], 1, INT32_MAX, &n))
		return TOOL_USAGE;
	*pid = (uint32_t)n;
	return 0;
}

int options_json(const char *cmd, void (*help)(void), int argc, char **argv, bool *json)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			*json = true;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error(cmd, c, argv);
		}
	}
	if (optind < argc)
		return usage_error(cmd, "unexpected argument %s; %s takes options only",
				   argv[optind], cmd);
	return -1;
}

const char *format_size(char buf[24], uint64_t bytes)
{
	static const char *const unit[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	double n = (double)bytes;
	unsigned int i = 0;

	while (n >= 1024 && i + 1 < ARRAY_SIZE(unit)) {
		n /= 1024;
		i++;
	}
	if (n == (double)(uint64_t)n)
		snprintf(buf, 24, "%.0f %s", n, unit[i]);
	else
		snprintf(buf, 24, "%.1f %s", n, unit[i]);
	return buf;
}

void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

char *printable(char *s)
{
	char *p;

	for (p = s; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return s;
}
