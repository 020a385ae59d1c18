//===- CalibrationText.h - The text that a model learns from ----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_QUANTIZATION_CALIBRATIONTEXT_H
#define COMPRESS_LIB_QUANTIZATION_CALIBRATIONTEXT_H

#include "compress/Compiler/Compiler.h"
#include "compress/Runtime/TokenSequences.h"

namespace mlir::compress {

/// Reads options.calibration with the model's tokenizer. Errors name the
/// model's or the text's file.
llvm::Expected<TokenSequences>
readCalibrationText(llvm::StringRef path, const CompileOptions &options,
                    const PreparedModel &model);

} // namespace mlir::compress

#endif // COMPRESS_LIB_QUANTIZATION_CALIBRATIONTEXT_H
