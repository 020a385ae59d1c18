//===- GGUFWriter.h - Writes GGUF files -------------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_GGUF_GGUFWRITER_H
#define COMPRESS_LIB_EXPORT_GGUF_GGUFWRITER_H

#include "compress/Encoding/StorageFormats.h"
#include "compress/Support/Output.h"

namespace mlir::compress {

/// Writes a GGUF file of version 3 (docs/gguf.md of ggml) as a stream: tensors
/// are declared first, then their blocks are appended in that order.
class GGUFWriter {
public:
  struct Declaration {
    std::string name;
    uint32_t ggmlType;
    /// Row-major; the file lists the last dimension first.
    llvm::SmallVector<int64_t> shape;
    uint64_t bytes;
  };

  /// `metadata` are so many entries, as GGUFFile::getMetadataBytes() has them.
  /// `alignment` is that of their `general.alignment`, or 32.
  static llvm::Expected<GGUFWriter>
  create(llvm::StringRef path, llvm::ArrayRef<uint8_t> metadata,
         uint64_t entries, uint64_t alignment,
         std::vector<Declaration> declarations);

  /// Appends the next tensor, which has as many bytes as were declared.
  llvm::Error append(llvm::ArrayRef<uint8_t> blocks);
  /// Gives the file its name once all tensors are appended.
  llvm::Error commit();

private:
  GGUFWriter(OutputFile file, uint64_t alignment)
      : file(std::move(file)), alignment(alignment) {}

  OutputFile file;
  uint64_t alignment;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_GGUF_GGUFWRITER_H
