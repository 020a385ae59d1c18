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

#include "compress/Encoding/Codec.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

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
  /// Of weights; encodings for which it means nothing are rounded to nearest.
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
