//===- GGUFValue.cpp - Metadata of GGUF model files -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GGUFParser.h"

#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace llvm::support;
using namespace mlir::compress;

std::optional<uint64_t>
mlir::compress::getGGUFScalarBytes(GGUFValue::Type type) {
  switch (type) {
  case GGUFValue::Type::U8:
  case GGUFValue::Type::I8:
  case GGUFValue::Type::Bool:
    return 1;
  case GGUFValue::Type::U16:
  case GGUFValue::Type::I16:
    return 2;
  case GGUFValue::Type::U32:
  case GGUFValue::Type::I32:
  case GGUFValue::Type::F32:
    return 4;
  case GGUFValue::Type::U64:
  case GGUFValue::Type::I64:
  case GGUFValue::Type::F64:
    return 8;
  case GGUFValue::Type::String:
  case GGUFValue::Type::Array:
    return std::nullopt;
  }
  // A number that the file made up.
  return std::nullopt;
}

std::optional<int64_t> GGUFValue::getInteger() const {
  const uint8_t *data = bytes.data();
  switch (type) {
  case Type::U8:
    return *data;
  case Type::I8:
    return static_cast<int8_t>(*data);
  case Type::U16:
    return endian::read16le(data);
  case Type::I16:
    return static_cast<int16_t>(endian::read16le(data));
  case Type::U32:
    return endian::read32le(data);
  case Type::I32:
    return static_cast<int32_t>(endian::read32le(data));
  case Type::I64:
    return static_cast<int64_t>(endian::read64le(data));
  case Type::U64: {
    uint64_t value = endian::read64le(data);
    if (value > INT64_MAX)
      return std::nullopt;
    return static_cast<int64_t>(value);
  }
  default:
    return std::nullopt;
  }
}

std::optional<double> GGUFValue::getNumber() const {
  if (type == Type::F32)
    return bit_cast<float>(endian::read32le(bytes.data()));
  if (type == Type::F64)
    return bit_cast<double>(endian::read64le(bytes.data()));
  if (type == Type::U64)
    return static_cast<double>(endian::read64le(bytes.data()));
  if (std::optional<int64_t> value = getInteger())
    return static_cast<double>(*value);
  return std::nullopt;
}

std::optional<bool> GGUFValue::getBool() const {
  if (type != Type::Bool)
    return std::nullopt;
  return bytes[0] != 0;
}

std::optional<StringRef> GGUFValue::getString() const {
  if (type != Type::String)
    return std::nullopt;
  return StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

GGUFValue GGUFValue::getElement(uint64_t index) const {
  assert(type == Type::Array && index < count && "no such element");
  if (!elements.empty())
    return elements[index];
  uint64_t size = *getGGUFScalarBytes(elementType);
  GGUFValue element;
  element.type = elementType;
  element.bytes = bytes.slice(index * size, size);
  return element;
}

/// Collects what `get` makes of every element of an array, or nothing.
template <typename T, typename Getter>
static std::optional<std::vector<T>> collect(const GGUFValue &array,
                                             Getter get) {
  if (array.getType() != GGUFValue::Type::Array)
    return std::nullopt;
  std::vector<T> result;
  result.reserve(array.size());
  for (uint64_t i = 0, e = array.size(); i != e; ++i) {
    auto value = get(array.getElement(i));
    if (!value)
      return std::nullopt;
    result.push_back(*value);
  }
  return result;
}

std::optional<std::vector<StringRef>> GGUFValue::getStrings() const {
  return collect<StringRef>(
      *this, [](const GGUFValue &value) { return value.getString(); });
}

std::optional<std::vector<int64_t>> GGUFValue::getIntegers() const {
  return collect<int64_t>(
      *this, [](const GGUFValue &value) { return value.getInteger(); });
}

std::optional<std::vector<double>> GGUFValue::getNumbers() const {
  return collect<double>(
      *this, [](const GGUFValue &value) { return value.getNumber(); });
}
