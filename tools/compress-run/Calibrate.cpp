//===- Calibrate.cpp - compress-run calibrate -----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Calibration/Statistics.h"
#include "compress/Runtime/Call.h"
#include "compress/Runtime/TokenSequences.h"
#include "compress/Support/Error.h"
#include "compress/Support/ModelPath.h"
#include "compress/Support/Output.h"
#include "compress/Support/Progress.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;
using namespace mlir::compress;

namespace {

class CalibrateCommand : public Command {
public:
  CalibrateCommand()
      : Command(
            "calibrate",
            "Learn from a text what a model's weights are multiplied with") {}
  Error run() override;

private:
  Expected<std::vector<Observation>> observe(const Program &program,
                                             const TokenSequences &tokens);

  CommonOptions common{command, "MODEL"};
  cl::opt<std::string> file{"file", cl::desc("Text, UTF-8"), cl::Required,
                            cl::value_desc("F"), cl::sub(command)};
  cl::opt<std::string> output{"o", cl::desc("Statistics to write"),
                              cl::Required, cl::value_desc("S.safetensors"),
                              cl::sub(command)};
  cl::opt<int64_t> context{"context", cl::desc("Tokens per sequence (512)"),
                           cl::init(512), cl::value_desc("N"),
                           cl::sub(command)};
  cl::opt<int64_t> sequences{
      "sequences", cl::desc("Sequences of the text (128, or what it has)"),
      cl::init(0), cl::value_desc("N"), cl::sub(command)};
};

} // namespace

/// The parameters that a result was observed for.
static std::vector<std::string> getParameters(const ValueSignature &result) {
  StringRef name = result.name;
  std::vector<std::string> parameters;
  if (!name.consume_front("observed "))
    return parameters;
  SmallVector<StringRef> names;
  name.split(names, ' ');
  for (StringRef parameter : names)
    parameters.push_back(parameter.str());
  return parameters;
}

Expected<std::vector<Observation>>
CalibrateCommand::observe(const Program &program,
                          const TokenSequences &tokens) {
  Expected<const ProgramFunction *> function = program.find("score");
  if (!function)
    return function.takeError();
  const FunctionSignature &signature = (*function)->signature;
  // One sequence at a time: its rows are those of every value.
  std::vector<SmallVector<int64_t>> shapes;
  std::vector<Observation> observations;
  std::vector<size_t> places;
  for (auto [i, result] : enumerate(signature.results)) {
    SmallVector<int64_t> &shape = shapes.emplace_back();
    std::vector<std::string> parameters = getParameters(result);
    if (parameters.empty()) {
      for (auto [dim, size] : enumerate(result.shape))
        shape.push_back(size.isStatic() ? size.size : dim == 0 ? 1 : context);
      continue;
    }
    if (result.shape.size() != 2 || !result.shape[1].isStatic())
      return makeFileError(common.input, "what '" + parameters.front() +
                                             "' is multiplied with is no "
                                             "matrix of rows, which "
                                             "calibration needs");
    shape = {context, result.shape[1].size};
    places.push_back(i);
    observations.push_back(
        {std::move(parameters), SecondMoment(result.shape[1].size)});
  }
  if (observations.empty())
    return makeFileError(common.input,
                         "multiplies nothing with its parameters, so that "
                         "there is nothing to learn");
  Executor executor(program, common.threads);
  Progress progress("calibrating", tokens.count);
  for (int64_t sequence = 0; sequence < tokens.count; ++sequence) {
    ArrayRef<int32_t> part = tokens.get(sequence);
    NpyArray input{ElementType::I32,
                   {1, context},
                   std::vector<uint8_t>(context * sizeof(int32_t))};
    std::memcpy(input.data.data(), part.data(), input.data.size());
    Expected<std::vector<NpyArray>> results =
        callWithArrays(executor, **function, input, shapes);
    if (!results)
      return results.takeError();
    for (auto [observation, place] : zip_equal(observations, places)) {
      const NpyArray &values = (*results)[place];
      ArrayRef<float> floats(
          reinterpret_cast<const float *>(values.data.data()),
          values.data.size() / sizeof(float));
      MatrixRef matrix{floats, values.shape[0], values.shape[1]};
      if (Error error = observation.moment.add(matrix, common.threads))
        return makeFileError(
            common.input,
            "sequence " + Twine(sequence) + ", what '" +
                observation.parameters.front() +
                "' is multiplied with: " + toString(std::move(error)));
    }
    progress.advance(1);
  }
  return observations;
}

Error CalibrateCommand::run() {
  if (!isModelPath(common.input))
    return makeFileError(common.input,
                         "is compiled, and shows nothing of what "
                         "goes through it; give the model that it "
                         "was made from");
  // What can't be written is told before the work; nothing is left behind.
  if (Expected<OutputFile> writable = OutputFile::create(output); !writable)
    return writable.takeError();
  common.observe = "score";
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  Expected<const Tokenizer *> tokenizer = (*program)->requireTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  Expected<TokenSequences> tokens =
      readTokenSequences(**tokenizer, file, context, sequences);
  if (!tokens)
    return tokens.takeError();
  Expected<std::string> hash = hashModel(common.input);
  if (!hash)
    return hash.takeError();
  StatisticsOrigin origin{*hash, tokens->hash, tokens->context, tokens->count,
                          int64_t(tokens->tokens.size())};
  Expected<std::vector<Observation>> observations = observe(**program, *tokens);
  if (!observations)
    return observations.takeError();
  if (Error error = writeStatistics(output, origin, *observations))
    return error;
  if (common.json)
    printJSON(json::Object{{"file", output.getValue()},
                           {"values", int64_t(observations->size())},
                           {"sequences", origin.sequences},
                           {"tokens", origin.tokens}});
  else
    outs() << formatv("{0}: {1} values observed over {2} tokens\n", output,
                      observations->size(), origin.tokens);
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeCalibrateCommand() {
  return std::make_unique<CalibrateCommand>();
}
