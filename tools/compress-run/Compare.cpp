//===- Compare.cpp - compress-run compare ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "compress/Support/Error.h"
#include "compress/Support/ModelPath.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

namespace {

class CompareCommand : public Command {
public:
  CompareCommand()
      : Command("compare", "Find the first op at which two forms of a model "
                           "part ways") {}
  Error run() override;

private:
  void printText(const ComparedModels &compared) const;
  void printReport(const ComparedModels &compared) const;

  CommonOptions common{command, "MODEL"};
  cl::opt<std::string> tokens{
      "tokens", cl::desc("What the model is evaluated on, as token ids"),
      cl::Required, cl::value_desc("1,2,3"), cl::sub(command)};
  cl::opt<std::string> against{"against",
                               cl::desc("Model to compare with (the same one)"),
                               cl::value_desc("OTHER"), cl::sub(command)};
  cl::opt<std::string> againstScheme{
      "against-scheme",
      cl::desc("Encodings that the model to compare with has (source)"),
      cl::value_desc("S"), cl::sub(command)};
  cl::opt<double> threshold{
      "threshold", cl::desc("Relative error from which ops differ (0.1)"),
      cl::init(0.1), cl::value_desc("E"), cl::sub(command)};
  cl::opt<bool> all{"all", cl::desc("Print every op, not only the first one"),
                    cl::sub(command)};
};

} // namespace

static std::string describe(const ComparedOp &op) {
  std::string text =
      formatv("{0} {1} {2} {3}", op.op, op.shape,
              op.usesParameters ? "with" : "after", join(op.parameters, ", "));
  return op.parameters.empty() ? op.op + " " + op.shape : text;
}

void CompareCommand::printText(const ComparedModels &compared) const {
  if (all)
    for (auto [index, op] : enumerate(compared.ops))
      outs() << formatv("{0,6} {1:e3} {2}\n", index, op.relativeError,
                        describe(op));
  outs() << formatv(
      "{0} ops, relative error of the last {1:e3}\n", compared.ops.size(),
      compared.ops.empty() ? 0.0 : compared.ops.back().relativeError);
  if (!compared.first) {
    outs() << "no op differs by more than "
           << format("%g", threshold.getValue()) << "\n";
    return;
  }
  const ComparedOp &op = compared.ops[*compared.first];
  outs() << "first to differ by more than "
         << format("%g", threshold.getValue())
         << formatv(": op {0}, {1}: relative error {2:e3}\n", *compared.first,
                    describe(op), op.relativeError);
}

void CompareCommand::printReport(const ComparedModels &compared) const {
  json::Array ops;
  for (const ComparedOp &op : compared.ops) {
    json::Object object{{"op", op.op},
                        {"shape", op.shape},
                        {"uses_parameters", op.usesParameters},
                        {"parameters", json::Array(op.parameters)},
                        {"relative_error", nullptr}};
    // JSON has no infinity.
    if (std::isfinite(op.relativeError))
      object["relative_error"] = op.relativeError;
    ops.push_back(std::move(object));
  }
  json::Object object{{"threshold", threshold.getValue()},
                      {"first", nullptr},
                      {"ops", std::move(ops)}};
  if (compared.first)
    object["first"] = static_cast<int64_t>(*compared.first);
  printJSON(std::move(object));
}

Error CompareCommand::run() {
  if (Error error = verifyOptions(common))
    return error;
  if (!(threshold >= 0))
    return makeError("--threshold: expected a number that is not negative");
  std::string other = against.empty() ? common.input : against;
  for (StringRef path : {StringRef(common.input), StringRef(other)})
    if (!isModelPath(path))
      return makeFileError(path, "is no model, whose ops could be compared; "
                                 "give what the bundle was made from");
  Expected<std::vector<int32_t>> ids = parseTokens(tokens);
  if (!ids)
    return ids.takeError();
  Expected<ComparedModels> compared =
      compareModels(common, other, againstScheme, *ids, threshold);
  if (!compared)
    return compared.takeError();
  if (common.json)
    printReport(*compared);
  else
    printText(*compared);
  return Error::success();
}

std::unique_ptr<Command> mlir::compress::makeCompareCommand() {
  return std::make_unique<CompareCommand>();
}
