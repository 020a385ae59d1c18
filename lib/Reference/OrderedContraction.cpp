//===- OrderedContraction.cpp - Sums of products in f32 -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products in the steps of docs/numerics.md. The generator and this file share
// the codec and the sizes of segments, and no code that adds up.
//
//===----------------------------------------------------------------------===//

#include "Factors.h"
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

/// One product with its operands' roles told.
class OrderedProduct {
public:
  OrderedProduct(const LoopNest &nest, const HostTensor &destination)
      : nest(nest), product(nest), result(destination) {}

  int64_t getDepth() const { return product.sums[0].size(); }

  /// In f32 on the operands' values.
  HostTensor sumValues(ArrayRef<float> lhs, ArrayRef<float> rhs);
  /// In f32 on the activations' values, operand number `which`, and the
  /// weights' codes: each segment's sum is scaled once.
  HostTensor sumSegments(ArrayRef<float> activations, const ValueParts &weights,
                         unsigned which, size_t segment);
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

HostTensor OrderedProduct::sumSegments(ArrayRef<float> activations,
                                       const ValueParts &weights,
                                       unsigned which, size_t segment) {
  if (nest.getNumPoints() == 0)
    return result;
  unsigned other = 1 - which;
  size_t depth = product.sums[0].size();
  auto sumAll = [&](int64_t x, int64_t w) {
    float total = 0;
    for (size_t begin = 0; begin < depth; begin += segment) {
      size_t end = std::min(begin + segment, depth);
      float sum = 0;
      for (size_t k = begin; k < end; ++k)
        sum = std::fma(weights.codes[w + product.sums[other][k]],
                       activations[x + product.sums[which][k]], sum);
      total =
          std::fma(sum, weights.scale[w + product.sums[other][begin]], total);
    }
    return total;
  };
  for (size_t batch = 0; batch < product.batch[0].size(); ++batch)
    for (size_t m = 0; m < product.rows[0].size(); ++m)
      for (size_t n = 0; n < product.columns[0].size(); ++n) {
        // Where the product's row and column begin in either operand.
        auto begin = [&](unsigned operand) {
          return product.batch[operand][batch] + product.rows[operand][m] +
                 product.columns[operand][n];
        };
        addToResult(begin(2), sumAll(begin(which), begin(other)));
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

/// The segments that sums on values are scaled by, if there are any.
static std::optional<int64_t> findScaledSegment(const ProductRoles &roles,
                                                const HostTensor &weights,
                                                int64_t depth) {
  EncodingAttrInterface encoding = getEncoding(weights.getType());
  if (!encoding || !roles.isRowMajor)
    return std::nullopt;
  EncodingSpec spec = encoding.getSpec();
  return getScaledSegment({spec, roles.sumDims[1 - roles.activations],
                           static_cast<unsigned>(weights.getShape().size())},
                          depth);
}

/// The segments of a product on codes, if it is one.
static std::optional<int64_t> findIntegerSegment(const ProductRoles &roles,
                                                 const HostTensor &activations,
                                                 const HostTensor &weights,
                                                 int64_t depth) {
  EncodingAttrInterface from = getEncoding(activations.getType()),
                        to = getEncoding(weights.getType());
  if (!from || !to || !roles.isRowMajor)
    return std::nullopt;
  EncodingSpec activationSpec = from.getSpec(), weightSpec = to.getSpec();
  auto operand = [&](const EncodingSpec &spec, unsigned which,
                     const HostTensor &tensor) {
    return ProductOperand{spec, roles.sumDims[which],
                          static_cast<unsigned>(tensor.getShape().size())};
  };
  return getIntegerSegment(
      operand(activationSpec, roles.activations, activations),
      operand(weightSpec, 1 - roles.activations, weights), depth);
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
  if (auto segment = findIntegerSegment(roles, activations, weights, depth)) {
    llvm::Expected<ValueParts> from = ValueParts::get(activations);
    if (!from)
      return from.takeError();
    llvm::Expected<ValueParts> to = ValueParts::get(weights);
    if (!to)
      return to.takeError();
    return product.sumCodes(*from, *to, roles.activations, *segment);
  }
  if (auto segment = findScaledSegment(roles, weights, depth)) {
    llvm::Expected<std::vector<float>> from = getValues(activations);
    if (!from)
      return from.takeError();
    llvm::Expected<ValueParts> to = ValueParts::get(weights);
    if (!to)
      return to.takeError();
    return product.sumSegments(*from, *to, roles.activations, *segment);
  }
  auto get = [&](unsigned operand) {
    bool isWeight = roles.isRowMajor && operand != roles.activations;
    return isWeight ? getFactors(*operands[operand])
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
