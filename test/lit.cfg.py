import os
import shutil
import lit.formats

config.name = "Compress"
config.test_format = lit.formats.ShTest(False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
# Tests compile what they test, unless they are about what is kept of it.
config.environment["COMPRESS_JIT_CACHE_LIMIT"] = "0"
config.substitutions.append(("%source_root", config.source_root))
config.substitutions.append(("%build_root", config.build_root))
config.substitutions.append(("%python", config.python))

# Models and texts that lie beside the project where it is developed; tests that use them
# ask for this feature. The tests of the project itself need none.
shared = os.path.join(os.path.dirname(config.source_root), "shared", "data")
if os.path.isdir(shared):
    config.available_features.add("shared-data")
    config.substitutions.append(("%{shared}", shared))

# Models that scripts/fetch-models.sh brings.
cache = os.environ.get("COMPRESS_CACHE_DIR", os.path.join(config.source_root, ".cache"))
models = {"smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma3": "gemma-3-270m-q4_k_m.gguf"}
for feature, name in models.items():
    path = os.path.join(cache, "models", name)
    if os.path.isfile(path):
        config.available_features.add(feature)
        config.substitutions.append(("%{" + feature + "}", path))

# Slow tests ask for this feature: scripts/test.sh --full.
if lit_config.params.get("full"):
    config.available_features.add("full")

# Programs that need Google Benchmark.
if config.have_benchmarks:
    config.available_features.add("benchmarks")

# NVIDIA's assembler, where CUDA is installed.
toolkits = [os.environ[name] for name in ["CUDA_HOME", "CUDA_PATH"] if os.environ.get(name)]
paths = [config.environment["PATH"]] + [os.path.join(toolkit, "bin") for toolkit in toolkits]
ptxas = shutil.which("ptxas", path=os.pathsep.join(paths))
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%{ptxas}", ptxas))

# What this machine's processor can execute.
with open("/proc/cpuinfo") as f:
    flags = next((l for l in f if l.startswith("flags")), "").split()
for feature in ["avx2", "avx512f", "avx512_vnni"]:
    if feature in flags:
        config.available_features.add(feature)
