//===- GGUFWriter.cpp - Writes GGUF files ---------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GGUFWriter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

static void put32(std::vector<uint8_t> &bytes, uint32_t value) {
  bytes.resize(bytes.size() + sizeof(value));
  support::endian::write32le(bytes.data() + bytes.size() - sizeof(value),
                             value);
}

static void put64(std::vector<uint8_t> &bytes, uint64_t value) {
  bytes.resize(bytes.size() + sizeof(value));
  support::endian::write64le(bytes.data() + bytes.size() - sizeof(value),
                             value);
}

Expected<GGUFWriter> GGUFWriter::create(StringRef path,
                                        ArrayRef<uint8_t> metadata,
                                        uint64_t entries, uint64_t alignment,
                                        std::vector<Declaration> declarations) {
  constexpr uint32_t kVersion = 3;
  std::vector<uint8_t> header = {'G', 'G', 'U', 'F'};
  put32(header, kVersion);
  put64(header, declarations.size());
  put64(header, entries);
  append_range(header, metadata);
  uint64_t offset = 0;
  for (const Declaration &tensor : declarations) {
    put64(header, tensor.name.size());
    append_range(header, arrayRefFromStringRef(tensor.name));
    put32(header, tensor.shape.size());
    for (int64_t size : reverse(tensor.shape))
      put64(header, size);
    put32(header, tensor.ggmlType);
    put64(header, offset);
    offset += alignTo(tensor.bytes, alignment);
  }
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  GGUFWriter writer(std::move(*file), alignment);
  if (Error error = writer.append(header))
    return error;
  return writer;
}

Error GGUFWriter::append(ArrayRef<uint8_t> blocks) {
  if (Error error = file.write(blocks))
    return error;
  uint64_t end = file.tell();
  std::vector<uint8_t> padding(alignTo(end, alignment) - end, 0);
  return file.write(ArrayRef(padding));
}

Error GGUFWriter::commit() { return file.commit(); }
