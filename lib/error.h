/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The text of this thread's last error.
 */
#ifndef GCCOLOR_ERROR_H
#define GCCOLOR_ERROR_H

#include <stddef.h>

/*
 * Remember @error and its text for gccolor_strerror() in this thread.
 * Allocates nothing. Returns @error, so that callers write
 * `return error_set(-EINVAL, ...)`.
 */
__attribute__((format(printf, 2, 3)))
int error_set(int error, const char *format, ...);

/* advice_SYSTEM.c. What a user can do about @error (negative errno); "" if there is nothing. */
const char *error_advice(int error);

/*
 * "cannot @doing LENGTH at ADDR: @why", or the system's text and advice for
 * @error if @why is NULL. Returns @error.
 */
int error_range(int error, const char *doing, const void *addr, size_t length,
		const char *why);

/* A length for people: "256 KiB". */
struct error_size {
	char text[40];
};

struct error_size error_size(size_t bytes);

#endif /* GCCOLOR_ERROR_H */
