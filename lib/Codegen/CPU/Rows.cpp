//===- Rows.cpp - Kernels that work row by row ----------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CacheStore.h"

#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Emits the ops of a group one after the other for each row. A row that the
/// group does not return stays in scratch memory, which the first-level cache
/// holds.
class RowsEmitter {
public:
  explicit RowsEmitter(Kernel &kernel) : kernel(kernel), e(kernel.e) {}
  LogicalResult emit();

private:
  /// A row in memory: element (index..., column).
  struct Row {
    Value memref;
    SmallVector<Value> index;
  };

  LogicalResult emitOp(Operation *op);
  LogicalResult gatherRows(lm::GatherRowsOp op);
  LogicalResult rmsNorm(lm::RMSNormOp op);
  LogicalResult layerNorm(lm::LayerNormOp op);
  LogicalResult rotaryTable(lm::RotaryTableOp op);
  LogicalResult rope(lm::RopeOp op);
  LogicalResult kvAppend(lm::KVAppendOp op);
  LogicalResult kvEncode(lm::KVEncodeOp op);
  LogicalResult route(lm::RouteOp op);
  LogicalResult dispatch(lm::DispatchOp op);
  LogicalResult combine(lm::CombineOp op);
  LogicalResult encode(EncodeOp op);
  LogicalResult elementwise(linalg::LinalgOp op);

  std::pair<Value, Value> nextLargest(const Row &logits, int64_t columns,
                                      Value last, Value lastColumn);
  Value loadNumber(const Row &logits, Value column);

  Row getRow(Value tensor);
  Row makeRow(Value tensor);
  SmallVector<Value> at(const Row &row, Value column) {
    SmallVector<Value> index(row.index);
    index.push_back(column);
    return index;
  }
  Value load(const Row &row, Value column, int64_t count) {
    return e.loadFirst(row.memref, at(row, column), lanes(), count);
  }
  Value loadScalar(Value vector) {
    return e.load(kernel.buffer(vector), {row});
  }
  Value mean(int64_t columns, function_ref<Value(Value, int64_t, Value)> add);
  Value inverseRoot(Value mean, FloatAttr epsilon);
  /// Vectors over `columns`: body(first column, how many of the lanes exist).
  void forColumns(int64_t columns, function_ref<void(Value, int64_t)> body);
  int64_t lanes() const { return kernel.lanes; }
  Value countRows();

  Kernel &kernel;
  Emitter &e;
  Value row;
  DenseMap<Value, Row> rows;
};

int64_t getColumns(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape().back();
}

} // namespace

void RowsEmitter::forColumns(int64_t columns,
                             function_ref<void(Value, int64_t)> body) {
  int64_t whole = columns / lanes() * lanes();
  if (whole)
    e.loop(e.index(0), e.index(whole), lanes(),
           [&](Value column) { body(column, lanes()); });
  if (whole < columns)
    body(e.index(whole), columns - whole);
}

RowsEmitter::Row RowsEmitter::getRow(Value tensor) {
  auto found = rows.find(tensor);
  if (found != rows.end())
    return found->second;
  return {kernel.buffer(tensor), {row}};
}

RowsEmitter::Row RowsEmitter::makeRow(Value tensor) {
  int64_t result = kernel.getResultNumber(tensor);
  auto type = cast<RankedTensorType>(tensor.getType());
  Row made = result >= 0 ? Row{kernel.destination(result), {row}}
                         : Row{kernel.allocateScratch({type.getShape().back()},
                                                      type.getElementType()),
                               {}};
  rows[tensor] = made;
  return made;
}

LogicalResult RowsEmitter::gatherRows(lm::GatherRowsOp op) {
  Row result = makeRow(op.getResult());
  Value wanted =
      arith::IndexCastOp::create(e, e.getIndexType(), loadScalar(op.getRows()));
  EncodedOperand table = kernel.operand(op.getTable());
  int64_t columns = getColumns(op.getResult());
  if (!table.isEncoded()) {
    Row source{kernel.buffer(op.getTable()), {wanted}};
    forColumns(columns, [&](Value column, int64_t count) {
      e.storeFirst(load(source, column, count), result.memref,
                   at(result, column), count);
    });
    return success();
  }
  e.loop(e.index(0), e.index(columns), 1, [&](Value column) {
    Value value = table.read(e, {Coord(wanted), Coord(column)});
    e.store(value, result.memref, at(result, table.logicalColumn(e, column)));
  });
  return success();
}

