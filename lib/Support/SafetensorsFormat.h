//===- SafetensorsFormat.h - What reader and writer share -------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_SUPPORT_SAFETENSORSFORMAT_H
#define COMPRESS_LIB_SUPPORT_SAFETENSORSFORMAT_H

#include "compress/Support/Safetensors.h"

namespace mlir::compress {

/// What the names of the writer's padding tensors begin with.
inline constexpr llvm::StringLiteral safetensorsPadding = "__pad.";

/// The format's name of an element type.
llvm::StringRef getSafetensorsName(ElementType type);

bool isSafetensorsPadding(llvm::StringRef name);

} // namespace mlir::compress

#endif // COMPRESS_LIB_SUPPORT_SAFETENSORSFORMAT_H
