//===- CalibrationText.cpp - The text that a model learns from ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CalibrationText.h"

#include "compress/Support/Error.h"

using namespace llvm;
using namespace mlir::compress;

Expected<TokenSequences> mlir::compress::readCalibrationText(
    StringRef path, const CompileOptions &options, const PreparedModel &model) {
  if (!model.tokenizer)
    return makeFileError(path, "has no tokenizer, which calibration needs to "
                               "read a text; give one with --tokenizer");
  Expected<std::unique_ptr<Tokenizer>> tokenizer =
      Tokenizer::create(*model.tokenizer);
  if (!tokenizer)
    return tokenizer.takeError();
  return readTokenSequences(**tokenizer, options.calibration.text,
                            options.calibration.context,
                            options.calibration.sequences);
}
