//===- QuantizationConfig.h - How a checkpoint is quantized -----*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_HUGGINGFACE_QUANTIZATIONCONFIG_H
#define COMPRESS_LIB_IMPORT_HUGGINGFACE_QUANTIZATIONCONFIG_H

#include "compress/Encoding/CheckpointFormats.h"
#include "llvm/Support/JSON.h"

namespace mlir::compress {

/// Which modules a word of a configuration means: `re:` and a regular
/// expression of Python, which matches from the name's beginning on; a module's
/// name; or the name of a class, of which files tell nothing.
struct ModulePattern {
  std::string text;

  bool isExpression() const;
  /// Whether it can be no module of a model: it has no dots.
  bool isClass() const;
  /// Errors: an expression that can't be read, or takes too long.
  llvm::Expected<bool> match(llvm::StringRef module) const;
};

/// config.json's `quantization_config`, as compressed-tensors, GPTQ and AWQ
/// write it.
struct QuantizationConfig {
  /// Modules with one way to be stored.
  struct Group {
    std::string name;
    std::vector<ModulePattern> targets;
    CheckpointScheme scheme;
  };
  /// The file, for messages.
  std::string path;
  std::vector<Group> groups;
  std::vector<ModulePattern> ignored;

  /// Errors: methods, formats, activations and caches that are not supported;
  /// each says what is.
  static llvm::Expected<QuantizationConfig>
  parse(const llvm::json::Value &value, llvm::StringRef path);

  /// How a quantized module is stored. The group that names it counts, then one
  /// whose expression does, then the one that names a class. Errors: none does;
  /// it is among those that are left alone.
  llvm::Expected<const CheckpointScheme *> find(llvm::StringRef module) const;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_HUGGINGFACE_QUANTIZATIONCONFIG_H
