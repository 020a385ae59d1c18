//===- Call.cpp - compress-run call ---------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Runtime/Call.h"
#include "compress/Support/Error.h"
#include "compress/Support/ModelPath.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace llvm;
using namespace mlir::compress;

namespace {

class CallCommand : public Command {
public:
  CallCommand() : Command("call", "Call a function on NumPy arrays") {}
  Error run() override;

private:
  Expected<std::vector<SmallVector<int64_t>>> parseShapes() const;
  Expected<std::vector<NpyArray>> readInputs() const;
  /// What the function computes, by generated code or by the reference.
  Expected<CallResult> call(ArrayRef<NpyArray> arguments,
                            Measurement &seconds) const;
  Expected<CallResult> execute(ArrayRef<NpyArray> arguments,
                               ArrayRef<SmallVector<int64_t>> shapes,
                               Measurement &seconds) const;
  Expected<CallResult> evaluate(ArrayRef<NpyArray> arguments,
                                ArrayRef<SmallVector<int64_t>> shapes) const;
  Error write(const FunctionSignature &signature, ArrayRef<NpyArray> results,
              const Measurement &seconds) const;

  CommonOptions common{command, "BUNDLE_OR_MODEL"};
  cl::opt<std::string> function{"function", cl::desc("Function to call"),
                                cl::Required, cl::value_desc("F"),
                                cl::sub(command)};
  cl::list<std::string> inputs{
      "input", cl::desc("Argument, in the function's order; repeat per one"),
      cl::value_desc("A.npy"), cl::sub(command)};
  cl::opt<std::string> outputs{"output-dir", cl::desc("Folder for the results"),
                               cl::Required, cl::value_desc("D"),
                               cl::sub(command)};
  cl::list<std::string> shapes{
      "result-shape",
      cl::desc("Shape of result R where the signature does not tell it"),
      cl::value_desc("R=2x3"), cl::sub(command)};
  enum class Reference { None, Double, F32 };
  cl::opt<Reference> reference{
      "reference",
      cl::desc("Evaluate a model's IR by the slow definition of its ops, on "
               "one thread, instead of generated code"),
      cl::ValueOptional,
      cl::values(
          clEnumValN(Reference::Double, "double", "Sums in double precision"),
          clEnumValN(Reference::F32, "f32",
                     "f32 in the order of generated code, with the same bits"),
          clEnumValN(Reference::Double, "", "")),
      cl::init(Reference::None),
      cl::sub(command)};
  cl::opt<int64_t> repeat{
      "repeat",
      cl::desc("Calls to time, after one that does not count; by default "
               "there is one call, which is timed"),
      cl::value_desc("N"), cl::sub(command)};
};

} // namespace

Expected<std::vector<SmallVector<int64_t>>> CallCommand::parseShapes() const {
  std::vector<SmallVector<int64_t>> result;
  for (StringRef text : shapes) {
    auto [place, list] = text.split('=');
    size_t index = 0;
    SmallVector<StringRef> parts;
    list.split(parts, 'x');
    SmallVector<int64_t> shape;
    bool ok = !place.getAsInteger(10, index) && index < 1024;
    for (StringRef part : parts) {
      int64_t size = 0;
      ok &= !part.getAsInteger(10, size) && size >= 0;
      shape.push_back(size);
    }
    if (!ok)
      return makeError("--result-shape=" + text +
                       ": expected a result's number and its sizes, as in "
                       "0=2x3");
    if (result.size() <= index)
      result.resize(index + 1);
    result[index] = std::move(shape);
  }
  return result;
}

Error CallCommand::write(const FunctionSignature &signature,
                         ArrayRef<NpyArray> results,
                         const Measurement &seconds) const {
  if (std::error_code code = sys::fs::create_directories(outputs))
    return makeFileError(outputs, "cannot be made: " + code.message());
  json::Array list;
  for (auto [index, result] : enumerate(results)) {
    std::string name = signature.results[index].name;
    if (name.empty())
      name = ("result-" + Twine(index)).str();
    SmallString<256> path(outputs);
    sys::path::append(path, name + ".npy");
    if (Error error = writeNpy(path, result.type, result.shape, result.data))
      return error;
    if (!common.json)
      outs() << path << ": " << strShape(result.shape) << " of "
             << str(result.type) << "\n";
    list.push_back(json::Object{{"file", path.str().str()},
                                {"element", str(result.type)},
                                {"shape", json::Array(result.shape)}});
  }
  if (common.json)
    printJSON(json::Object{{"results", std::move(list)},
                           {"seconds", seconds.getMedian()},
                           {"seconds_spread", getSpreadAsJSON(seconds)}});
  else if (repeat.getNumOccurrences())
    outs() << formatv("{0:f3} ms (+-{1:P1})\n", seconds.getMedian() * 1e3,
                      seconds.getSpread());
  return Error::success();
}

