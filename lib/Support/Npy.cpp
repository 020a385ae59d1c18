//===- Npy.cpp - NumPy arrays in files ------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Npy.h"

#include "compress/Support/Error.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Output.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
struct TypeName {
  StringLiteral name;
  ElementType type;
};

/// The header: a Python dictionary with three known keys.
struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortranOrder;
  std::optional<SmallVector<int64_t>> shape;
};

/// A cursor over the header's text. Every function returns whether it matched.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  bool parse(Header &header) {
    if (!consume("{"))
      return false;
    while (!consume("}")) {
      if (!parseEntry(header) || (!consume(",") && !peek("}")))
        return false;
    }
    return text.trim().empty();
  }

private:
  bool peek(StringRef token) { return text.ltrim().starts_with(token); }

  bool consume(StringRef token) {
    text = text.ltrim();
    return text.consume_front(token);
  }

  bool parseString(std::string &result) {
    StringRef quote = peek("'") ? "'" : "\"";
    if (!consume(quote))
      return false;
    size_t end = text.find(quote);
    if (end == StringRef::npos)
      return false;
    result = text.take_front(end).str();
    text = text.drop_front(end + 1);
    return true;
  }

  bool parseShape(SmallVectorImpl<int64_t> &shape) {
    if (!consume("("))
      return false;
    while (!consume(")")) {
      text = text.ltrim();
      int64_t size;
      if (text.consumeInteger(10, size) || (!consume(",") && !peek(")")))
        return false;
      shape.push_back(size);
    }
    return true;
  }

  bool parseEntry(Header &header) {
    std::string key;
    if (!parseString(key) || !consume(":"))
      return false;
    if (key == "descr")
      return parseString(header.descr.emplace());
    if (key == "shape")
      return parseShape(header.shape.emplace());
    if (key != "fortran_order")
      return false;
    header.fortranOrder = consume("True");
    return *header.fortranOrder || consume("False");
  }

  StringRef text;
};
} // namespace

static constexpr TypeName typeNames[] = {
    {"<f4", ElementType::F32}, {"<f2", ElementType::F16},
    {"|i1", ElementType::I8},  {"|u1", ElementType::U8},
    {"<i4", ElementType::I32}, {"<i8", ElementType::I64}};

static constexpr StringLiteral magic = "\x93NUMPY";

/// The text of the header; `bytes` then holds what follows it.
static Expected<StringRef> readHeader(StringRef path,
                                      ArrayRef<uint8_t> &bytes) {
  StringRef text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (!text.consume_front(magic) || text.size() < 4)
    return makeFileError(path, "is not a NumPy array (.npy)");
  unsigned version = uint8_t(text[0]);
  if (version != 1 && version != 2)
    return makeFileError(path, "has .npy version " + Twine(version) +
                                   "; supported are 1 and 2");
  size_t lengthBytes = version == 1 ? 2 : 4;
  text = text.drop_front(2);
  if (text.size() < lengthBytes)
    return makeFileError(path, "is cut within its header");
  size_t length = version == 1 ? support::endian::read16le(text.data())
                               : support::endian::read32le(text.data());
  text = text.drop_front(lengthBytes);
  if (text.size() < length)
    return makeFileError(path, "is cut within its header");
  bytes = bytes.take_back(text.size() - length);
  return text.take_front(length);
}

Expected<NpyArray> mlir::compress::readNpy(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  ArrayRef<uint8_t> bytes = file->getBytes();
  Expected<StringRef> text = readHeader(path, bytes);
  if (!text)
    return text.takeError();

  Header header;
  if (!HeaderParser(*text).parse(header) || !header.descr || !header.shape ||
      !header.fortranOrder)
    return makeFileError(path,
                         "its header can't be understood: " + text->rtrim());
  const TypeName *type = find_if(typeNames, [&](const TypeName &entry) {
    return entry.name == *header.descr;
  });
  if (type == std::end(typeNames))
    return makeFileError(path, "has elements '" + *header.descr +
                                   "'; convert with astype() to float32, "
                                   "float16, int8, uint8, int32 or int64");
  if (*header.fortranOrder)
    return makeFileError(path, "is in Fortran order; store "
                               "numpy.ascontiguousarray(array)");
  std::optional<int64_t> size = countBytes(type->type, *header.shape);
  if (!size || uint64_t(*size) != bytes.size())
    return makeFileError(path, "has " + Twine(bytes.size()) +
                                   " bytes of data, which do not fit " +
                                   str(type->type) + " of shape " +
                                   strShape(*header.shape));
  return NpyArray{type->type, std::move(*header.shape),
                  std::vector<uint8_t>(bytes.begin(), bytes.end())};
}

Error mlir::compress::writeNpy(StringRef path, ElementType type,
                               ArrayRef<int64_t> shape,
                               ArrayRef<uint8_t> data) {
  const TypeName *entry = find_if(
      typeNames, [&](const TypeName &entry) { return entry.type == type; });
  if (entry == std::end(typeNames))
    return makeFileError(path, "arrays of " + str(type) +
                                   " can't be written as .npy");
  std::optional<int64_t> size = countBytes(type, shape);
  if (!size || uint64_t(*size) != data.size())
    return makeFileError(path, Twine(data.size()) +
                                   " bytes of data do not fit " + str(type) +
                                   " of shape " + strShape(shape));

  std::string header = "{'descr': '" + entry->name.str() +
                       "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : shape)
    header += std::to_string(extent) + ", ";
  header += "), }";
  // One tuple element needs its comma; NumPy reads it after several as well.
  // The data starts at a multiple of 64.
  size_t prefix = magic.size() + 4;
  header.resize(alignTo(prefix + header.size() + 1, 64) - prefix - 1, ' ');
  header += '\n';
  if (header.size() > UINT16_MAX)
    return makeFileError(path, "has too many dimensions for a .npy file");

  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  uint8_t version[4] = {1, 0};
  support::endian::write16le(version + 2, header.size());
  if (Error error = file->write(magic))
    return error;
  if (Error error = file->write(ArrayRef(version)))
    return error;
  if (Error error = file->write(StringRef(header)))
    return error;
  if (Error error = file->write(data))
    return error;
  return file->commit();
}
