// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/gccolor.h>
#include <linux/gccolor_netlink.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "tool.h"

struct watch {
	struct nl_sock *sock;
	struct nl_sock *control;	/* tells that the family goes and comes */
	int family;
	struct watch_event *event;	/* where the next one goes */
	bool got;
	bool came;
	bool went;
};

struct dump {
	int (*visit)(const struct watch_region *r, void *arg);
	void *arg;
	int stopped;
};

/* What libnl makes of errno, back. */
static int from_nl(int error)
{
	switch (-error) {
	case 0:
		return 0;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_INTR:
		return -EINTR;
	default:
		return -EIO;
	}
}

static uint64_t number(struct nlattr **attrs, int type)
{
	if (!attrs[type])
		return 0;
	return nla_len(attrs[type]) == 8 ? nla_get_u64(attrs[type]) : nla_get_u32(attrs[type]);
}

static void text(struct nlattr **attrs, int type, char out[16])
{
	out[0] = '\0';
	if (attrs[type])
		nla_strlcpy(out, attrs[type], 16);
	printable(out);
}

#define REGION(field)	number(attrs, GCCOLOR_NL_REGION_##field)
#define EVENT(field)	number(attrs, GCCOLOR_NL_EVENT_##field)

static int on_region(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[GCCOLOR_NL_REGION_MAX + 1];
	struct dump *dump = arg;
	struct watch_region r;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, GCCOLOR_NL_REGION_MAX, NULL))
		return NL_SKIP;
	r = (struct watch_region){
		.id = (uint32_t)REGION(ID),
		.pid = (uint32_t)REGION(PID),
		.uid = (uint32_t)REGION(UID),
		.base = REGION(BASE),
		.length = REGION(LENGTH),
		.color_shift = (uint32_t)REGION(COLOR_SHIFT),
		.exec_colors = REGION(EXEC_COLORS),
		.level = (uint32_t)REGION(LEVEL),
		.reason = (uint32_t)REGION(REASON),
		.processes = (uint32_t)REGION(PROCESSES),
		.committed = REGION(COMMITTED),
		.runs = (uint32_t)REGION(RUNS),
		.commits = REGION(COMMITS),
		.decommits = REGION(DECOMMITS),
		.failures = REGION(FAILURES),
		.denied = REGION(DENIED),
		.observed = !!attrs[GCCOLOR_NL_REGION_OBSERVED],
	};
	text(attrs, GCCOLOR_NL_REGION_COMM, r.comm);
	if (!dump->stopped)
		dump->stopped = dump->visit(&r, dump->arg);
	return NL_OK;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[GCCOLOR_NL_EVENT_MAX + 1];
	struct watch *w = arg;

	if (header->cmd != GCCOLOR_NL_CMD_EVENT ||
	    genlmsg_parse(nlmsg_hdr(msg), 0, attrs, GCCOLOR_NL_EVENT_MAX, NULL))
		return NL_SKIP;
	*w->event = (struct watch_event){
		.kind = (uint32_t)EVENT(KIND),
		.sequence = EVENT(SEQUENCE),
		.time = EVENT(TIME),
		.region = (uint32_t)EVENT(REGION),
		.base = EVENT(BASE),
		.length = EVENT(LENGTH),
		.pid = (uint32_t)EVENT(PID),
		.tid = (uint32_t)EVENT(TID),
		.call = (uint32_t)EVENT(CALL),
		.addr = EVENT(ADDR),
		.extent = EVENT(EXTENT),
		.suppressed = (uint32_t)EVENT(SUPPRESSED),
		.level = (uint32_t)EVENT(LEVEL),
		.reason = (uint32_t)EVENT(REASON),
	};
	text(attrs, GCCOLOR_NL_EVENT_COMM, w->event->comm);
	w->got = true;
	return NL_STOP;
}

