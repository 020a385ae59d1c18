//===- Schemes.h - Named choices of encodings -------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme is a row of a table: encodings, as text, for the kinds of tensors
// that a model has. Nothing asks for a scheme by its name; what a row says can
// be said with options as well.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_COMPILER_SCHEMES_H
#define COMPRESS_COMPILER_SCHEMES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

/// How values are rounded to an encoding.
enum class Rounding {
  /// As compress/Encoding/Codec.h: encode() says.
  Nearest,
  /// Signed codes without zero point: the value of largest magnitude of a
  /// block becomes the lowest code, -2^(b-1), so that all codes are used
  /// (GGUF's Q4_0). The scale takes the value's sign.
  FullRange
};

/// The algorithm's name in reports: `rtn`, `rtn-full-range`.
llvm::StringRef str(Rounding rounding);

struct Scheme {
  llvm::StringLiteral name;
  /// For people; one line.
  llvm::StringLiteral summary;
  /// Encodings as attributes, written for matrices [n, k]; empty: as stored.
  llvm::StringLiteral weights;
  /// Of embeddings and heads; empty: that of weights.
  llvm::StringLiteral embeddings;
  /// Of what is multiplied with integer codes; empty: f32.
  llvm::StringLiteral activations;
  /// Format of the key-value cache, as parseCacheFormat() reads it.
  llvm::StringLiteral cache;
  Rounding rounding;
};

/// int8 codes per token or per block of the weight they are multiplied with:
/// what `--activations=int8` means.
llvm::StringRef getInt8Activations();

llvm::ArrayRef<Scheme> getSchemes();
/// The error lists the schemes that there are.
llvm::Expected<const Scheme *> findScheme(llvm::StringRef name);

} // namespace mlir::compress

#endif // COMPRESS_COMPILER_SCHEMES_H
