//===- HostTensor.cpp - Values of the reference evaluator -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Reference/HostTensor.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

static unsigned getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

Scalar Scalar::getInteger(Type type, int64_t value) {
  Scalar scalar;
  scalar.type = type;
  scalar.integer = wrapToInteger(type, value);
  return scalar;
}

Scalar Scalar::getFloat(Type type, double value) {
  Scalar scalar;
  scalar.type = type;
  scalar.number = roundToFloat(cast<FloatType>(type), value);
  return scalar;
}

uint64_t Scalar::getUnsigned() const {
  return static_cast<uint64_t>(integer) &
         llvm::maskTrailingOnes<uint64_t>(getWidth(type));
}

double compress::roundToFloat(FloatType type, double value) {
  if (type.isF64())
    return value;
  if (type.isF32())
    return static_cast<float>(value);
  bool losesInfo;
  llvm::APFloat rounded(value);
  rounded.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                  &losesInfo);
  rounded.convert(llvm::APFloat::IEEEdouble(),
                  llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.convertToDouble();
}

int64_t compress::wrapToInteger(Type type, int64_t value) {
  unsigned width = getWidth(type);
  return width >= 64 ? value : llvm::SignExtend64(value, width);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

unsigned compress::getElementBytes(Type elementType) {
  return std::max<unsigned>(llvm::PowerOf2Ceil(getWidth(elementType)) / 8, 1);
}

SmallVector<int64_t> compress::getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t dim = static_cast<int64_t>(shape.size()) - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * shape[dim + 1];
  return strides;
}

