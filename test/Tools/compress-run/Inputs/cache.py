"""What tests do to the cache of compiled models.

damage CACHE NAME HOW    flips a byte of, cuts or removes the file NAME of the only entry
bytes CACHE              bytes of all entries
names CACHE              entries that are complete, and what is none
rebuild FOLDER           copies of compress-run and of its compiler that look like another build
edit FILE                changes the last byte of a file, but neither its length nor its time
together N COMMAND...    runs a command N times at once; prints what is not the first one's
changing FILE COMMAND... runs a command while the file's time keeps changing
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading


def entries(cache):
    return sorted(pathlib.Path(cache, "programs").iterdir())


def flip(path, offset):
    state = os.stat(path)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    with open(path, "r+b") as file:
        file.write(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def damage(cache, name, how):
    (entry,) = entries(cache)
    (path,) = entry.glob(name)
    if how == "remove":
        path.unlink()
    elif how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    else:
        flip(path, path.stat().st_size // 2)


def count_bytes(cache):
    files = [file for entry in entries(cache) for file in entry.rglob("*") if file.is_file()]
    print(sum(file.stat().st_size for file in files))


def names(cache):
    found = [entry.name for entry in entries(cache)]
    whole = [name for name in found if re.fullmatch("[0-9a-f]{64}", name)]
    print(f"{len(whole)} whole, others: {sorted(set(found) - set(whole))}")


def rebuild(folder):
    os.mkdir(folder)
    runtime = pathlib.Path(shutil.which("compress-run"))
    shutil.copy(runtime, folder)
    compiler = runtime.with_name("compress-run-jit")
    copy = pathlib.Path(folder, compiler.name)
    data = bytearray(compiler.read_bytes())
    note = re.search(rb"\x04\0\0\0.\0\0\0\x03\0\0\0GNU\0", data, re.DOTALL)
    if note:
        data[note.end()] ^= 1
    else:
        data += b"\0"
    copy.write_bytes(data)
    copy.chmod(0o755)


def together(count, *command):
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(int(count))
    ]
    results = [(*process.communicate(), process.returncode) for process in running]
    for out, err, code in results:
        if code or out != results[0][0]:
            print("differs:", out, err, code)
    print(f"{len(results)} ran")


def changing(path, *command):
    done = threading.Event()

    def change():
        step = 0
        while not done.is_set():
            step += 1
            os.utime(path, ns=(step, step))

    thread = threading.Thread(target=change)
    thread.start()
    code = subprocess.run(command, check=False).returncode
    done.set()
    thread.join()
    sys.exit(code)


if __name__ == "__main__":
    actions = {
        "damage": damage,
        "bytes": count_bytes,
        "names": names,
        "rebuild": rebuild,
        "edit": lambda path: flip(pathlib.Path(path), -1),
        "together": together,
        "changing": changing,
    }
    actions[sys.argv[1]](*sys.argv[2:])