/// The mean over a row's columns of what `add` adds to partial sums: it gets
/// the first column, how many of the parts have one, and the sums.
Value RowsEmitter::mean(int64_t columns,
                        function_ref<Value(Value, int64_t, Value)> add) {
  int64_t whole = columns / kPartialSums * kPartialSums;
  Value sum = e.loop(e.index(0), e.index(whole), kPartialSums,
                     ValueRange{e.constantF32(0, kPartialSums)},
                     [&](Value column, ValueRange carried) {
                       return SmallVector<Value>{
                           add(column, kPartialSums, carried.front())};
                     })
                  .front();
  if (whole < columns)
    sum = add(e.index(whole), columns - whole, sum);
  Value total = vector::ReductionOp::create(e, vector::CombiningKind::ADD, sum,
                                            arith::FastMathFlags::reassoc);
  return e.divF(total, e.constantF32(columns));
}

/// 1 / sqrt(mean + epsilon).
Value RowsEmitter::inverseRoot(Value mean, FloatAttr epsilon) {
  Value constant = arith::ConstantOp::create(e, epsilon);
  return e.divF(e.constantF32(1),
                math::SqrtOp::create(e, e.add(mean, constant)));
}

LogicalResult RowsEmitter::layerNorm(lm::LayerNormOp op) {
  Row input = getRow(op.getInput()), result = makeRow(op.getResult());
  Value weight = kernel.buffer(op.getWeight()),
        bias = op.getBias() ? kernel.buffer(op.getBias()) : Value();
  int64_t columns = getColumns(op.getInput());
  auto loadParts = [&](Value column, int64_t count) {
    return e.loadFirst(input.memref, at(input, column), kPartialSums, count);
  };
  Value center = mean(columns, [&](Value column, int64_t count, Value sum) {
    return e.add(sum, loadParts(column, count));
  });
  Value square = mean(columns, [&](Value column, int64_t count, Value sum) {
    Value away = e.sub(loadParts(column, count), center);
    Value next = e.fma(away, away, sum);
    if (count == kPartialSums)
      return next;
    // Columns that do not exist are read as 0, which is not the mean.
    auto mask = VectorType::get({kPartialSums}, e.getI1Type());
    Value exists =
        vector::CreateMaskOp::create(e, mask, ValueRange{e.index(count)});
    return arith::SelectOp::create(e, exists, next, sum).getResult();
  });
  Value scale = inverseRoot(square, op.getEpsilonAttr());
  forColumns(columns, [&](Value column, int64_t count) {
    Value x = e.mul(e.sub(load(input, column, count), center), scale);
    Value w = e.loadFirst(weight, {column}, lanes(), count);
    Value y = bias ? e.fma(x, w, e.loadFirst(bias, {column}, lanes(), count))
                   : e.mul(x, w);
    e.storeFirst(y, result.memref, at(result, column), count);
  });
  return success();
}

LogicalResult RowsEmitter::rmsNorm(lm::RMSNormOp op) {
  Row input = getRow(op.getInput()), result = makeRow(op.getResult());
  Value weight = kernel.buffer(op.getWeight());
  int64_t columns = getColumns(op.getInput());
  Value square = mean(columns, [&](Value column, int64_t count, Value sum) {
    Value x = e.loadFirst(input.memref, at(input, column), kPartialSums, count);
    return e.fma(x, x, sum);
  });
  Value scale = inverseRoot(square, op.getEpsilonAttr());
  forColumns(columns, [&](Value column, int64_t count) {
    Value x = e.mul(load(input, column, count), scale);
    Value w = e.loadFirst(weight, {column}, lanes(), count);
    e.storeFirst(e.mul(x, w), result.memref, at(result, column), count);
  });
  return success();
}

LogicalResult RowsEmitter::rotaryTable(lm::RotaryTableOp op) {
  Row result = makeRow(op.getResult());
  Value frequencies = kernel.buffer(op.getFrequencies());
  int64_t half = getColumns(op.getFrequencies());
  Type f64 = e.getF64Type();
  Value position =
      arith::SIToFPOp::create(e, f64, loadScalar(op.getPosition()));
  e.loop(e.index(0), e.index(half), 1, [&](Value i) {
    Value frequency = arith::ExtFOp::create(e, f64, e.load(frequencies, {i}));
    auto [cos, sin] = emitCosSin(e, e.mul(position, frequency));
    e.store(cos, result.memref, at(result, i));
    e.store(sin, result.memref, at(result, e.addIndex(i, half)));
  });
  return success();
}

