//===- SmallFloat.h - Floats of eight bits as wider ones --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_COMMON_SMALLFLOAT_H
#define COMPRESS_LIB_CODEGEN_COMMON_SMALLFLOAT_H

#include "compress/Codegen/Common/Emitter.h"
#include "compress/Encoding/EncodingSpec.h"

namespace mlir::compress {

/// The values of codes (i32) of a float format of eight bits as f32: its bits,
/// moved to where a wider format has them, times a power of two. Nothing where
/// more than two codes are exceptions to every such rule; all other results are
/// exact.
std::optional<Value> emitSmallFloat(Emitter &e, NumberType type, Value code);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_COMMON_SMALLFLOAT_H
