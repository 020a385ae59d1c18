//===- Safetensors.h - Archives of named tensors ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_SAFETENSORS_H
#define COMPRESS_SUPPORT_SAFETENSORS_H

#include "compress/Support/ElementType.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Output.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <map>

namespace llvm::json {
class Value;
} // namespace llvm::json

namespace mlir::compress {

/// A tensor of a safetensors file: a dense, row-major, little-endian array.
struct SafetensorsTensor {
  std::string name;
  ElementType type;
  llvm::SmallVector<int64_t> shape;
  /// A view of the mapped file.
  llvm::ArrayRef<uint8_t> data;
};

/// A safetensors file, mapped.
///
/// Layout: u64 n; n bytes of JSON, which maps each tensor's name to its dtype,
/// shape and data_offsets = [begin, end) within the bytes that follow, and
/// "__metadata__" to strings; the tensors' bytes, which fill the rest of the
/// file without holes or overlaps
/// (https://huggingface.co/docs/safetensors, "Format").
class SafetensorsFile {
public:
  /// Maps `path` and checks everything said above; an error names the file and
  /// the tensor.
  static llvm::Expected<SafetensorsFile> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return file.getPath(); }
  /// All tensors in the order of their data, without the padding that
  /// SafetensorsWriter puts between them.
  llvm::ArrayRef<SafetensorsTensor> getTensors() const { return tensors; }
  /// The tensor of this name, or null.
  const SafetensorsTensor *find(llvm::StringRef name) const;
  /// The file's "__metadata__".
  const llvm::StringMap<std::string> &getMetadata() const { return metadata; }

private:
  explicit SafetensorsFile(MappedFile file) : file(std::move(file)) {}
  llvm::Error parse();
  llvm::Error parseTensor(llvm::StringRef name, const llvm::json::Value &value,
                          llvm::ArrayRef<uint8_t> data);
  llvm::Error checkCoverage(llvm::ArrayRef<uint8_t> data);
  llvm::Error fail(llvm::StringRef tensor, const llvm::Twine &message) const;

  MappedFile file;
  std::vector<SafetensorsTensor> tensors;
  llvm::StringMap<size_t> indices;
  llvm::StringMap<std::string> metadata;
};

/// Writes a safetensors file as a stream: all tensors are declared first, then
/// their bytes are appended in that order, so that no more than a piece is in
/// memory. Every tensor starts at a multiple of 64 bytes of the file: the
/// header is filled up with spaces, and since the format allows no holes, U8
/// tensors named `__pad.<n>` stand between tensors of other sizes.
class SafetensorsWriter {
public:
  struct Declaration {
    std::string name;
    ElementType type;
    llvm::SmallVector<int64_t> shape;
  };
  using Metadata = std::map<std::string, std::string>;

  /// Alignment of every tensor's first byte within the file.
  static constexpr uint64_t alignment = 64;

  /// Whether tensors are aligned. Programs that take every tensor of a file for
  /// a weight get files without padding, in which tensors follow each other.
  enum class Padding { Aligned, None };

  /// Starts writing `path`; an error where two tensors share a name, a name is
  /// reserved or a shape is not static.
  static llvm::Expected<SafetensorsWriter>
  create(llvm::StringRef path, llvm::ArrayRef<Declaration> declarations,
         const Metadata &metadata = {}, Padding padding = Padding::Aligned);

  /// Appends to the current tensor, which is the first that is not complete.
  /// An error where the bytes reach beyond its end.
  llvm::Error append(llvm::ArrayRef<uint8_t> bytes);

  /// Gives the file its name; an error where a tensor is not complete.
  llvm::Error commit();

private:
  struct Pending {
    std::string name;
    uint64_t bytes;
    uint64_t padding;
  };

  explicit SafetensorsWriter(OutputFile file) : file(std::move(file)) {}
  llvm::Error declare(llvm::ArrayRef<Declaration> declarations,
                      const Metadata &metadata, Padding padding);
  llvm::Error finishTensors();

  OutputFile file;
  std::vector<Pending> pending;
  size_t current = 0;
  uint64_t written = 0;
};

} // namespace mlir::compress

#endif // COMPRESS_SUPPORT_SAFETENSORS_H
