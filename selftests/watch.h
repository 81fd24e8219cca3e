/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Watching through netlink, with libnl: what tests need of it. */
#ifndef SELFTESTS_WATCH_H
#define SELFTESTS_WATCH_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/gccolor.h>
#include <linux/gccolor_netlink.h>

struct watcher {
	struct nl_sock *sock;
	int family;
	int group;
};

/* One message, flat. What is absent is 0. */
struct told {
	uint8_t command;
	struct nlattr *attrs[32];
	char data[4096];
};

static inline uint64_t told_number(const struct told *t, int type)
{
	const struct nlattr *a = t->attrs[type];

	if (!a)
		return 0;
	return nla_len(a) == 8 ? nla_get_u64(a) : nla_get_u32(a);
}

static inline const char *told_text(const struct told *t, int type)
{
	return t->attrs[type] ? nla_get_string(t->attrs[type]) : "";
}

/* 0 or -errno as libnl has it: -NLE_OBJ_NOTFOUND where there is no such family. */
static inline int watcher_open(struct watcher *w)
{
	int err;

	*w = (struct watcher){ nl_socket_alloc(), 0, 0 };
	if (!w->sock)
		return -NLE_NOMEM;
	nl_socket_disable_seq_check(w->sock);
	nl_socket_disable_auto_ack(w->sock);
	err = genl_connect(w->sock);
	if (!err)
		err = genl_ctrl_resolve(w->sock, GCCOLOR_NL_FAMILY);
	if (err < 0) {
		nl_socket_free(w->sock);
		w->sock = NULL;
		return err;
	}
	w->family = err;
	w->group = genl_ctrl_resolve_grp(w->sock, GCCOLOR_NL_FAMILY, GCCOLOR_NL_GROUP);
	return 0;
}

static inline void watcher_close(struct watcher *w)
{
	nl_socket_free(w->sock);
	w->sock = NULL;
}

static inline int watcher_ask(struct watcher *w, uint8_t command, int flags, uint32_t id)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, w->family, 0, NLM_F_REQUEST | flags, command,
		    GCCOLOR_NL_VERSION);
	if (id)
		nla_put_u32(msg, GCCOLOR_NL_REGION_ID, id);
	err = nl_send_auto(w->sock, msg);
	nlmsg_free(msg);
	return err < 0 ? err : 0;
}

/* The bytes of what comes next, or -errno: -EAGAIN after @patience ms, -ENOBUFS. */
static inline int watcher_read(struct watcher *w, char *buffer, size_t size, int patience)
{
	struct pollfd p = { nl_socket_get_fd(w->sock), POLLIN, 0 };
	ssize_t got;

	if (poll(&p, 1, patience) == 0)
		return -EAGAIN;
	got = recv(p.fd, buffer, size, MSG_DONTWAIT);
	return got < 0 ? -errno : got;
}

/* Unpack the message at @header. Its attributes point into it. */
static inline int unpack(struct nlmsghdr *header, struct told *out)
{
	memset(out->attrs, 0, sizeof(out->attrs));
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)nlmsg_data(header))->error;
	out->command = ((struct genlmsghdr *)nlmsg_data(header))->cmd;
	return nla_parse(out->attrs, 31, genlmsg_attrdata(nlmsg_data(header), 0),
			 genlmsg_attrlen(nlmsg_data(header), 0), NULL);
}

/* The next message; as watcher_read(), or the error that the kernel answers with. */
static inline int watcher_next(struct watcher *w, struct told *out, int patience)
{
	int got = watcher_read(w, out->data, sizeof(out->data), patience);

	return got < 0 ? got : unpack((struct nlmsghdr *)out->data, out);
}

/* One region, or -errno. */
static inline int watcher_region(struct watcher *w, uint32_t id, struct told *out)
{
	int err = watcher_ask(w, GCCOLOR_NL_CMD_GET_REGION, 0, id);

	return err ? err : watcher_next(w, out, 10000);
}

/* Visit every region of a dump. Their number, or -errno. */
static inline int watcher_dump(struct watcher *w, void (*visit)(struct told *t, void *arg),
			       void *arg)
{
	static char buffer[65536];
	int count = 0, got, err;
	struct told t;

	err = watcher_ask(w, GCCOLOR_NL_CMD_GET_REGION, NLM_F_DUMP, 0);
	while (!err) {
		struct nlmsghdr *h = (struct nlmsghdr *)buffer;

		got = watcher_read(w, buffer, sizeof(buffer), 10000);
		if (got < 0)
			return got;
		for (; nlmsg_ok(h, got); h = nlmsg_next(h, &got)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return count;
			err = unpack(h, &t);
			if (err)
				return err;
			visit(&t, arg);
			count++;
		}
	}
	return err;
}

#endif /* SELFTESTS_WATCH_H */
