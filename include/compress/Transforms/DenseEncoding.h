//===- DenseEncoding.h - Encodings without their structure ------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_DENSEENCODING_H
#define COMPRESS_TRANSFORMS_DENSEENCODING_H

#include "compress/Dialect/Compress/IR/Compress.h"

namespace mlir::compress {

/// The number format that `encoding` has inside its structure, for all values
/// of the tensor: without N:M or blocks, and without layout and order around
/// them. Null where `encoding` has no such structure.
EncodingAttrInterface getDenseEncoding(EncodingAttrInterface encoding);

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_DENSEENCODING_H