LogicalResult RowsEmitter::rope(lm::RopeOp op) {
  Row input = getRow(op.getInput()), result = makeRow(op.getResult()),
      table = getRow(op.getTable());
  int64_t headDim = op.getHeadDim();
  int64_t half = getColumns(op.getTable()) / 2;
  // Pairs that lie apart are rotated by vectors, neighbours one by one.
  int64_t step = !op.getInterleaved() && half % lanes() == 0 ? lanes() : 1;
  int64_t width = step == 1 ? 0 : step;
  Value heads = e.index(getColumns(op.getInput()) / headDim);
  e.loop(e.index(0), heads, 1, [&](Value head) {
    Value base = e.mulIndex(head, headDim);
    e.loop(e.index(0), e.index(half), step, [&](Value i) {
      Value first = e.add(base, op.getInterleaved() ? e.mulIndex(i, 2) : i);
      Value second = e.addIndex(first, op.getInterleaved() ? 1 : half);
      Value a = e.load(input.memref, at(input, first), width);
      Value b = e.load(input.memref, at(input, second), width);
      Value c = e.load(table.memref, at(table, i), width);
      Value s = e.load(table.memref, at(table, e.addIndex(i, half)), width);
      e.store(e.sub(e.mul(a, c), e.mul(b, s)), result.memref,
              at(result, first));
      e.store(e.add(e.mul(a, s), e.mul(b, c)), result.memref,
              at(result, second));
    });
    if (2 * half < headDim)
      e.loop(e.index(2 * half), e.index(headDim), 1, [&](Value i) {
        Value column = e.add(base, i);
        e.store(e.load(input.memref, at(input, column)), result.memref,
                at(result, column));
      });
  });
  return success();
}

LogicalResult RowsEmitter::kvAppend(lm::KVAppendOp op) {
  lm::CacheType cache = op.getCache().getType();
  FailureOr<CacheStores> stores =
      CacheStores::open(kernel, op, cache, op.getCache(), op.getLayer());
  if (failed(stores))
    return failure();
  auto scalar = [&](Value vector) -> Value {
    return arith::IndexCastOp::create(e, e.getIndexType(), loadScalar(vector));
  };
  Value sequence = scalar(op.getSequence()),
        position = scalar(op.getPosition());
  Row keys = getRow(op.getKeys()), values = getRow(op.getValues());
  e.loop(e.index(0), e.index(cache.getHeads()), 1, [&](Value head) {
    Value first = e.mulIndex(head, cache.getHeadDim());
    CacheStore &store = stores->recent ? *stores->recent : stores->keys;
    store.write(store.getPlane(sequence, head), position,
                {keys.memref, keys.index, first});
    stores->values.write(stores->values.getPlane(sequence, head), position,
                         {values.memref, values.index, first});
  });
  return success();
}

LogicalResult RowsEmitter::kvEncode(lm::KVEncodeOp op) {
  lm::CacheType cache = op.getCache().getType();
  FailureOr<CacheStores> stores =
      CacheStores::open(kernel, op, cache, op.getCache(), op.getLayer());
  if (failed(stores))
    return failure();
  auto scalar = [&](Value vector) -> Value {
    return arith::IndexCastOp::create(e, e.getIndexType(), loadScalar(vector));
  };
  Value sequence = scalar(op.getSequence()),
        position = scalar(op.getPosition());
  int64_t size = cache.getKeyGroup();
  Value isLast =
      arith::CmpIOp::create(e, arith::CmpIPredicate::eq,
                            e.remIndex(position, size), e.index(size - 1));
  e.ifThenElse(isLast, [&] {
    e.loop(e.index(0), e.index(cache.getHeads()), 1, [&](Value head) {
      stores->keys.writeGroup(stores->keys.getPlane(sequence, head),
                              e.divIndex(position, size), *stores->recent,
                              stores->recent->getPlane(sequence, head));
    });
  });
  return success();
}

