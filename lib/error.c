// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gccolor.h"
#include "os.h"
#include "os_file.h"

/* Of one thread, zero at first. */
struct error_state {
	int last;
	char text[512];
	char other[32];
};

_Static_assert(sizeof(struct error_state) <= OS_THREAD_BYTES, "the texts fit");

static struct error_state *state(void)
{
	return os_thread_bytes();
}

int error_set(int error, const char *format, ...)
{
	struct error_state *ours = state();
	va_list args;

	va_start(args, format);
	vsnprintf(ours->text, sizeof(ours->text), format, args);
	va_end(args);
	ours->last = error;
	return error;
}

struct error_size error_size(size_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	struct error_size s;
	size_t u = 0;

	while (bytes >= 1024 && bytes % 1024 == 0 && u < 6) {
		bytes /= 1024;
		u++;
	}
	snprintf(s.text, sizeof(s.text), "%zu %s", bytes, unit[u]);
	return s;
}

/*
 * Not strerror_r(): it has two incompatible forms, depends on the locale, and
 * may call malloc().
 */
static const char *system_text(int error)
{
	switch (-error) {
	case EPERM:
		return "not permitted";
	case ENOENT:
		return "not claimed, not committed, or not there";
	case EINTR:
		return "interrupted";
	case EIO:
		return "input or output error";
	case ENXIO:
		return "this process has no such region";
	case E2BIG:
		return "a struct has more than this library knows";
	case EBADF:
		return "the descriptor is gone";
	case EAGAIN:
		return "a limit on locked memory";
	case ENOMEM:
		return "no memory, or a limit on memory or mappings";
	case EACCES:
		return "access refused";
	case EFAULT:
		return "bad address";
	case EBUSY:
		return "in use";
	case ENODATA:
		return "the file ends before";
	case EEXIST:
		return "taken already";
	case EXDEV:
		return "the range crosses a color";
	case ENODEV:
		return "no such device";
	case EINVAL:
		return "invalid argument";
	case ENFILE:
		return "too many files in the system";
	case EMFILE:
		return "too many files in this process";
	case ENOSPC:
		return "no free place";
	case ERANGE:
		return "outside the region or the address space";
	case EOVERFLOW:
		return "address + length wraps around";
	case EOPNOTSUPP:
		return "not supported here";
	case EDQUOT:
		return "too many regions of this user";
	case ESHUTDOWN:
		return "the gccolor module is drained and takes no new regions";
	default:
		snprintf(state()->other, sizeof(state()->other), "error %d", -error);
		return state()->other;
	}
}

int error_range(int error, const char *doing, const void *addr, size_t length,
		const char *why)
{
	const char *advice = why ? "" : error_advice(error);

	return error_set(error, "cannot %s %s at %p: %s%s%s", doing,
			 error_size(length).text, addr,
			 why ? why : system_text(error), *advice ? "; " : "",
			 advice);
}

const char *gccolor_strerror(int error)
{
	if (error == 0)
		return "no error";
	if (error == GCCOLOR_DEFERRED)
		return "the contents are gone; the addresses are carved back later";
	if (error == state()->last)
		return state()->text;
	if (error > 0)
		return "not an error of libgccolor (errors are negative)";
	return system_text(error);
}
