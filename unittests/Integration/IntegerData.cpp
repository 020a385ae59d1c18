//===- IntegerData.cpp - Data on which arithmetic is exact ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerData.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/Codec.h"
#include "compress/Support/ElementType.h"

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

using Kind = EncodingSpec::Kind;

/// The largest magnitude of a code: with scales that vary by a factor of two,
/// activations below 256 and a few hundred terms, sums stay below 2^24 times
/// the smallest product.
static constexpr int64_t kLargestCode = 7;

/// Whether the encoding's codes can be random and stand for small integers.
static bool holdsIntegers(const EncodingSpec &spec) {
  if (spec.kind == Kind::Split && !holdsIntegers(spec.outliers.getEncoding()))
    return false;
  if (!spec.isNumberFormat())
    return !spec.values.isEncoding() ||
           holdsIntegers(spec.values.getEncoding());
  return llvm::all_of(spec.table, [](float value) {
    return value == std::nearbyint(value) && std::fabs(value) <= 127;
  });
}

static SmallVector<int64_t> withLast(ArrayRef<int64_t> shape, int64_t last) {
  SmallVector<int64_t> result(shape);
  result.back() = last;
  return result;
}

static int64_t countGroups(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
  return llvm::divideCeil(shape.back(), spec.m);
}

namespace {

/// Makes the components of an encoding in their canonical order.
class IntegerTensorBuilder {
public:
  explicit IntegerTensorBuilder(unsigned seed) : random(seed) {}

  void add(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    switch (spec.kind) {
    case Kind::NM:
      addValues(spec.values,
                withLast(shape, countGroups(spec, shape) * spec.n));
      return addPositions(spec, shape);
    case Kind::Block:
      return addBlocks(spec, shape);
    case Kind::Permuted:
      addOrder(shape.back());
      return addValues(spec.values, shape);
    case Kind::Split:
      addValues(spec.values, shape);
      return addValues(spec.outliers, shape);
    default:
      return addNumbers(spec, shape);
    }
  }

  SmallVector<ComponentData> components;

private:
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }

