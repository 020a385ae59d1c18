//===- GGUFFile.h - Reads GGUF model files ----------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_GGUF_GGUFFILE_H
#define COMPRESS_IMPORT_GGUF_GGUFFILE_H

#include "compress/Support/MappedFile.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <vector>

namespace mlir::compress {

/// A metadata value of a GGUF file. Views refer to the mapped file.
class GGUFValue {
public:
  /// The numbers are the format's.
  enum class Type : uint32_t {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12
  };

  Type getType() const { return type; }
  /// The type of an array's elements.
  Type getElementType() const { return elementType; }

  /// The value of an integer that fits, else nothing.
  std::optional<int64_t> getInteger() const;
  /// The value of a float or an integer, else nothing.
  std::optional<double> getNumber() const;
  std::optional<bool> getBool() const;
  std::optional<llvm::StringRef> getString() const;

  /// The bytes of a number, a string, or an array of numbers, in the file.
  llvm::ArrayRef<uint8_t> getBytes() const { return bytes; }

  /// Number of elements of an array, else 0.
  uint64_t size() const { return count; }
  /// An element of an array, in constant time.
  GGUFValue getElement(uint64_t index) const;
  /// The elements of an array, where all of them are of that kind.
  std::optional<std::vector<llvm::StringRef>> getStrings() const;
  std::optional<std::vector<int64_t>> getIntegers() const;
  std::optional<std::vector<double>> getNumbers() const;

private:
  friend class GGUFParser;
  Type type = Type::U8;
  Type elementType = Type::U8;
  uint64_t count = 0;
  /// The bytes of a number, a string, or an array of numbers.
  llvm::ArrayRef<uint8_t> bytes;
  /// The elements of an array of strings or arrays.
  std::vector<GGUFValue> elements;
};

/// The type of a tensor's blocks in ggml's numbering. Values of the last
/// dimension are stored in blocks.
struct GGMLType {
  uint32_t id;
  llvm::StringLiteral name;
  int64_t valuesPerBlock;
  int64_t bytesPerBlock;
};

/// The type with this number, or null.
const GGMLType *findGGMLType(uint32_t id);

struct GGUFTensor {
  llvm::StringRef name;
  const GGMLType *type;
  /// Row-major: the dimension whose values are contiguous is the last one. (The
  /// file lists it first.)
  llvm::SmallVector<int64_t> shape;
  /// The blocks, row by row; a view of the mapped file.
  llvm::ArrayRef<uint8_t> data;
};

/// A GGUF file of version 2 or 3, little endian, mapped.
///
/// Layout: "GGUF"; u32 version; u64 number of tensors; u64 number of metadata
/// entries; the entries (string key, u32 type, value); the tensors' infos
/// (string name, u32 rank, u64 sizes, u32 type, u64 offset); padding to
/// `general.alignment` (32); the data, each tensor at its aligned offset.
/// Strings are u64 length and bytes; arrays u32 type, u64 count and elements
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
class GGUFFile {
public:
  /// Maps `path` and checks every length, type and offset against the file.
  /// Errors name the file, the key or tensor and what to do.
  static llvm::Expected<GGUFFile> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return file.getPath(); }
  unsigned getVersion() const { return version; }

  /// Metadata keys in the file's order.
  llvm::ArrayRef<llvm::StringRef> getKeys() const { return keys; }
  /// The value of a key, or null.
  const GGUFValue *find(llvm::StringRef key) const;

  /// All metadata entries as they lie in the file.
  llvm::ArrayRef<uint8_t> getMetadataBytes() const { return metadataBytes; }

  /// Tensors in the file's order.
  llvm::ArrayRef<GGUFTensor> getTensors() const { return tensors; }
  /// The tensor of this name, or null.
  const GGUFTensor *findTensor(llvm::StringRef name) const;

private:
  friend class GGUFParser;
  explicit GGUFFile(MappedFile file) : file(std::move(file)) {}

  MappedFile file;
  unsigned version = 0;
  std::vector<llvm::StringRef> keys;
  llvm::ArrayRef<uint8_t> metadataBytes;
  llvm::StringMap<GGUFValue> metadata;
  std::vector<GGUFTensor> tensors;
  llvm::StringMap<size_t> indices;
};

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_GGUF_GGUFFILE_H
