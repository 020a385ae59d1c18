//===- GGUFFile.cpp - Reads GGUF model files ------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GGUFParser.h"

#include "compress/Support/ElementType.h"
#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace llvm::support;
using namespace mlir::compress;

/// The format allows arrays of arrays; nobody writes more than two levels.
static constexpr unsigned maxArrayDepth = 4;
static constexpr unsigned maxRank = 4;
static constexpr uint64_t defaultAlignment = 32;

Expected<GGUFFile> GGUFFile::open(StringRef path) {
  Expected<MappedFile> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeError();
  GGUFFile file(std::move(*mapped));
  if (Error error = GGUFParser(file).parse())
    return error;
  return file;
}

const GGUFValue *GGUFFile::find(StringRef key) const {
  auto it = metadata.find(key);
  return it == metadata.end() ? nullptr : &it->second;
}

const GGUFTensor *GGUFFile::findTensor(StringRef name) const {
  auto it = indices.find(name);
  return it == indices.end() ? nullptr : &tensors[it->second];
}

//===----------------------------------------------------------------------===//
// Taking bytes
//===----------------------------------------------------------------------===//

Error GGUFParser::fail(const Twine &message) const {
  return makeFileError(result.getPath(), message);
}

Expected<ArrayRef<uint8_t>> GGUFParser::take(uint64_t size, const Twine &what) {
  if (size > rest.size())
    return fail(what + " needs " + Twine(size) + " bytes, but only " +
                Twine(rest.size()) +
                " are left: the file is cut or damaged; fetch or copy it "
                "again");
  ArrayRef<uint8_t> bytes = rest.take_front(size);
  rest = rest.drop_front(size);
  return bytes;
}

Expected<uint32_t> GGUFParser::takeU32(const Twine &what) {
  Expected<ArrayRef<uint8_t>> bytes = take(sizeof(uint32_t), what);
  if (!bytes)
    return bytes.takeError();
  return endian::read32le(bytes->data());
}

Expected<uint64_t> GGUFParser::takeU64(const Twine &what) {
  Expected<ArrayRef<uint8_t>> bytes = take(sizeof(uint64_t), what);
  if (!bytes)
    return bytes.takeError();
  return endian::read64le(bytes->data());
}

Expected<uint64_t> GGUFParser::takeCount(uint64_t minimum, const Twine &what) {
  Expected<uint64_t> count = takeU64(what);
  if (count && *count > rest.size() / minimum)
    return fail(what + " is " + Twine(*count) +
                ", which the file has no room for: it is cut or damaged; "
                "fetch or copy it again");
  return count;
}

Expected<StringRef> GGUFParser::takeString(const Twine &what) {
  Expected<uint64_t> length = takeU64("the length of " + what);
  if (!length)
    return length.takeError();
  Expected<ArrayRef<uint8_t>> bytes = take(*length, what);
  if (!bytes)
    return bytes.takeError();
  return StringRef(reinterpret_cast<const char *>(bytes->data()),
                   bytes->size());
}

Expected<GGUFValue> GGUFParser::takeValue(GGUFValue::Type type,
                                          const Twine &what, unsigned depth) {
  if (type == GGUFValue::Type::Array)
    return takeArray(what, depth);
  GGUFValue value;
  value.type = type;
  if (type == GGUFValue::Type::String) {
    Expected<StringRef> string = takeString(what);
    if (!string)
      return string.takeError();
    value.bytes = arrayRefFromStringRef(*string);
    return value;
  }
  std::optional<uint64_t> size = getGGUFScalarBytes(type);
  if (!size)
    return fail(what + " has the type " + Twine(uint32_t(type)) +
                ", which GGUF does not have: the file is damaged");
  Expected<ArrayRef<uint8_t>> bytes = take(*size, what);
  if (!bytes)
    return bytes.takeError();
  value.bytes = *bytes;
  return value;
}

