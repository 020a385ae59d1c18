//===- main.cpp - Runs compiled models ------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Support/Version.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr const char *kOverview = R"(runs compiled models

EXAMPLES:
  compress-run generate smollm2.bundle -p "The capital of France is" -n 32
  compress-run generate smollm2.bundle -p "Why is the sky blue?" --chat
  compress-run perplexity smollm2.bundle --file wiki.txt --context 512 --chunks 8
  compress-run evaluate smollm2.bundle --file wiki.txt --against smollm2.gguf
  compress-run evaluate smollm2.bundle --multiple-choice questions.jsonl
  compress-run compare model.gguf --scheme=w4a8 --against-scheme=f32 --tokens 1,2,3
  compress-run embed minilm.bundle --file sentences.txt
  compress-run calibrate model.gguf --file wiki.txt -o statistics.safetensors
  compress-run bench smollm2.bundle --prompt 512 --generate 128 --threads 2 --json
  compress-run call kernels.bundle --function matmul --input a.npy --input b.npy \
      --output-dir results
  compress-run call model.gguf --scheme=w4a8 --score --function score --input tokens.npy \
      --output-dir results --reference

  compress-run COMMAND --help lists a command's options.
  Exit codes: 0 done; 1 the input or the request is wrong; 2 usage.
)";

static char **commandLine = nullptr;

char **mlir::compress::getArguments() { return commandLine; }

int main(int argc, char **argv) {
  commandLine = argv;
  // Options of the libraries are not ours to offer: some would change the code
  // that is generated.
  cl::ResetCommandLineParser();
  InitLLVM init(argc, argv);
  std::unique_ptr<Command> commands[] = {
      makeGenerateCommand(), makePerplexityCommand(), makeBenchCommand(),
      makeCallCommand(),     makeEmbedCommand(),      makeCalibrateCommand(),
      makeEvaluateCommand(), makeCompareCommand()};
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &errs()))
    return 2;
  auto chosen = find_if(commands, [](const std::unique_ptr<Command> &command) {
    return command->isChosen();
  });
  if (chosen == std::end(commands)) {
    WithColor::error(errs(), "compress-run")
        << "no command given; compress-run --help lists them\n";
    return 2;
  }
  Error error = (*chosen)->run();
  outs().flush();
  if (!error)
    return 0;
  WithColor::error(errs(), "compress-run")
      << toString(std::move(error)) << "\n";
  return 1;
}
