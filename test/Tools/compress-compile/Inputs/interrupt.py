"""Usage: interrupt.py WORK_FOLDER STAGE COMMAND...

Runs COMMAND, and kills it as soon as WORK_FOLDER has the file of a finished
stage. Prints `killed`, or `too late` where the command ended before.
"""

import os
import subprocess
import sys
import time

work, stage, command = sys.argv[1], sys.argv[2], sys.argv[3:]
process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while process.poll() is None:
    if os.path.exists(os.path.join(work, f"stage-{stage}.safetensors")):
        process.kill()
        break
    time.sleep(0.002)
print("killed" if process.wait() < 0 else "too late")
