//===- OrderedContraction.cpp - Sums of products in f32 -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products in the steps of docs/numerics.md. The generator and this file share
// the codec and getIntegerSegment(), and no code that adds up.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "Linalg.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/IntegerProduct.h"

#include <cmath>
#include <cstring>

// Every step is rounded to f32: a multiply and an add are not fused.
#pragma STDC FP_CONTRACT OFF

using namespace mlir;
using namespace mlir::compress;

namespace {

/// The parts of an encoded tensor, one number per value; empty where absent.
struct ValueParts {
  EncodingSpec spec;
  std::vector<float> codes, scale, zero, min;

  static llvm::Expected<ValueParts> get(const HostTensor &tensor);

  /// The value that a product in f32 multiplies by: the code plus its bias is
  /// scaled and shifted in one step.
  float getWeight(size_t i) const;
};

/// One product with its operands' roles told.
class OrderedProduct {
public:
  OrderedProduct(const LoopNest &nest, const HostTensor &destination)
      : nest(nest), product(nest), result(destination) {}

  int64_t getDepth() const { return product.sums[0].size(); }

  /// In f32 on the operands' values.
  HostTensor sumValues(ArrayRef<float> lhs, ArrayRef<float> rhs);
  /// On codes; `activations` is operand number `which`.
  HostTensor sumCodes(const ValueParts &activations, const ValueParts &weights,
                      unsigned which, size_t segment);

private:
  static constexpr size_t kRows = 8;

  void addToResult(int64_t position, float sum) {
    float &value = result.getMutableFloats()[position];
    value = value == 0 ? sum : sum + value;
  }

  const LoopNest &nest;
  MatrixProduct product;
  HostTensor result;
};

} // namespace

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Decodes some of an encoding's components as a tensor of its own.
static llvm::Expected<std::vector<float>>
decodeComponents(const EncodingSpec &spec, ArrayRef<int64_t> shape,
                 ArrayRef<ComponentData> components) {
  SmallVector<ArrayRef<uint8_t>> bytes(components.begin(), components.end());
  std::vector<float> values(ShapedType::getNumElements(shape));
  if (llvm::Error error = decode(spec, shape, bytes, values))
    return std::move(error);
  return values;
}

/// Numbers that are stored plainly, row by row.
static std::vector<float> decodeNumbers(NumberType number,
                                        ArrayRef<int64_t> shape,
                                        ArrayRef<uint8_t> bytes) {
  int64_t columns = shape.back(), bits = number.getBits();
  int64_t rowBytes = llvm::divideCeil(columns * bits, 8);
  std::vector<float> values;
  for (int64_t row = 0, count = ShapedType::getNumElements(shape);
       row * columns < count; ++row)
    for (int64_t i = 0; i < columns; ++i) {
      const uint8_t *from = bytes.data() + row * rowBytes;
      uint32_t code = 0;
      if (bits <= 8)
        code = unpackBits(from, bits, i);
      else
        std::memcpy(&code, from + i * bits / 8, bits / 8);
      values.push_back(number.decode(code));
    }
  return values;
}

/// A block's number for each of its values.
static std::vector<float> spread(ArrayRef<float> blocks,
                                 const EncodingSpec &spec,
                                 ArrayRef<int64_t> shape) {
  SmallVector<int64_t> grid = getBlockGrid(spec.block, shape);
  std::vector<float> values(ShapedType::getNumElements(shape));
  SmallVector<int64_t> index(shape.size(), 0);
  for (float &value : values) {
    int64_t block = 0;
    for (auto [i, size, count] : llvm::zip(index, spec.block, grid))
      block = block * count + (size < 0 ? 0 : i / size);
    value = blocks[block];
    for (size_t dim = shape.size(); dim-- > 0 && ++index[dim] == shape[dim];)
      index[dim] = 0;
  }
  return values;
}

llvm::Expected<ValueParts> ValueParts::get(const HostTensor &tensor) {
  ValueParts parts;
  parts.spec = getEncoding(tensor.getType()).getSpec();
  const EncodingSpec &spec = parts.spec;
  ArrayRef<ComponentData> components = tensor.getComponents();
  EncodingSpec codes = spec;
  codes.block.clear();
  codes.scale = codes.zero = codes.min = Part();
  codes.sums = false;
  llvm::Expected<std::vector<float>> values =
      decodeComponents(codes, tensor.getShape(), components.take_front(1));
  if (!values)
    return values.takeError();
  parts.codes = std::move(*values);
  components = components.drop_front();
  if (spec.block.empty())
    return parts;
  SmallVector<int64_t> grid = getBlockGrid(spec.block, tensor.getShape());
  for (auto [part, to] : {std::make_pair(&spec.scale, &parts.scale),
                          std::make_pair(&spec.zero, &parts.zero),
                          std::make_pair(&spec.min, &parts.min)}) {
    unsigned count = getNumComponents(*part);
    if (!count)
      continue;
    if (part->isNumber()) {
      values = decodeNumbers(part->getNumber(), grid, components.front());
    } else {
      values = decodeComponents(part->getEncoding(), grid,
                                components.take_front(count));
      if (!values)
        return values.takeError();
    }
    *to = spread(*values, spec, tensor.getShape());
    components = components.drop_front(count);
  }
  return parts;
}

