// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>

#include "error.h"

const char *error_advice(int error)
{
	switch (-error) {
	case ENOMEM:
		return "free memory, enlarge the page file or the limit of the job";
	case EACCES:
		return "a policy of this process forbids it (dynamic code?)";
	case ENXIO:
		return "other code in this process has released it; open another region";
	default:
		return "";
	}
}
