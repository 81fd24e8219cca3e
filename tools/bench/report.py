# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: 2026 The gccolor authors
"""What the reports have in common: NAME.json, NAME.md and NAME.svg in a directory."""
import json
import os

# REUSE-IgnoreStart
HEADER = ("<!-- SPDX-License-Identifier: GPL-2.0-only -->\n"
          "<!-- SPDX-FileCopyrightText: 2026 The gccolor authors -->\n")
# REUSE-IgnoreEnd


def write(out, data, page, svg):
    """@out: directory and name; @page: lines; @svg: (width, height, elements)."""
    with open(out + ".json", "w", encoding="utf-8") as f:
        json.dump(data, f, indent=1)
        f.write("\n")
    with open(out + ".md", "w", encoding="utf-8") as f:
        f.write(HEADER + "\n".join(page) + "\n")
    width, height, elements = svg
    with open(out + ".svg", "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'font-family="sans-serif" font-size="12">\n{HEADER}'
                '<rect width="100%" height="100%" fill="white"/>\n' +
                "\n".join(elements) + "\n</svg>\n")


def machine():
    """This one, in words, and whether others use it too."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        cpu = {k.strip(): v.strip() for k, v in (line.split(":", 1) for line in lines if ":" in line)}
    text = (f"{cpu.get('model name', 'an unnamed processor')} (family {cpu.get('cpu family', '?')}, "
            f"model {cpu.get('model', '?')}), Linux {os.uname().release}")
    if "hypervisor" in cpu.get("flags", ""):
        text += ", in a virtual machine"
    return text + f", load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors"