  /// Codes, densely packed along the last dimension; rows begin at bytes.
  void addCodes(ArrayRef<int64_t> shape, unsigned bits,
                function_ref<uint32_t()> make) {
    int64_t rows = 1;
    for (int64_t size : shape.drop_back())
      rows *= size;
    int64_t rowBytes = llvm::divideCeil(shape.back() * bits, 8);
    ComponentData bytes(rows * rowBytes);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = 0; i < shape.back(); ++i) {
        uint32_t code = make();
        for (unsigned bit = 0; bit < bits; ++bit) {
          int64_t at = i * bits + bit;
          bytes[row * rowBytes + at / 8] |= (code >> bit & 1) << at % 8;
        }
      }
    components.push_back(std::move(bytes));
  }

  void addWords(ArrayRef<int32_t> words) {
    ComponentData bytes(words.size() * sizeof(int32_t));
    std::memcpy(bytes.data(), words.data(), bytes.size());
    components.push_back(std::move(bytes));
  }

  uint32_t makeInteger(NumberType number, int64_t low, int64_t high) {
    low = std::max(low, number.getMin());
    high = std::min(high, number.getMax());
    return uint32_t(pick(low, high)) & ((1u << number.getBits()) - 1);
  }

  void addValues(const Part &part, ArrayRef<int64_t> shape) {
    if (part.isEncoding())
      return add(part.getEncoding(), shape);
    NumberType number = part.getNumber();
    addCodes(shape, number.getBits(),
             [&] { return number.encode(float(pick(-4, 4))); });
  }

  uint32_t makeCode(const EncodingSpec &spec) {
    if (spec.kind == Kind::Float)
      return spec.code.encode(float(pick(-4, 4)));
    if (spec.kind == Kind::Codebook)
      return pick(spec.code.getMin(), spec.code.getMax());
    int64_t low = spec.code.getMin() + (spec.narrow ? 1 : 0);
    return makeInteger(spec.code, std::max(low, -kLargestCode), kLargestCode);
  }

  void addNumbers(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    addCodes(shape, spec.code.getBits(), [&] { return makeCode(spec); });
    if (spec.block.empty())
      return;
    SmallVector<int64_t> grid = getBlockGrid(spec.block, shape);
    addPart(spec.scale, grid, [&] { return std::ldexp(1.0f, pick(-3, -2)); });
    if (spec.zero) {
      NumberType zero = spec.zero.getNumber();
      addCodes(grid, zero.getBits(), [&] {
        return zero.isInteger() ? makeInteger(zero, -3, 3)
                                : zero.encode(float(pick(-3, 3)));
      });
    }
    addPart(spec.min, grid, [&] { return float(pick(-4, 4)) / 8; });
  }

  /// Scales or minima; the codes of encoded ones are 1 or 2.
  void addPart(const Part &part, ArrayRef<int64_t> grid,
               function_ref<float()> make) {
    if (!part)
      return;
    if (part.isNumber()) {
      NumberType number = part.getNumber();
      addCodes(grid, number.getBits(), [&] { return number.encode(make()); });
      return;
    }
    const EncodingSpec &nested = part.getEncoding();
    addCodes(grid, nested.code.getBits(), [&] {
      return nested.code.isInteger() ? makeInteger(nested.code, 1, 2)
                                     : nested.code.encode(float(pick(1, 2)));
    });
    if (!nested.block.empty())
      addPart(nested.scale, getBlockGrid(nested.block, grid),
              [] { return std::ldexp(1.0f, -3); });
  }

  /// Ascending positions; those beyond a ragged last group are padding.
  void addPositions(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    int64_t groups = countGroups(spec, shape), next = 0;
    SmallVector<int64_t> chosen;
    addCodes(withLast(shape, groups * spec.n), llvm::Log2_32_Ceil(spec.m),
             [&]() -> uint32_t {
               if (next % spec.n == 0) {
                 int64_t group = next / spec.n % groups;
                 int64_t size = std::min(spec.m, shape.back() - group * spec.m);
                 chosen = choosePositions(spec, size);
               }
               return chosen[next++ % spec.n];
             });
  }

  SmallVector<int64_t> choosePositions(const EncodingSpec &spec, int64_t size) {
    SmallVector<int64_t> positions(spec.m);
    std::iota(positions.begin(), positions.end(), 0);
    std::shuffle(positions.begin(), positions.begin() + size, random);
    positions.truncate(spec.n);
    llvm::sort(positions);
    return positions;
  }

  void addBlocks(const EncodingSpec &spec, ArrayRef<int64_t> shape) {
    int64_t rows =
        llvm::divideCeil(shape[shape.size() - 2], spec.block.front());
    for (int64_t size : shape.drop_back(2))
      rows *= size;
    int64_t columns = llvm::divideCeil(shape.back(), spec.block.back());
    SmallVector<int32_t> offsets = {0}, stored;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column)
        if (pick(0, 2))
          stored.push_back(column);
      offsets.push_back(stored.size());
    }
    addWords(offsets);
    addWords(stored);
    addValues(spec.values,
              {int64_t(stored.size()) * spec.block.front(), spec.block.back()});
  }

  void addOrder(int64_t columns) {
    SmallVector<int32_t> order(columns);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    addWords(order);
  }

  std::mt19937 random;
};

} // namespace

std::optional<HostTensor> test::makeIntegerTensor(RankedTensorType type,
                                                  unsigned seed) {
  EncodingAttrInterface encoding = getEncoding(type);
  if (!encoding) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> uniform(-kLargestCode, kLargestCode);
    std::vector<float> values(type.getNumElements());
    for (float &value : values)
      value = uniform(random);
    return HostTensor::getF32(type.getContext(), type.getShape(), values);
  }
  EncodingSpec spec = encoding.getSpec();
  if (!holdsIntegers(spec))
    return std::nullopt;
  IntegerTensorBuilder builder(seed);
  builder.add(spec, type.getShape());
  llvm::Expected<HostTensor> result = HostTensor::get(type, builder.components);
  return cantFail(std::move(result));
}

std::vector<float> test::makeIntegerActivations(ArrayRef<int64_t> shape,
                                                StringRef encoding,
                                                unsigned seed) {
  // The ends of the range, by the format of the codes.
  int64_t low = -127, high = 127;
  if (encoding.contains("affine<ui8"))
    low = -100, high = 155;
  else if (encoding.contains("affine<i4"))
    low = -7, high = 7;
  else if (!encoding.contains("affine"))
    low = -16, high = 16;
  std::mt19937 random(seed);
  std::uniform_int_distribution<int64_t> uniform(low, high);
  std::vector<float> values(*countElements(shape));
  for (auto [i, value] : llvm::enumerate(values)) {
    int64_t column = int64_t(i) % shape.back() % 16;
    int64_t code = column == 0 ? low : column == 1 ? high : uniform(random);
    value = float(code) / 4;
  }
  return values;
}
