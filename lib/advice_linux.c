// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>

#include "error.h"

const char *error_advice(int error)
{
	switch (-error) {
	case ENOMEM:
		return "raise vm.max_map_count, RLIMIT_AS, RLIMIT_DATA or the commit limit, "
		       "or free memory";
	case EAGAIN:
		return "raise RLIMIT_MEMLOCK or give up mlockall(MCL_FUTURE)";
	case EACCES:
		return "check the permissions of /dev/gccolor, or ask for another backend";
	case EMFILE:
		return "close files or raise RLIMIT_NOFILE";
	case ENFILE:
		return "raise fs.file-max";
	case EDQUOT:
		return "close regions, or raise the limit per user of the gccolor module";
	case ENXIO:
		return "this process has no region any more; open another";
	case ESHUTDOWN:
		return "try again when it has been replaced";
	default:
		return "";
	}
}