Expected<GGUFValue> GGUFParser::takeArray(const Twine &what, unsigned depth) {
  if (depth == maxArrayDepth)
    return fail(what + " is an array nested too deeply");
  Expected<uint32_t> elementType = takeU32("the element type of " + what);
  if (!elementType)
    return elementType.takeError();
  GGUFValue value;
  value.type = GGUFValue::Type::Array;
  value.elementType = static_cast<GGUFValue::Type>(*elementType);

  if (std::optional<uint64_t> size = getGGUFScalarBytes(value.elementType)) {
    Expected<uint64_t> count = takeCount(*size, "the length of " + what);
    if (!count)
      return count.takeError();
    Expected<ArrayRef<uint8_t>> bytes = take(*count * *size, what);
    if (!bytes)
      return bytes.takeError();
    value.count = *count;
    value.bytes = *bytes;
    return value;
  }

  // A string or array takes at least the bytes of its own length.
  Expected<uint64_t> count =
      takeCount(sizeof(uint64_t), "the length of " + what);
  if (!count)
    return count.takeError();
  value.count = *count;
  for (uint64_t i = 0; i != *count; ++i) {
    Expected<GGUFValue> element = takeValue(
        value.elementType, "element " + Twine(i) + " of " + what, depth + 1);
    if (!element)
      return element.takeError();
    value.elements.push_back(std::move(*element));
  }
  return value;
}

//===----------------------------------------------------------------------===//
// The parts of the file
//===----------------------------------------------------------------------===//

Error GGUFParser::parse() {
  if (Error error = parseHeader())
    return error;
  if (Error error = parseMetadata())
    return error;
  if (Error error = parseTensorInfos())
    return error;
  if (Error error = placeTensors())
    return error;
  return checkOverlaps();
}

Error GGUFParser::parseHeader() {
  Expected<ArrayRef<uint8_t>> magic = take(4, "the word GGUF");
  if (!magic)
    return magic.takeError();
  if (toStringRef(*magic) != "GGUF")
    return fail("is not a GGUF file (it does not start with the word GGUF)");
  Expected<uint32_t> version = takeU32("the version");
  if (!version)
    return version.takeError();
  if (*version != 2 && *version != 3) {
    if (byteswap(*version) == 2 || byteswap(*version) == 3)
      return fail("is a big-endian GGUF file; convert it to little endian "
                  "(gguf-convert-endian)");
    return fail("has GGUF version " + Twine(*version) +
                "; supported are 2 and 3: convert the model again");
  }
  result.version = *version;
  // An info takes a name's length, rank, type and offset; an entry a key's
  // length, a type and a byte.
  Expected<uint64_t> tensors = takeCount(24, "the number of tensors");
  if (!tensors)
    return tensors.takeError();
  Expected<uint64_t> entries = takeCount(13, "the number of metadata entries");
  if (!entries)
    return entries.takeError();
  tensorCount = *tensors;
  keyCount = *entries;
  return Error::success();
}

Error GGUFParser::parseMetadata() {
  ArrayRef<uint8_t> entries = rest;
  for (uint64_t i = 0; i != keyCount; ++i) {
    Expected<StringRef> key =
        takeString("the key of metadata entry " + Twine(i));
    if (!key)
      return key.takeError();
    std::string what = "metadata \"" + key->str() + "\"";
    Expected<uint32_t> type = takeU32("the type of " + what);
    if (!type)
      return type.takeError();
    Expected<GGUFValue> value =
        takeValue(static_cast<GGUFValue::Type>(*type), what, 0);
    if (!value)
      return value.takeError();
    if (!result.metadata.try_emplace(*key, std::move(*value)).second)
      return fail(what + " occurs twice");
    result.keys.push_back(*key);
  }
  result.metadataBytes = entries.drop_back(rest.size());
  return Error::success();
}

Error GGUFParser::parseTensorInfos() {
  for (uint64_t i = 0; i != tensorCount; ++i)
    if (Error error = parseTensorInfo(i))
      return error;
  return Error::success();
}

