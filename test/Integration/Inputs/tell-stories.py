"""tell-stories.py COUNT BUNDLE FILE: writes stories that a model tells, each drawn with a seed of its own."""

import subprocess
import sys

count, bundle, path = sys.argv[1:]
with open(path, "wb") as file:
    for seed in range(int(count)):
        command = ["compress-run", "generate", bundle, "-p", "Once upon a time", "-n", "220", "--temperature", "1", "--seed",
                   str(seed), "--ignore-eos"]
        file.write(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
