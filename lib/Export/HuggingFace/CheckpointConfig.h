//===- CheckpointConfig.h - What a checkpoint tells of itself ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_HUGGINGFACE_CHECKPOINTCONFIG_H
#define COMPRESS_LIB_EXPORT_HUGGINGFACE_CHECKPOINTCONFIG_H

#include "compress/Encoding/CheckpointFormats.h"
#include "llvm/Support/JSON.h"

#include <map>

namespace mlir::compress {

/// The modules of a checkpoint.
struct CheckpointModules {
  struct Quantized {
    std::string name;
    CheckpointScheme scheme;
    bool isPermuted = false;
  };
  std::vector<Quantized> quantized;
  /// With matrices that are not.
  std::vector<std::string> plain;
};

/// config.json's `quantization_config`. The error names two modules that are
/// stored in different ways where the format has one way for all, or one that
/// is not quantized where it can't say so.
llvm::Expected<llvm::json::Object>
makeQuantizationConfig(const CheckpointFormat &format,
                       const CheckpointModules &modules);

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_HUGGINGFACE_CHECKPOINTCONFIG_H