Error GGUFParser::parseTensorInfo(uint64_t index) {
  Expected<StringRef> name = takeString("the name of tensor " + Twine(index));
  if (!name)
    return name.takeError();
  std::string what = "tensor \"" + name->str() + "\"";
  if (!result.indices.try_emplace(*name, index).second)
    return fail(what + " occurs twice");

  Expected<uint32_t> rank = takeU32("the rank of " + what);
  if (!rank)
    return rank.takeError();
  if (*rank > maxRank)
    return fail(what + " has " + Twine(*rank) +
                " dimensions; GGUF has at most " + Twine(maxRank));
  GGUFTensor tensor;
  tensor.name = *name;
  for (uint32_t i = 0; i != *rank; ++i) {
    Expected<uint64_t> size = takeU64("the shape of " + what);
    if (!size)
      return size.takeError();
    if (*size > INT64_MAX)
      return fail(what + " has a dimension of size " + Twine(*size));
    tensor.shape.insert(tensor.shape.begin(), static_cast<int64_t>(*size));
  }

  Expected<uint32_t> type = takeU32("the type of " + what);
  if (!type)
    return type.takeError();
  tensor.type = findGGMLType(*type);
  if (!tensor.type)
    return fail(what + " has the ggml type number " + Twine(*type) +
                ", which is not known; quantize the model to a known type, "
                "for example Q4_0, Q4_K, Q6_K or Q8_0");
  Expected<uint64_t> offset = takeU64("the offset of " + what);
  if (!offset)
    return offset.takeError();
  offsets.push_back(*offset);
  result.tensors.push_back(std::move(tensor));
  return Error::success();
}

Expected<uint64_t> GGUFParser::getAlignment() const {
  const GGUFValue *value = result.find("general.alignment");
  if (!value)
    return defaultAlignment;
  std::optional<int64_t> alignment = value->getInteger();
  if (!alignment || *alignment <= 0 || !isPowerOf2_64(*alignment))
    return fail("metadata \"general.alignment\" is not a power of two");
  return *alignment;
}

/// Bytes of a tensor's blocks, or nothing where they can't be counted.
static std::optional<uint64_t> countBlockBytes(const GGUFTensor &tensor) {
  std::optional<int64_t> count = countElements(tensor.shape);
  int64_t bytes;
  if (!count || MulOverflow(*count / tensor.type->valuesPerBlock,
                            tensor.type->bytesPerBlock, bytes))
    return std::nullopt;
  return bytes;
}

Error GGUFParser::placeTensors() {
  Expected<uint64_t> alignment = getAlignment();
  if (!alignment)
    return alignment.takeError();
  uint64_t position = result.file.size() - rest.size();
  uint64_t padding = alignTo(position, *alignment) - position;
  // A file without tensors may end before the padding.
  ArrayRef<uint8_t> data =
      rest.drop_front(std::min<uint64_t>(padding, rest.size()));

  for (auto [tensor, offset] : zip_equal(result.tensors, offsets)) {
    std::string what = "tensor \"" + tensor.name.str() + "\"";
    int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
    if (row % tensor.type->valuesPerBlock)
      return fail(what + " has rows of " + Twine(row) +
                  " values, which are not whole blocks of " +
                  tensor.type->name + " (" +
                  Twine(tensor.type->valuesPerBlock) + " values)");
    std::optional<uint64_t> bytes = countBlockBytes(tensor);
    if (!bytes)
      return fail(what + " has the impossible shape " + strShape(tensor.shape));
    if (offset % *alignment)
      return fail(what + " starts at " + Twine(offset) +
                  ", which is not a multiple of the alignment " +
                  Twine(*alignment));
    if (offset > data.size() || *bytes > data.size() - offset)
      return fail(
          what + " needs the bytes [" + Twine(offset) + ", " + Twine(offset) +
          " + " + Twine(*bytes) + ") of the data, of which there are only " +
          Twine(data.size()) + ": the file is cut; fetch or copy it again");
    tensor.data = data.slice(offset, *bytes);
  }
  return Error::success();
}

Error GGUFParser::checkOverlaps() const {
  std::vector<const GGUFTensor *> order;
  for (const GGUFTensor &tensor : result.tensors)
    if (!tensor.data.empty())
      order.push_back(&tensor);
  sort(order, [](const GGUFTensor *a, const GGUFTensor *b) {
    return a->data.begin() < b->data.begin();
  });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i]->data.begin() < order[i - 1]->data.end())
      return fail("tensor \"" + order[i]->name + "\" overlaps tensor \"" +
                  order[i - 1]->name + "\": the file is damaged");
  return Error::success();
}