/// The bits of a float that its type holds, and back.
static uint64_t toBits(FloatType type, double value) {
  bool losesInfo;
  llvm::APFloat number(value);
  number.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

static double fromBits(FloatType type, uint64_t bits) {
  bool losesInfo;
  llvm::APFloat number(type.getFloatSemantics(),
                       llvm::APInt(type.getWidth(), bits));
  number.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

static Scalar load(Type type, const uint8_t *bytes) {
  Scalar result;
  result.type = type;
  if (type.isF32()) {
    float value;
    std::memcpy(&value, bytes, sizeof(value));
    result.number = value;
    return result;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, getElementBytes(type));
  if (auto floatType = dyn_cast<FloatType>(type))
    result.number = fromBits(
        floatType, bits & llvm::maskTrailingOnes<uint64_t>(getWidth(type)));
  else
    result.integer = wrapToInteger(type, static_cast<int64_t>(bits));
  return result;
}

static void store(Type type, const Scalar &value, uint8_t *bytes) {
  if (type.isF32()) {
    auto number = static_cast<float>(value.number);
    std::memcpy(bytes, &number, sizeof(number));
    return;
  }
  uint64_t bits;
  if (auto floatType = dyn_cast<FloatType>(type))
    bits = toBits(floatType, value.number);
  else
    bits = static_cast<uint64_t>(value.integer) &
           llvm::maskTrailingOnes<uint64_t>(getWidth(type));
  std::memcpy(bytes, &bits, getElementBytes(type));
}

//===----------------------------------------------------------------------===//
// HostTensor
//===----------------------------------------------------------------------===//

llvm::Error HostTensor::verifyType(RankedTensorType type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  if (!type.hasStaticShape())
    return makeError("a tensor in memory needs a static shape, got " + text);
  if (!type.getElementType().isIntOrIndexOrFloat() ||
      getWidth(type.getElementType()) > 64)
    return makeError("elements are numbers of at most 64 bits, got " + text);
  if (type.getEncoding() && !getEncoding(type))
    return makeError("no codec knows the encoding of " + text);
  return llvm::Error::success();
}

HostTensor::HostTensor(RankedTensorType type)
    : type(type), storage(std::make_shared<SmallVector<ComponentData>>()) {
  assert(!type.getEncoding() && "an encoded tensor is made from components");
  storage->emplace_back(type.getNumElements() *
                        compress::getElementBytes(type.getElementType()));
}

llvm::Expected<HostTensor>
HostTensor::get(RankedTensorType type, SmallVector<ComponentData> components) {
  if (llvm::Error error = verifyType(type))
    return std::move(error);
  SmallVector<std::pair<std::string, int64_t>> expected;
  if (EncodingAttrInterface encoding = getEncoding(type))
    for (const ComponentSpec &part :
         compress::getComponents(encoding.getSpec(), type.getShape()))
      expected.emplace_back(part.name, part.getBytes());
  else
    expected.emplace_back("values",
                          type.getNumElements() *
                              compress::getElementBytes(type.getElementType()));
  if (expected.size() != components.size())
    return makeError("expected " + llvm::Twine(expected.size()) +
                     " components, got " + llvm::Twine(components.size()));
  for (auto [part, data] : llvm::zip(expected, components))
    if (part.second >= 0 && part.second != static_cast<int64_t>(data.size()))
      return makeError("component '" + part.first + "' has " +
                       llvm::Twine(data.size()) + " bytes, expected " +
                       llvm::Twine(part.second));
  HostTensor result;
  result.type = type;
  result.storage =
      std::make_shared<SmallVector<ComponentData>>(std::move(components));
  return result;
}

template <typename T>
static HostTensor fromArray(Type elementType, ArrayRef<int64_t> shape,
                            ArrayRef<T> values) {
  HostTensor result(RankedTensorType::get(shape, elementType));
  MutableArrayRef<uint8_t> bytes = result.getMutableBytes();
  assert(values.size() * sizeof(T) == bytes.size() && "values fill the shape");
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return result;
}

HostTensor HostTensor::getF32(MLIRContext *context, ArrayRef<int64_t> shape,
                              ArrayRef<float> values) {
  return fromArray(Float32Type::get(context), shape, values);
}

HostTensor HostTensor::getI32(MLIRContext *context, ArrayRef<int64_t> shape,
                              ArrayRef<int32_t> values) {
  return fromArray(IntegerType::get(context, 32), shape, values);
}

Scalar HostTensor::get(int64_t position) const {
  Type element = type.getElementType();
  return load(element, getBytes().data() +
                           position * compress::getElementBytes(element));
}

void HostTensor::set(int64_t position, const Scalar &value) {
  Type element = type.getElementType();
  store(element, value,
        getMutableBytes().data() +
            position * compress::getElementBytes(element));
}

MutableArrayRef<uint8_t> HostTensor::getMutableBytes() {
  assert(!isEncoded() && "components are not written to");
  if (storage.use_count() > 1)
    storage = std::make_shared<SmallVector<ComponentData>>(*storage);
  magnitudes.reset();
  return storage->front();
}

ArrayRef<float> HostTensor::getFloats() const {
  assert(!isEncoded() && type.getElementType().isF32());
  return {reinterpret_cast<const float *>(getBytes().data()),
          static_cast<size_t>(getNumElements())};
}

MutableArrayRef<float> HostTensor::getMutableFloats() {
  assert(!isEncoded() && type.getElementType().isF32());
  return {reinterpret_cast<float *>(getMutableBytes().data()),
          static_cast<size_t>(getNumElements())};
}

std::vector<double> HostTensor::getDoubles() const {
  std::vector<double> values(getNumElements());
  if (type.getElementType().isF32())
    llvm::copy(getFloats(), values.begin());
  else
    for (auto [position, value] : llvm::enumerate(values))
      value = get(position).number;
  return values;
}

std::vector<int64_t> HostTensor::getIntegers() const {
  std::vector<int64_t> values(getNumElements());
  for (auto [position, value] : llvm::enumerate(values))
    value = get(position).integer;
  return values;
}

HostTensor HostTensor::reshape(ArrayRef<int64_t> shape) const {
  assert(!isEncoded() && ShapedType::getNumElements(shape) == getNumElements());
  HostTensor result(*this);
  result.type = RankedTensorType::get(shape, type.getElementType());
  if (magnitudes)
    result.setMagnitudes(magnitudes->reshape(shape));
  return result;
}

//===----------------------------------------------------------------------===//
// Encoding and decoding
//===----------------------------------------------------------------------===//

/// The codec's f32 numbers as a plain tensor of the logical type.
static HostTensor fromFloats(RankedTensorType type, ArrayRef<float> values) {
  if (type.getElementType().isF32())
    return fromArray(type.getElementType(), type.getShape(), values);
  HostTensor result(type);
  for (auto [position, value] : llvm::enumerate(values))
    result.set(position, Scalar::getFloat(type.getElementType(), value));
  return result;
}

static SmallVector<ArrayRef<uint8_t>> getParts(const HostTensor &tensor) {
  SmallVector<ArrayRef<uint8_t>> parts;
  for (const ComponentData &part : tensor.getComponents())
    parts.push_back(part);
  return parts;
}

llvm::Expected<std::vector<float>> HostTensor::decodeRow(int64_t row) const {
  int64_t columns = getShape().back();
  if (!isEncoded())
    return getFloats().slice(row * columns, columns).vec();
  std::vector<float> values(columns);
  if (llvm::Error error =
          compress::decodeRows(getEncoding(type).getSpec(), getShape(),
                               getParts(*this), row, 1, values))
    return std::move(error);
  return values;
}

llvm::Expected<HostTensor> HostTensor::decode() const {
  EncodingAttrInterface encoding = getEncoding(type);
  if (!encoding)
    return *this;
  std::vector<float> values(getNumElements());
  if (llvm::Error error = compress::decode(encoding.getSpec(), getShape(),
                                           getParts(*this), values))
    return std::move(error);
  return fromFloats(withEncoding(type, Attribute()), values);
}

llvm::Expected<HostTensor> HostTensor::encode(RankedTensorType target) const {
  if (target.getEncoding() == type.getEncoding())
    return *this;
  llvm::Expected<HostTensor> plain = decode();
  if (!plain || !target.getEncoding())
    return plain;
  if (llvm::Error error = verifyType(target))
    return std::move(error);
  std::vector<float> values(plain->getNumElements());
  for (auto [position, value] : llvm::enumerate(values))
    value = static_cast<float>(plain->get(position).number);
  llvm::Expected<SmallVector<ComponentData>> components = compress::encode(
      getEncoding(target).getSpec(), target.getShape(), values);
  if (!components)
    return components.takeError();
  return get(target, std::move(*components));
}
