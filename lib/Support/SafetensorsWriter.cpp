//===- SafetensorsWriter.cpp - Writes archives of named tensors -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SafetensorsFormat.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

Expected<SafetensorsWriter>
SafetensorsWriter::create(StringRef path, ArrayRef<Declaration> declarations,
                          const Metadata &metadata, Padding padding) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  SafetensorsWriter writer(std::move(*file));
  if (Error error = writer.declare(declarations, metadata, padding))
    return error;
  return writer;
}

/// One entry of the header.
static void writeEntry(json::OStream &header, StringRef name, ElementType type,
                       ArrayRef<int64_t> shape, uint64_t begin, uint64_t end) {
  header.attributeObject(name, [&] {
    header.attribute("dtype", getSafetensorsName(type));
    header.attributeArray("shape", [&] {
      for (int64_t size : shape)
        header.value(size);
    });
    header.attributeArray("data_offsets", [&] {
      header.value(begin);
      header.value(end);
    });
  });
}

/// Whether a file can have these tensors.
static Error check(StringRef path,
                   ArrayRef<SafetensorsWriter::Declaration> declarations) {
  StringSet<> names;
  for (const SafetensorsWriter::Declaration &tensor : declarations) {
    if (!countBytes(tensor.type, tensor.shape))
      return makeFileError(path, "tensor \"" + tensor.name +
                                     "\" can't have the shape " +
                                     strShape(tensor.shape));
    if (tensor.name == "__metadata__" || isSafetensorsPadding(tensor.name))
      return makeFileError(path, "\"" + tensor.name + "\" is a reserved name");
    if (!json::isUTF8(tensor.name))
      return makeFileError(path, "a tensor's name is not UTF-8");
    if (!names.insert(tensor.name).second)
      return makeFileError(path,
                           "two tensors are named \"" + tensor.name + "\"");
  }
  return Error::success();
}

Error SafetensorsWriter::declare(ArrayRef<Declaration> declarations,
                                 const Metadata &metadata, Padding padding) {
  if (Error error = check(file.getPath(), declarations))
    return error;
  std::string text;
  raw_string_ostream os(text);
  json::OStream header(os);
  header.objectBegin();
  if (!metadata.empty())
    header.attributeObject("__metadata__", [&] {
      for (const auto &[key, value] : metadata)
        header.attribute(key, value);
    });

  uint64_t offset = 0;
  for (auto [index, tensor] : enumerate(declarations)) {
    uint64_t bytes = *countBytes(tensor.type, tensor.shape);
    uint64_t end = offset + bytes;
    writeEntry(header, tensor.name, tensor.type, tensor.shape, offset, end);
    bool isLast = index + 1 == declarations.size();
    bool isPadded = !isLast && padding == Padding::Aligned;
    uint64_t next = isPadded ? alignTo(end, alignment) : end;
    if (next != end)
      writeEntry(header, (safetensorsPadding + Twine(index)).str(),
                 ElementType::U8, int64_t(next - end), end, next);
    pending.push_back({tensor.name, bytes, next - end});
    offset = next;
  }
  header.objectEnd();

  text.resize(alignTo(text.size() + sizeof(uint64_t), alignment) -
                  sizeof(uint64_t),
              ' ');
  uint8_t length[sizeof(uint64_t)];
  support::endian::write64le(length, text.size());
  if (Error error = file.write(ArrayRef(length)))
    return error;
  if (Error error = file.write(StringRef(text)))
    return error;
  return finishTensors();
}

/// Pads and passes by all tensors that are complete, among them empty ones.
Error SafetensorsWriter::finishTensors() {
  static constexpr uint8_t zeros[alignment] = {};
  while (current < pending.size() && written == pending[current].bytes) {
    if (Error error =
            file.write(ArrayRef(zeros).take_front(pending[current].padding)))
      return error;
    ++current;
    written = 0;
  }
  return Error::success();
}

Error SafetensorsWriter::append(ArrayRef<uint8_t> bytes) {
  if (bytes.empty())
    return Error::success();
  if (current == pending.size())
    return makeFileError(file.getPath(),
                         "bytes were appended after the last tensor");
  const Pending &tensor = pending[current];
  if (bytes.size() > tensor.bytes - written)
    return makeFileError(file.getPath(),
                         "tensor \"" + tensor.name + "\" has " +
                             Twine(tensor.bytes) + " bytes, but " +
                             Twine(written + bytes.size()) + " were appended");
  if (Error error = file.write(bytes))
    return error;
  written += bytes.size();
  return finishTensors();
}

Error SafetensorsWriter::commit() {
  if (current != pending.size())
    return makeFileError(file.getPath(),
                         "tensor \"" + pending[current].name +
                             "\" is not complete: " + Twine(written) + " of " +
                             Twine(pending[current].bytes) +
                             " bytes were appended");
  return file.commit();
}
