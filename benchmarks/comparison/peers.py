"""The programs that this project is compared with: fetched from PyPI, built for the machine at hand.

llama.cpp comes from the source distribution of llama-cpp-python, which carries it whole, and is built
as its authors say: Release, GGML_NATIVE=ON (all that the processor has), OpenMP where there is one.
onnxruntime is the wheel. A folder of peers keeps both, so that they are fetched and built once.
"""

import os
import shutil
import sys

from comparison.process import ComparisonError, run, run_logged

LLAMA_CPP_PYTHON = "0.3.36"
ONNXRUNTIME = "1.32.0"
# Writes the files that onnxruntime runs.
ONNX = "1.19.1"
LLAMA_TARGETS = ["llama-bench", "llama-batched-bench", "llama-perplexity", "llama-quantize"]
LLAMA_OPTIONS = ["-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=ON",
                 "-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF",
                 "-DLLAMA_BUILD_SERVER=OFF", "-DLLAMA_BUILD_TOOLS=ON"]


def pip(*arguments):
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]


def choose_compiler():
    """The system's compiler, which has OpenMP as a rule; or, where there is none, the one that builds this project."""
    if shutil.which("cc") and shutil.which("c++"):
        return []
    if not shutil.which("clang++-22"):
        raise ComparisonError("llama.cpp needs a compiler of C++: install g++, or what scripts/build.sh installs")
    return ["-DCMAKE_C_COMPILER=clang-22", "-DCMAKE_CXX_COMPILER=clang++-22"]


class Peers:
    """A folder with what is fetched and built; what it has already is kept."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.build = os.path.join(self.folder, "build")
        self.source = os.path.join(self.folder, f"llama_cpp_python-{LLAMA_CPP_PYTHON}")
        self.site = os.path.join(self.folder, f"onnxruntime-{ONNXRUNTIME}")
        os.makedirs(self.folder, exist_ok=True)

    def _in(self, name):
        return os.path.join(self.folder, name)

    def _prepare(self, name):
        """An empty folder to fill before it gets its name."""
        path = self._in(name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    # --- llama.cpp ---------------------------------------------------------

    def get_program(self, name):
        return os.path.join(self.build, "bin", name)

    def build_llama(self):
        if not os.path.isdir(self.source):
            self._fetch_llama()
        if not os.path.exists(os.path.join(self.build, "build.ninja")):
            self._configure_llama()
        self._verify_build()
        if not all(os.path.exists(self.get_program(name)) for name in LLAMA_TARGETS):
            run_logged(f"Build {', '.join(LLAMA_TARGETS)}; takes minutes",
                       ["nice", "ninja", "-C", self.build, "-j", len(os.sched_getaffinity(0)), *LLAMA_TARGETS],
                       self._in("build.log"))

    def _fetch_llama(self):
        download = self._prepare("download")
        run_logged(f"Fetch llama-cpp-python {LLAMA_CPP_PYTHON}, the source of llama.cpp, 77 MB",
                   pip("download", "--no-binary", "llama-cpp-python", "--no-deps", "--dest", download,
                       f"llama-cpp-python=={LLAMA_CPP_PYTHON}"), self._in("fetch-llama.log"))
        name = os.path.basename(self.source)
        run(["tar", "-xf", os.path.join(download, name + ".tar.gz"), "-C", download])
        os.rename(os.path.join(download, name), self.source)
        shutil.rmtree(download)

    def _configure_llama(self):
        source = os.path.join(self.source, "vendor", "llama.cpp")
        run_logged("Configure llama.cpp",
                   ["cmake", "-S", source, "-B", self.build, "-G", "Ninja", *LLAMA_OPTIONS, *choose_compiler()],
                   self._in("configure.log"))

    def _get_cache(self):
        """The variables that the build was configured with."""
        with open(os.path.join(self.build, "CMakeCache.txt"), encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split("=", 1) for line in file if "=" in line]
        return {key.split(":")[0]: value for key, value in pairs}

    def _verify_build(self):
        """A folder that is reused must hold this version, built for speed."""
        cache = self._get_cache()
        home = cache.get("CMAKE_HOME_DIRECTORY", "")
        if os.path.basename(self.source) not in home.split(os.sep):
            raise ComparisonError(f"{self.build}: was configured for {home}, not for llama-cpp-python "
                                  f"{LLAMA_CPP_PYTHON}; give another folder to --peers")
        for name, value in [("CMAKE_BUILD_TYPE", "Release"), ("GGML_NATIVE", "ON")]:
            if cache.get(name) != value:
                raise ComparisonError(f"{self.build}: was configured with {name}={cache.get(name)}, not {value}; "
                                      "give another folder to --peers")

    def get_llama_version(self):
        output = "".join(run([self.get_program("llama-bench"), "--version"]))
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        openmp = self._get_cache().get("GGML_OPENMP_ENABLED") or "unknown"
        return f"llama.cpp of llama-cpp-python {LLAMA_CPP_PYTHON} ({'; '.join(lines)}; OpenMP {openmp})"

    # --- onnxruntime -------------------------------------------------------

    def install_onnxruntime(self):
        if os.path.isdir(self.site):
            return
        # Not a venv: Debian's python3 can't make one without a further package.
        target = self._prepare("install")
        run_logged(f"Install onnxruntime {ONNXRUNTIME}",
                   pip("install", "--target", target, f"onnxruntime=={ONNXRUNTIME}", f"onnx=={ONNX}"), self._in("install.log"))
        os.rename(target, self.site)

    def get_onnxruntime_version(self):
        code = "import onnxruntime, numpy; print(f'onnxruntime {onnxruntime.__version__}, numpy {numpy.__version__}')"
        return run([sys.executable, "-c", code], self.get_python_environment())[0].strip()

    def get_python_environment(self):
        """For a Python that is to find onnxruntime and the numpy that it needs."""
        return {**os.environ, "PYTHONPATH": self.site}
