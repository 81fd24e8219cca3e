// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor map: the regions of a process as a picture. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "map.h"
#include "tool.h"

#define WIDTH_MIN	60
#define WIDTH_MAX	1000

static void help(void)
{
	puts("Usage: gccolor map PID [--svg FILE] [--width N]\n"
	     "Draws the regions of a process: a window for each color (or for several, if there are\n"
	     "more than 16) with what is committed and what is reserve, and the foreign mappings on\n"
	     "both sides. What the library has claimed and not committed looks like reserve.\n"
	     "Regions of the module are found without privilege in /proc/PID/maps; levels, colors and\n"
	     "owners take the module's word (CAP_NET_ADMIN). Regions without the module are found\n"
	     "where the kernel names anonymous memory (CONFIG_ANON_VMA_NAME).\n\n"
	     "  --svg FILE   a drawing in that file instead of text\n"
	     "  --width N    columns, 60 to 1000; the terminal's, or 100\n\n"
	     "Colours: on a terminal, unless NO_COLOR is set.\n"
	     "Exit status: 0, 1 if the process has no region or cannot be looked at, 2 for a wrong\n"
	     "option.");
}

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 100;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

static struct window *add(struct picture *p)
{
	struct window *v = realloc(p->v, (p->count + 1) * sizeof(*v));

	if (!v)
		return NULL;
	p->v = v;
	return &v[p->count++];
}

/* Nothing tells of its colors: sixteenths. */
static void cut(struct window *w, unsigned int colors)
{
	w->colors_known = colors != 0;
	w->colors = colors ? colors : WINDOW_ROWS;
	w->colors_of_row = (w->colors + WINDOW_ROWS - 1) / WINDOW_ROWS;
	w->row_length = (w->end - w->base) / w->colors * w->colors_of_row;
}

static void look_around(struct window *w, const struct space *s)
{
	size_t above = space_find(s, w->end), below = space_find(s, w->base);

	w->above = above < s->count ? &s->v[above] : NULL;
	w->below = below ? &s->v[below - 1] : NULL;
}

static int add_regions(struct picture *p, const struct found_regions *regions)
{
	struct window *w;
	size_t i;

	for (i = 0; i < regions->count; i++) {
		const struct found_region *found = &regions->v[i];
		const struct watch_region *r = &found->word;

		if (!found->mapped)
			continue;
		w = add(p);
		if (!w)
			return -ENOMEM;
		*w = (struct window){ .found = found, .base = r->base, .end = r->base + r->length };
		cut(w, found->claim == CLAIM_UNTOLD ? 0 :
		    (unsigned int)(r->length >> r->color_shift));
		look_around(w, p->space);
	}
	return 0;
}

static bool has_name(const struct mapping *m)
{
	return !strncmp(m->name, "[anon:gccolor:", 14);
}

/* The library names what it has, or some of it; its reserve lies around that, without access. */
static int add_named(struct picture *p)
{
	const struct mapping *v = p->space->v;
	struct window *w;
	size_t i, end;

	for (i = 0; i < p->space->count; i = end) {
		bool named = false;

		for (end = i; end < p->space->count; end++) {
			if (end > i && v[end].start != v[end - 1].end)
				break;
			if (!has_name(&v[end]) && (*v[end].name || v[end].perms[0] != '-'))
				break;
			named |= has_name(&v[end]);
		}
		if (end == i)
			end++;
		if (!named)
			continue;
		w = add(p);
		if (!w)
			return -ENOMEM;
		*w = (struct window){ .base = v[i].start, .end = v[end - 1].end };
		/* The lowest slot is never committed. */
		w->open_reserve = v[i].perms[0] == 'r';
		cut(w, 0);
		look_around(w, p->space);
	}
	return 0;
}

static int draw(const struct picture *p, const char *svg, unsigned int width)
{
	const char *no_color = getenv("NO_COLOR");
	bool failed;
	FILE *f;

	if (!svg) {
		draw_text(p, stdout, width, isatty(STDOUT_FILENO) && !(no_color && *no_color));
		return TOOL_OK;
	}
	f = fopen(svg, "we");
	if (f)
		draw_svg(p, f);
	failed = !f || ferror(f);
	if (f && fclose(f))
		failed = true;
	if (failed)
		fprintf(stderr, "gccolor map: %s: %s\n", svg, strerror(errno));
	return failed ? TOOL_FAILED : TOOL_OK;
}

/* Without the module's word something can be drawn too; say so. */
static bool ask(struct words *words)
{
	struct watch *w;
	int error = watch_open(&w);

	*words = (struct words){ 0 };
	if (!error) {
		error = words_read(w, words);
		watch_close(w);
	}
	if (error) {
		watch_complain("map", error);
		fprintf(stderr, "gccolor map: drawn from /proc alone: no levels, no colors\n");
	}
	return !error;
}

static int draw_process(uint32_t pid, const char *svg, unsigned int width)
{
	struct found_regions regions = { 0 };
	struct picture p = { .pid = pid };
	int error, status = TOOL_FAILED;
	struct words words = { 0 };
	struct space space;

	error = process_status(pid, p.comm, &p.pid);
	if (!error)
		error = space_read(pid, "maps", &space);
	if (error) {
		process_complain("map", pid, error);
		return TOOL_FAILED;
	}
	p.space = &space;
	p.asked = ask(&words);
	error = regions_find(p.pid, &space, &words, &regions);
	if (!error)
		error = add_regions(&p, &regions);
	if (!error)
		error = add_named(&p);
	if (error)
		process_complain("map", pid, error);
	else if (!p.count)
		fprintf(stderr, "gccolor map: process %" PRIu32 " (%s) has no region that can be "
			"seen: backends mseal and posix show names only with CONFIG_ANON_VMA_NAME\n",
			p.pid, p.comm);
	else
		status = draw(&p, svg, width);
	free(p.v);
	regions_free(&regions);
	words_free(&words);
	space_free(&space);
	return status;
}

int cmd_map(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "svg", required_argument, NULL, 's' },
		{ "width", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	uint64_t width = terminal_width();
	const char *svg = NULL;
	uint32_t pid;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			svg = optarg;
			break;
		case 'w':
			if (option_count("map", "--width", optarg, WIDTH_MIN, WIDTH_MAX, &width))
				return TOOL_USAGE;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("map", c, argv);
		}
	}
	if (option_process("map", argc, argv, &pid))
		return TOOL_USAGE;
	return draw_process(pid, svg, (unsigned int)width);
}
