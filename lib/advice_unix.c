// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>

#include "error.h"

const char *error_advice(int error)
{
	switch (-error) {
	case ENOMEM:
		return "raise the limits of address space, data or swap, or free memory";
	case EAGAIN:
		return "raise the limit of locked memory or give up mlockall(MCL_FUTURE)";
	case ENXIO:
		return "this process has no region any more; open another";
	default:
		return "";
	}
}