/// The largest logit but for those that came before it: below `last` at
/// `lastColumn`, in the order of values and then of columns.
std::pair<Value, Value> RowsEmitter::nextLargest(const Row &logits,
                                                 int64_t columns, Value last,
                                                 Value lastColumn) {
  auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(e, predicate, a, b);
  };
  auto compareIndex = [&](arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(e, predicate, a, b);
  };
  Value least = e.constantF32(-std::numeric_limits<float>::infinity());
  Value none = e.index(columns);
  SmallVector<Value> found =
      e.loop(e.index(0), none, 1, ValueRange{least, none},
             [&](Value column, ValueRange best) {
               Value x = loadNumber(logits, column);
               Value isLater = arith::AndIOp::create(
                   e, compare(arith::CmpFPredicate::OEQ, x, last),
                   compareIndex(arith::CmpIPredicate::sgt, column, lastColumn));
               Value isLeft = arith::OrIOp::create(
                   e, isLater, compare(arith::CmpFPredicate::OLT, x, last));
               Value isBetter = arith::OrIOp::create(
                   e, compare(arith::CmpFPredicate::OGT, x, best[0]),
                   compareIndex(arith::CmpIPredicate::eq, best[1], none));
               Value take = arith::AndIOp::create(e, isLeft, isBetter);
               return SmallVector<Value>{
                   arith::SelectOp::create(e, take, x, best[0]),
                   arith::SelectOp::create(e, take, column, best[1])};
             });
  return {found[0], found[1]};
}

/// A logit, or where it is NaN the least of numbers.
Value RowsEmitter::loadNumber(const Row &logits, Value column) {
  Value x = e.load(logits.memref, at(logits, column));
  Value isNaN = arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, x, x);
  Value least = e.constantF32(-std::numeric_limits<float>::infinity());
  return arith::SelectOp::create(e, isNaN, least, x);
}

LogicalResult RowsEmitter::route(lm::RouteOp op) {
  Row logits = getRow(op.getLogits()), weights = makeRow(op.getWeights()),
      experts = makeRow(op.getExperts());
  int64_t columns = getColumns(op.getLogits());
  int64_t count = getColumns(op.getExperts());
  Value last = e.constantF32(std::numeric_limits<float>::infinity());
  Value lastColumn = e.index(-1), largest;
  SmallVector<Value> shares;
  auto exponential = [&](Value column) {
    Value x = e.load(logits.memref, at(logits, column));
    return emitExp(e, e.sub(x, largest));
  };
  for (int64_t j = 0; j < count; ++j) {
    std::tie(last, lastColumn) = nextLargest(logits, columns, last, lastColumn);
    Value number = arith::IndexCastOp::create(e, e.getI32Type(), lastColumn);
    e.store(number, experts.memref, at(experts, e.index(j)));
    if (!largest)
      largest = last;
    shares.push_back(exponential(lastColumn));
  }
  Value sum = e.constantF32(0);
  if (op.getNormalize())
    for (Value share : shares)
      sum = e.add(sum, share);
  else
    sum = e.loop(e.index(0), e.index(columns), 1, ValueRange{sum},
                 [&](Value column, ValueRange carried) {
                   return SmallVector<Value>{
                       e.add(carried.front(), exponential(column))};
                 })
              .front();
  for (auto [j, share] : llvm::enumerate(shares))
    e.store(e.divF(share, sum), weights.memref, at(weights, e.index(j)));
  return success();
}

LogicalResult RowsEmitter::dispatch(lm::DispatchOp op) {
  Row result = makeRow(op.getResult());
  Row source{kernel.buffer(op.getInput()),
             {e.divIndex(row, getColumns(op.getExperts()))}};
  forColumns(getColumns(op.getResult()), [&](Value column, int64_t count) {
    e.storeFirst(load(source, column, count), result.memref, at(result, column),
                 count);
  });
  return success();
}

LogicalResult RowsEmitter::combine(lm::CombineOp op) {
  Row weights = getRow(op.getWeights()), result = makeRow(op.getResult());
  int64_t count = getColumns(op.getWeights());
  Value input = kernel.buffer(op.getInput()), first = e.mulIndex(row, count);
  forColumns(getColumns(op.getResult()), [&](Value column, int64_t width) {
    Value sum = e.constantF32(0, lanes());
    for (int64_t j = 0; j < count; ++j) {
      Row source{input, {e.addIndex(first, j)}};
      Value weight = e.load(weights.memref, at(weights, e.index(j)));
      sum = e.fma(e.splat(weight, lanes()), load(source, column, width), sum);
    }
    e.storeFirst(sum, result.memref, at(result, column), width);
  });
  return success();
}