float ValueParts::getWeight(size_t i) const {
  bool isBiased =
      spec.kind == EncodingSpec::Kind::Affine && spec.code.isSigned();
  float bias = isBiased ? std::ldexp(1.0f, spec.code.getBits() - 1) : 0.0f;
  float code = codes[i];
  if (!zero.empty()) {
    float shift = zero[i] + bias;
    code = code + bias - shift;
  } else if (bias != 0 && !scale.empty()) {
    float shift = scale[i] * -bias;
    return std::fma(code + bias, scale[i],
                    min.empty() ? shift : min[i] + shift);
  }
  if (!scale.empty() && !min.empty())
    return std::fma(code, scale[i], min[i]);
  return scale.empty() ? code : code * scale[i];
}

/// The values that the codec gives.
static llvm::Expected<std::vector<float>> getValues(const HostTensor &tensor) {
  llvm::Expected<HostTensor> plain = tensor.decode();
  if (!plain)
    return plain.takeError();
  std::vector<double> values = plain->getDoubles();
  return std::vector<float>(values.begin(), values.end());
}

/// The values of weights in a product on values.
static llvm::Expected<std::vector<float>> getWeights(const HostTensor &tensor) {
  EncodingAttrInterface encoding = getEncoding(tensor.getType());
  if (!encoding || !encoding.getSpec().isNumberFormat() ||
      (encoding.getSpec().kind == EncodingSpec::Kind::Codebook &&
       encoding.getSpec().table.empty()))
    return getValues(tensor);
  llvm::Expected<ValueParts> parts = ValueParts::get(tensor);
  if (!parts)
    return parts.takeError();
  std::vector<float> values(parts->codes.size());
  for (auto [i, value] : llvm::enumerate(values))
    value = parts->getWeight(i);
  return values;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

HostTensor OrderedProduct::sumValues(ArrayRef<float> lhs, ArrayRef<float> rhs) {
  if (nest.getNumPoints() == 0)
    return result;
  size_t depth = product.sums[0].size();
  std::vector<float> row(depth);
  for (size_t batch = 0; batch < product.batch[0].size(); ++batch)
    for (size_t m = 0; m < product.rows[0].size(); ++m) {
      int64_t from = product.batch[0][batch] + product.rows[0][m];
      for (size_t k = 0; k < depth; ++k)
        row[k] = lhs[from + product.sums[0][k]];
      for (size_t n = 0; n < product.columns[0].size(); ++n) {
        const float *weights =
            rhs.data() + product.batch[1][batch] + product.columns[1][n];
        float sum = 0;
        for (size_t k = 0; k < depth; ++k)
          sum = std::fma(weights[product.sums[1][k]], row[k], sum);
        addToResult(product.batch[2][batch] + product.rows[2][m] +
                        product.columns[2][n],
                    sum);
      }
    }
  return result;
}

HostTensor OrderedProduct::sumCodes(const ValueParts &activations,
                                    const ValueParts &weights, unsigned which,
                                    size_t segment) {
  if (nest.getNumPoints() == 0)
    return result;
  unsigned other = 1 - which;
  ArrayRef<int64_t> activationSums = product.sums[which],
                    weightSums = product.sums[other];
  ArrayRef<int64_t> rows = which ? product.columns[1] : product.rows[0];
  ArrayRef<int64_t> columns = which ? product.rows[0] : product.columns[1];
  ArrayRef<int64_t> resultRows = which ? product.columns[2] : product.rows[2];
  ArrayRef<int64_t> resultColumns =
      which ? product.rows[2] : product.columns[2];
  std::vector<int32_t> codes(weights.codes.begin(), weights.codes.end());
  size_t depth = activationSums.size();
  std::vector<int32_t> tile(depth * kRows);
  for (size_t batch = 0; batch < product.batch[0].size(); ++batch)
    for (size_t first = 0; first < rows.size(); first += kRows) {
      size_t count = std::min(kRows, rows.size() - first);
      auto getActivation = [&](size_t i, size_t k) {
        return product.batch[which][batch] + rows[first + i] +
               activationSums[k];
      };
      for (size_t k = 0; k < depth; ++k)
        for (size_t i = 0; i < count; ++i)
          tile[k * kRows + i] =
              static_cast<int32_t>(activations.codes[getActivation(i, k)]);
      for (size_t n = 0; n < columns.size(); ++n) {
        int64_t from = product.batch[other][batch] + columns[n];
        float sums[kRows] = {};
        for (size_t begin = 0; begin < depth; begin += segment) {
          size_t end = std::min(begin + segment, depth);
          int32_t dots[kRows] = {}, codeSums[kRows] = {};
          for (size_t k = begin; k < end; ++k) {
            int32_t weight = codes[from + weightSums[k]];
            for (size_t i = 0; i < kRows; ++i) {
              dots[i] += weight * tile[k * kRows + i];
              codeSums[i] += tile[k * kRows + i];
            }
          }
          size_t w = from + weightSums[begin];
          for (size_t i = 0; i < count; ++i) {
            float value = static_cast<float>(dots[i]);
            float codeSum = static_cast<float>(codeSums[i]);
            if (!weights.zero.empty()) {
              float shift = weights.zero[w] * codeSum;
              value -= shift;
            }
            if (!weights.scale.empty())
              value *= weights.scale[w];
            if (!weights.min.empty())
              value = std::fma(weights.min[w], codeSum, value);
            sums[i] = std::fma(
                value, activations.scale[getActivation(i, begin)], sums[i]);
          }
        }
        for (size_t i = 0; i < count; ++i)
          addToResult(product.batch[2][batch] + resultRows[first + i] +
                          resultColumns[n],
                      sums[i]);
      }
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

namespace {
/// A product's operands by what they are.
struct ProductRoles {
  /// Which operand the activations are.
  unsigned activations = 0;
  /// Whether the result is [batch,] m, n of activations [batch,] m, k.
  bool isRowMajor = false;
  /// Dimensions of the operands along which the sum runs, if row-major.
  unsigned sumDims[2] = {0, 0};

  explicit ProductRoles(linalg::LinalgOp op);
};
} // namespace

ProductRoles::ProductRoles(linalg::LinalgOp op) {
  // Activations are what the program encodes; the left input where both are.
  activations = op->getOperand(1).getDefiningOp<EncodeOp>() &&
                !op->getOperand(0).getDefiningOp<EncodeOp>();
  SmallVector<unsigned> sumLoops;
  op.getReductionDims(sumLoops);
  if (sumLoops.size() != 1)
    return;
  AffineExpr k = getAffineDimExpr(sumLoops.front(), op.getContext());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned operand = 0; operand < 2; ++operand) {
    std::optional<unsigned> dim = maps[operand].getResultPosition(k);
    if (!dim)
      return;
    sumDims[operand] = *dim;
  }
  ArrayRef<AffineExpr> row = maps[activations].getResults();
  ArrayRef<AffineExpr> result = maps[2].getResults();
  isRowMajor = row.size() == result.size() && row.back() == k &&
               row.drop_back() == result.drop_back();
}

/// The segments of a product on codes, if it is one.
static std::optional<int64_t> getSegment(const ProductRoles &roles,
                                         const HostTensor &activations,
                                         const HostTensor &weights,
                                         int64_t depth) {
  EncodingAttrInterface from = getEncoding(activations.getType()),
                        to = getEncoding(weights.getType());
  if (!from || !to || !roles.isRowMajor)
    return std::nullopt;
  EncodingSpec activationSpec = from.getSpec(), weightSpec = to.getSpec();
  return getIntegerSegment({activationSpec, roles.sumDims[roles.activations]},
                           {weightSpec, roles.sumDims[1 - roles.activations]},
                           depth);
}

llvm::Expected<HostTensor>
compress::sumProductsInOrder(linalg::LinalgOp op, const LoopNest &nest,
                             const HostTensor &lhs, const HostTensor &rhs,
                             const HostTensor &destination) {
  HostTensor start(RankedTensorType::get(destination.getShape(),
                                         Float32Type::get(op.getContext())));
  for (int64_t i = 0; i < start.getNumElements(); ++i)
    start.set(i, destination.get(i));
  OrderedProduct product(nest, start);
  ProductRoles roles(op);
  const HostTensor *operands[] = {&lhs, &rhs};
  const HostTensor &activations = *operands[roles.activations];
  const HostTensor &weights = *operands[1 - roles.activations];
  int64_t depth = product.getDepth();
  if (auto segment = getSegment(roles, activations, weights, depth)) {
    llvm::Expected<ValueParts> from = ValueParts::get(activations);
    if (!from)
      return from.takeError();
    llvm::Expected<ValueParts> to = ValueParts::get(weights);
    if (!to)
      return to.takeError();
    return product.sumCodes(*from, *to, roles.activations, *segment);
  }
  auto get = [&](unsigned operand) {
    bool isWeight = roles.isRowMajor && operand != roles.activations;
    return isWeight ? getWeights(*operands[operand])
                    : getValues(*operands[operand]);
  };
  llvm::Expected<std::vector<float>> left = get(0);
  if (!left)
    return left.takeError();
  llvm::Expected<std::vector<float>> right = get(1);
  if (!right)
    return right.takeError();
  return product.sumValues(*left, *right);
}
