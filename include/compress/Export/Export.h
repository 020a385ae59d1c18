//===- Export.h - Models to files of other programs -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way back: what was decided about a model's parameters, by a scheme,
// calibration or the file that they come from, is written in a format that
// other programs read. Encodings that the format can't hold are refused.
// docs/bridges.md tells which ones it can.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_EXPORT_EXPORT_H
#define COMPRESS_EXPORT_EXPORT_H

#include "compress/Compiler/Compiler.h"

namespace mlir::compress {

struct ExportOptions {
  /// Of Hugging Face folders: a checkpoint's format (findCheckpointFormat()).
  std::string format;
  /// Whether values are rounded to what the format can hold where it can't hold
  /// their encoding.
  bool allowLossy = false;
};

/// What became of a tensor of the model's files.
struct ExportedTensor {
  std::string name;
  /// Encodings or types, in the source and as written.
  std::string before, after;
  /// ||x - x'|| / ||x|| between the program's values x and the written x';
  /// nothing where the format holds the program's encoding.
  std::optional<double> lossyError;
};

/// Writes a model that lies in a Hugging Face folder, or an MLIR file beside
/// such files, as a folder whose matrices are stored in `options.format`.
/// Embeddings, heads and vectors stay as they are stored, and so do the
/// folder's other files. Errors name the tensor and what helps: an encoding
/// that the format can't hold, a matrix that is a part of a stored one, nothing
/// to quantize, matrices that a format can't have in several ways.
llvm::Expected<std::vector<ExportedTensor>>
exportHuggingFace(const PreparedModel &model, llvm::StringRef path,
                  const ExportOptions &options, OutputFolder folder);

/// Writes a model that lies in a GGUF file, or an MLIR file beside it, as a
/// GGUF file. Each tensor gets the type whose blocks are its encoding; metadata
/// stay. Errors as above.
llvm::Expected<std::vector<ExportedTensor>>
exportGGUF(const PreparedModel &model, llvm::StringRef path,
           const ExportOptions &options, llvm::StringRef output);

/// A line per tensor, for people.
void printExported(llvm::ArrayRef<ExportedTensor> tensors,
                   llvm::raw_ostream &os);

} // namespace mlir::compress

#endif // COMPRESS_EXPORT_EXPORT_H
