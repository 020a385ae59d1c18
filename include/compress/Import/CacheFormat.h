//===- CacheFormat.h - What a key-value cache is to hold --------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_CACHEFORMAT_H
#define COMPRESS_IMPORT_CACHEFORMAT_H

#include "compress/Encoding/EncodingSpec.h"

namespace mlir::compress {

/// How keys and values are stored: number types, or encodings of one head's
/// positions x head_dim numbers.
struct CacheFormat {
  Part keys = NumberType::getF16();
  Part values = NumberType::getF16();

  CacheFormat() = default;
  /// The same for both.
  CacheFormat(const Part &both) : keys(both), values(both) {}
  CacheFormat(Part keys, Part values)
      : keys(std::move(keys)), values(std::move(values)) {}

  bool operator==(const CacheFormat &other) const {
    return keys == other.keys && values == other.values;
  }
};

/// One text where both are the same, otherwise `keys=...,values=...`.
std::string str(const CacheFormat &format);

/// What `text` names:
///  * `f32`, `f16`, `bf16`;
///  * `int8`: 8 bits in blocks of 32 columns of a token;
///  * `int4`, `int2`: so many bits with a minimum; values in blocks of 32
///  columns
///    of a token, keys in blocks of a column at 32 positions;
///  * an encoding such as `#quantized.affine<i8, block = [1, 64], scale =
///  f16>`;
///  * `keys=K,values=V`, each one of these.
/// The error lists what there is.
llvm::Expected<CacheFormat> parseCacheFormat(llvm::StringRef text);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_CACHEFORMAT_H
