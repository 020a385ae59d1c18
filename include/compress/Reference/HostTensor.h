//===- HostTensor.h - Values of the reference evaluator ---------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REFERENCE_HOSTTENSOR_H
#define COMPRESS_REFERENCE_HOSTTENSOR_H

#include "compress/Encoding/Codec.h"

#include "mlir/IR/BuiltinTypes.h"

#include <variant>

namespace mlir::compress {

/// A number with its type: an integer of up to 64 bits or an index
/// (sign-extended), or a float (held exactly).
struct Scalar {
  Type type;
  int64_t integer = 0;
  double number = 0;

  static Scalar getInteger(Type type, int64_t value);
  static Scalar getFloat(Type type, double value);

  bool isFloat() const { return isa<FloatType>(type); }
  /// An integer's bits, zero-extended.
  uint64_t getUnsigned() const;
};

/// `value` rounded to the nearest number of `type`, ties to even.
double roundToFloat(FloatType type, double value);
/// `value` modulo two to the power of the type's width, sign-extended.
int64_t wrapToInteger(Type type, int64_t value);

/// A tensor of static shape in the host's memory. Copies share their bytes
/// until one of them is written to.
///
/// Layout: a plain tensor is one array of elements, row-major, each in the
/// smallest of 1, 2, 4 or 8 bytes that holds its type (`i1`, `i4` and
/// `f4E2M1FN` take one byte, `index` takes eight). An encoded tensor is its
/// components in canonical form, also where its type has a layout.
class HostTensor {
public:
  HostTensor() = default;

  /// A plain tensor of zeros. `type` has a static shape and no encoding; its
  /// elements are floats of at most 64 bits, integers of at most 64, or index.
  explicit HostTensor(RankedTensorType type);

  /// A tensor from its parts: the elements' bytes, or one array per component
  /// of the encoding in the order of getComponents(). The error names the part
  /// whose length does not fit.
  static llvm::Expected<HostTensor> get(RankedTensorType type,
                                        SmallVector<ComponentData> components);

  /// A plain f32 or i32 tensor.
  static HostTensor getF32(MLIRContext *context, ArrayRef<int64_t> shape,
                           ArrayRef<float> values);
  static HostTensor getI32(MLIRContext *context, ArrayRef<int64_t> shape,
                           ArrayRef<int32_t> values);

  /// Whether tensors of this type can be evaluated; the error says why not.
  static llvm::Error verifyType(RankedTensorType type);

  RankedTensorType getType() const { return type; }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getRank() const { return type.getRank(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  bool isEncoded() const { return type.getEncoding() != nullptr; }

  /// The parts as `get` takes them.
  ArrayRef<ComponentData> getComponents() const { return *storage; }

  /// Elements of a plain tensor, by their row-major position.
  Scalar get(int64_t position) const;
  void set(int64_t position, const Scalar &value);

  ArrayRef<uint8_t> getBytes() const { return storage->front(); }
  MutableArrayRef<uint8_t> getMutableBytes();
  /// Elements of a plain f32 tensor.
  ArrayRef<float> getFloats() const;
  MutableArrayRef<float> getMutableFloats();
  /// All elements of a plain tensor of floats, exactly.
  std::vector<double> getDoubles() const;
  /// All elements of a plain tensor of integers.
  std::vector<int64_t> getIntegers() const;

  /// A plain tensor of the same elements with another shape of as many.
  HostTensor reshape(ArrayRef<int64_t> shape) const;

  /// The plain tensor that an encoded one stands for (itself, if plain), and
  /// the nearest encoded one of `type`, by lib/Encoding's codec.
  llvm::Expected<HostTensor> decode() const;
  llvm::Expected<HostTensor> encode(RankedTensorType type) const;

  /// The values of one row of a tensor with f32 elements, encoded or not; a row
  /// runs along the last dimension.
  llvm::Expected<std::vector<float>> decodeRow(int64_t row) const;

  /// Where the tensor is the result of a contraction and was asked for: per
  /// element, the sum of the magnitudes of all that was added up; else null.
  const HostTensor *getMagnitudes() const { return magnitudes.get(); }
  void setMagnitudes(HostTensor values) {
    magnitudes = std::make_shared<HostTensor>(std::move(values));
  }

private:
  RankedTensorType type;
  std::shared_ptr<SmallVector<ComponentData>> storage;
  std::shared_ptr<HostTensor> magnitudes;
};

/// Bytes that one element takes in a plain tensor.
unsigned getElementBytes(Type elementType);

/// The row-major strides of a shape.
SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape);

class HostCache;

/// What a value of a program is while it is evaluated.
using RuntimeValue =
    std::variant<Scalar, HostTensor, std::shared_ptr<HostCache>>;

} // namespace mlir::compress

#endif // COMPRESS_REFERENCE_HOSTTENSOR_H