Expected<std::vector<NpyArray>> CallCommand::readInputs() const {
  std::vector<NpyArray> arguments;
  for (StringRef input : inputs) {
    Expected<NpyArray> array = readNpy(input);
    if (!array)
      return array.takeError();
    arguments.push_back(std::move(*array));
  }
  return arguments;
}

Expected<CallResult>
CallCommand::evaluate(ArrayRef<NpyArray> arguments,
                      ArrayRef<SmallVector<int64_t>> resultShapes) const {
  if (Error error = verifyOptions(common))
    return error;
  if (!isModelPath(common.input))
    return makeFileError(common.input,
                         "is compiled, and has no IR that --reference could "
                         "evaluate; give the model that it was made from");
  Expected<CallResult> call =
      evaluateCall(common, function, arguments, reference == Reference::F32);
  if (!call)
    return call.takeError();
  // The results tell their shapes; others would be a misunderstanding.
  for (auto [index, shape] : enumerate(resultShapes))
    if (!shape.empty() &&
        (index >= call->results.size() || call->results[index].shape != shape))
      return makeError("--result-shape: the function has no result " +
                       Twine(index) + " of shape " + strShape(shape));
  return call;
}

using Clock = std::chrono::steady_clock;

static double getSecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Expected<CallResult>
CallCommand::execute(ArrayRef<NpyArray> arguments,
                     ArrayRef<SmallVector<int64_t>> resultShapes,
                     Measurement &seconds) const {
  Expected<std::unique_ptr<Program>> program = openProgram(common);
  if (!program)
    return program.takeError();
  Expected<const ProgramFunction *> found = (*program)->find(function);
  if (!found)
    return found.takeError();
  Executor executor(**program, common.threads);
  Expected<ArrayCall> call =
      ArrayCall::create(**found, arguments, resultShapes);
  if (!call)
    return call.takeError();
  if (repeat.getNumOccurrences())
    if (Error error = call->run(executor))
      return error;
  for (int64_t i = 0; i < std::max<int64_t>(repeat, 1); ++i) {
    Clock::time_point start = Clock::now();
    if (Error error = call->run(executor))
      return error;
    seconds.samples.push_back(getSecondsSince(start));
  }
  return CallResult{(*found)->signature, call->getResults()};
}

Expected<CallResult> CallCommand::call(ArrayRef<NpyArray> arguments,
                                       Measurement &seconds) const {
  Expected<std::vector<SmallVector<int64_t>>> resultShapes = parseShapes();
  if (!resultShapes)
    return resultShapes.takeError();
  if (repeat.getNumOccurrences() && repeat < 1)
    return makeError("--repeat=" + Twine(repeat) +
                     ": expected a positive number of calls");
  if (reference == Reference::None)
    return execute(arguments, *resultShapes, seconds);
  if (repeat.getNumOccurrences())
    return makeError("--repeat times generated code, which --reference has "
                     "none of; leave one of them out");
  Clock::time_point start = Clock::now();
  Expected<CallResult> result = evaluate(arguments, *resultShapes);
  seconds.samples.push_back(getSecondsSince(start));
  return result;
}

Error CallCommand::run() {
  Expected<std::vector<NpyArray>> arguments = readInputs();
  if (!arguments)
    return arguments.takeError();
  Measurement seconds;
  Expected<CallResult> result = call(*arguments, seconds);
  if (!result)
    return result.takeError();
  return write(result->signature, result->results, seconds);
}

std::unique_ptr<Command> mlir::compress::makeCallCommand() {
  return std::make_unique<CallCommand>();
}