/* Families come and go. */
static int on_control(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	struct watch *w = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CTRL_ATTR_MAX, NULL) ||
	    !attrs[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(attrs[CTRL_ATTR_FAMILY_NAME]), GCCOLOR_NL_FAMILY))
		return NL_SKIP;
	w->came |= header->cmd == CTRL_CMD_NEWFAMILY;
	w->went |= header->cmd == CTRL_CMD_DELFAMILY;
	return NL_OK;
}

static struct nl_sock *socket_with(int (*handle)(struct nl_msg *msg, void *arg), void *arg)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		return NULL;
	nl_socket_disable_seq_check(sock);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, handle, arg);
	if (genl_connect(sock)) {
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

static int find_family(struct watch *w)
{
	w->family = genl_ctrl_resolve(w->sock, GCCOLOR_NL_FAMILY);
	return w->family < 0 ? from_nl(w->family) : 0;
}

int watch_open(struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return -ENOMEM;
	w->sock = socket_with(on_event, w);
	error = w->sock ? find_family(w) : -EIO;
	if (error) {
		watch_close(w);
		return error;
	}
	*out = w;
	return 0;
}

void watch_close(struct watch *w)
{
	if (w->sock)
		nl_socket_free(w->sock);
	if (w->control)
		nl_socket_free(w->control);
	free(w);
}

/* On a socket of its own: events must not come between. */
int watch_regions(struct watch *w, int (*visit)(const struct watch_region *r, void *arg),
		  void *arg)
{
	struct dump dump = { visit, arg, 0 };
	struct nl_sock *sock = socket_with(on_region, &dump);
	int error;

	if (!sock)
		return -EIO;
	error = genl_send_simple(sock, w->family, GCCOLOR_NL_CMD_GET_REGION, GCCOLOR_NL_VERSION,
				 NLM_F_DUMP);
	if (error >= 0)
		error = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	return error < 0 ? from_nl(error) : dump.stopped;
}

static int join(struct watch *w)
{
	int group = genl_ctrl_resolve_grp(w->sock, GCCOLOR_NL_FAMILY, GCCOLOR_NL_GROUP);

	return from_nl(group < 0 ? group : nl_socket_add_membership(w->sock, group));
}

int watch_join(struct watch *w)
{
	int group;

	w->control = socket_with(on_control, w);
	if (!w->control)
		return -EIO;
	group = genl_ctrl_resolve_grp(w->control, "nlctrl", "notify");
	if (group >= 0)
		group = nl_socket_add_membership(w->control, group);
	nl_socket_set_nonblocking(w->control);
	nl_socket_set_nonblocking(w->sock);
	return group < 0 ? from_nl(group) : join(w);
}

/* Another module, another number: everything anew. */
static bool rejoin(struct watch *w)
{
	struct nl_sock *sock = socket_with(on_event, w);

	if (!sock)
		return false;
	nl_socket_free(w->sock);
	w->sock = sock;
	if (find_family(w) || join(w))
		return false;
	nl_socket_set_nonblocking(w->sock);
	return true;
}

enum watch_news watch_next(struct watch *w, struct watch_event *event)
{
	for (;;) {
		struct pollfd p[2] = {
			{ nl_socket_get_fd(w->sock), POLLIN, 0 },
			{ nl_socket_get_fd(w->control), POLLIN, 0 },
		};
		int error;

		w->event = event;
		w->got = false;
		error = nl_recvmsgs_default(w->sock);
		if (w->got)
			return WATCH_EVENT;
		/* libnl says so of ENOBUFS */
		if (error == -NLE_NOMEM)
			return WATCH_LOST;
		nl_recvmsgs_default(w->control);
		if (w->went) {
			w->went = false;
			return WATCH_GONE;
		}
		if (w->came) {
			w->came = false;
			if (rejoin(w))
				return WATCH_BACK;
			continue;
		}
		if (poll(p, 2, -1) < 0)
			return WATCH_FAILED;
	}
}