LogicalResult RowsEmitter::elementwise(linalg::LinalgOp op) {
  Row result = makeRow(op->getResult(0));
  int64_t columns = getColumns(op->getResult(0));
  // Operands that are rows of this kernel are read from where they are now.
  forColumns(columns, [&](Value column, int64_t count) {
    Value limit = count < lanes() ? e.index(count) : Value();
    ElementwiseEvaluator evaluator(kernel, lanes(), row, column, limit);
    for (Value operand : op->getOperands())
      if (rows.contains(operand))
        evaluator.define(operand, load(rows[operand], column, count));
    Value value = e.splat(evaluator.evaluate(op->getResult(0)), lanes());
    e.storeFirst(value, result.memref, at(result, column), count);
  });
  return success();
}

LogicalResult RowsEmitter::encode(EncodeOp op) {
  // The components are the group's results, or go to scratch memory.
  auto components = cast<ComponentsOp>(*op.getResult().user_begin());
  SmallVector<RowEncoder::Row> parts;
  for (Value part : components.getComponents()) {
    Row made = makeRow(part);
    parts.push_back({made.memref, made.index});
  }
  FailureOr<EncodingSpec> spec = RowEncoder::getEncoding(op);
  if (failed(spec))
    return failure();
  Row source = getRow(op.getSource());
  RowEncoder(kernel, *spec, getColumns(op.getSource()))
      .encode({source.memref, source.index}, parts);
  return success();
}

//===----------------------------------------------------------------------===//
// The group
//===----------------------------------------------------------------------===//

LogicalResult RowsEmitter::emitOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](lm::GatherRowsOp op) { return gatherRows(op); })
      .Case([&](lm::RMSNormOp op) { return rmsNorm(op); })
      .Case([&](lm::LayerNormOp op) { return layerNorm(op); })
      .Case([&](lm::RotaryTableOp op) { return rotaryTable(op); })
      .Case([&](lm::RopeOp op) { return rope(op); })
      .Case([&](lm::KVAppendOp op) { return kvAppend(op); })
      .Case([&](lm::KVEncodeOp op) { return kvEncode(op); })
      .Case([&](lm::RouteOp op) { return route(op); })
      .Case([&](lm::DispatchOp op) { return dispatch(op); })
      .Case([&](lm::CombineOp op) { return combine(op); })
      .Case([&](EncodeOp op) { return encode(op); })
      .Case<AssembleOp, ComponentsOp, linalg::FillOp>(
          [&](Operation *) { return success(); })
      .Default([&](Operation *op) -> LogicalResult {
        if (isElementwise(op))
          return elementwise(cast<linalg::LinalgOp>(op));
        if (op->hasTrait<OpTrait::ConstantLike>() ||
            op->getName().getDialectNamespace() == "tensor")
          return success();
        return op->emitOpError("has no row by row form of code");
      });
}

Value RowsEmitter::countRows() {
  if (!kernel.group.getInits().empty())
    return e.dim(kernel.destination(0), 0);
  for (Operation &op : kernel.group.getBlock()) {
    if (auto append = dyn_cast<lm::KVAppendOp>(op))
      return e.dim(kernel.buffer(append.getSequence()), 0);
    if (auto encode = dyn_cast<lm::KVEncodeOp>(op))
      return e.dim(kernel.buffer(encode.getSequence()), 0);
  }
  llvm_unreachable("a group writes a destination or a cache");
}

LogicalResult RowsEmitter::emit() {
  auto [begin, end] = e.share(countRows(), kernel.thread, kernel.threads);
  LogicalResult result = success();
  e.loop(begin, end, 1, [&](Value i) {
    row = i;
    for (Operation &op : kernel.group.getBlock().without_terminator())
      if (succeeded(result))
        result = emitOp(&op);
  });
  return result;
}

LogicalResult compress::emitRows(Kernel &kernel) {
  return RowsEmitter(kernel).emit();
}
