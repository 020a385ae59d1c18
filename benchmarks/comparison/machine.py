"""What a reader has to know of the machine that figures come from, and nothing that names it."""

import glob
import os
import re

# Those that decide which kernels either side runs.
FEATURES = ["avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16",
            "avx512_fp16", "amx_int8", "amx_bf16"]


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def get_field(text, name):
    match = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", text, re.M)
    return match.group(1).strip() if match else ""


def get_caches():
    """{"L2": "1024K", ...} of the first core; instruction caches left out."""
    caches = {}
    for folder in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        if read(f"{folder}/type").strip() != "Instruction":
            caches["L" + read(f"{folder}/level").strip()] = read(f"{folder}/size").strip()
    return caches


def describe_machine():
    information = read("/proc/cpuinfo")
    flags = get_field(information, "flags").split()
    memory = re.match(r"\d+", get_field(read("/proc/meminfo"), "MemTotal"))
    return {
        "cpu": get_field(information, "model name") or "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "features": [name for name in FEATURES if name in flags],
        "caches": get_caches(),
        "memory_gib": round(int(memory.group()) / 2**20, 1) if memory else None,
        "virtual": "hypervisor" in flags,
    }


def format_machine(machine, bandwidth):
    """A sentence; bandwidth: {threads: bytes per second}."""
    caches = ", ".join(f"{level} {size}" for level, size in machine["caches"].items())
    parts = [machine["cpu"], f"{machine['cores']} cores" + (" of a virtual machine" if machine["virtual"] else ""),
             " ".join(machine["features"])]
    if caches:
        parts.append(caches)
    parts += [f"{value * 1e-9:.1f} GB/s read by {threads} thread{'s' * (threads > 1)}"
              for threads, value in sorted(bandwidth.items())]
    return "; ".join(parts)
