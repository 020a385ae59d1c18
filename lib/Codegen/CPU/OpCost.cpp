//===- OpCost.cpp - What an operation costs -------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpCost.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

static int64_t getBits(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  Type element = getElementTypeOrSelf(type);
  // A mask has a bit per lane, a register of its own, or a whole vector's.
  if (element.isInteger(1) || !element.isIntOrFloat())
    return 0;
  return (vector ? vector.getNumElements() : 1) *
         element.getIntOrFloatBitWidth();
}

/// Bits of the widest vector that an op takes or gives; 0 for scalars.
static int64_t getVectorBits(Operation *op) {
  int64_t bits = 0;
  auto visit = [&](Type type) {
    if (isa<VectorType>(type))
      bits = std::max(bits, getBits(type));
  };
  llvm::for_each(op->getOperandTypes(), visit);
  llvm::for_each(op->getResultTypes(), visit);
  return bits;
}

static bool isVector(Operation *op) {
  auto is = [](Type type) { return isa<VectorType>(type); };
  return llvm::any_of(op->getOperandTypes(), is) ||
         llvm::any_of(op->getResultTypes(), is);
}

Value compress::getLoadedBuffer(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<vector::LoadOp, vector::MaskedLoadOp, vector::GatherOp>(
          [](auto load) { return load.getBase(); })
      .Case<memref::LoadOp>(
          [](memref::LoadOp load) { return load.getMemRef(); })
      .Default([](Operation *) { return Value(); });
}

/// Whether a scalar is a load's, perhaps by way of a short vector that holds
/// nothing else: a broadcast of it is a form of the load.
static bool isFromLoad(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (getLoadedBuffer(op))
      return true;
    if (!isa<vector::ExtractOp, vector::BitCastOp>(op))
      return false;
    value = op->getOperand(0);
    if (getBits(value.getType()) > 64)
      return false;
  }
  return false;
}

namespace {

/// Collects the cost of one op.
class Classifier {
public:
  Classifier(Operation *op, const MachineModel &machine)
      : op(op), machine(machine), vector(isVector(op)),
        registers(static_cast<double>(std::max<int64_t>(
            llvm::divideCeil(getVectorBits(op), machine.datapathBits), 1))) {}

  OpCost run();

private:
  /// `count` operations per register on vector ports of this kind.
  void use(Resource kind, double count, double latency) {
    if (!vector && kind != Resource::Divide && kind != Resource::Multiply) {
      cost.add(Resource::Issue, count);
      cost.latency += latency;
      return;
    }
    double all = count * registers;
    cost.add(Resource::Issue, all);
    cost.add(Resource::Vector, all);
    if (kind != Resource::Vector)
      cost.add(kind, all);
    cost.latency += latency;
  }
  void multiply(double count = 1) {
    use(Resource::Multiply, count,
        count * static_cast<double>(machine.multiplyLatency));
  }
  void shuffle(double count = 1) {
    use(Resource::Shuffle, count,
        count * static_cast<double>(machine.shuffleLatency));
  }
  void load(double count) {
    cost.add(Resource::Load, count);
    // An operation that alone uses what it reads is one with it.
    if (!op->hasOneUse())
      cost.add(Resource::Issue, count);
    cost.latency = static_cast<double>(machine.loadLatency);
  }

  bool memory();
  bool moves();
  bool floats();
  bool integers();
  void conversion();
  void intrinsic(StringRef name);
  void index();

  Operation *op;
  const MachineModel &machine;
  bool vector;
  double registers;
  OpCost cost;
};

} // namespace

bool Classifier::memory() {
  if (isa<vector::GatherOp>(op)) {
    auto lanes = static_cast<double>(
        cast<VectorType>(op->getResult(0).getType()).getNumElements());
    load(lanes * machine.gatherLoads);
    use(Resource::Shuffle, 2, static_cast<double>(machine.shuffleLatency));
    return true;
  }
  if (getLoadedBuffer(op)) {
    load(registers);
    return true;
  }
  if (isa<vector::StoreOp, vector::MaskedStoreOp, memref::StoreOp>(op)) {
    cost.add(Resource::Store, registers);
    cost.add(Resource::Issue, registers);
    return true;
  }
  if (isa<memref::PrefetchOp>(op)) {
    load(1);
    return true;
  }
  return false;
}

bool Classifier::moves() {
  if (auto broadcast = dyn_cast<vector::BroadcastOp>(op)) {
    if (!isFromLoad(broadcast.getSource()) &&
        !matchPattern(broadcast.getSource(), m_Constant()))
      shuffle();
    return true;
  }
  if (isa<vector::ExtractOp, vector::InsertOp, vector::FromElementsOp,
          vector::ToElementsOp, vector::ExtractStridedSliceOp,
          vector::InsertStridedSliceOp>(op)) {
    if (getBits(op->getOperand(0).getType()) > 64)
      shuffle();
    return true;
  }
  if (isa<vector::ShuffleOp>(op)) {
    shuffle();
    return true;
  }
  if (auto reduction = dyn_cast<vector::ReductionOp>(op)) {
    auto steps = static_cast<double>(
        llvm::Log2_64_Ceil(reduction.getSourceVectorType().getNumElements()));
    registers = 1;
    shuffle(steps);
    multiply(steps);
    return true;
  }
  if (isa<vector::CreateMaskOp>(op)) {
    shuffle();
    use(Resource::Compare, 1, 1);
    return true;
  }
  return false;
}

bool Classifier::floats() {
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, math::FmaOp,
          vector::FMAOp, arith::MaxNumFOp, arith::MinNumFOp, arith::MaximumFOp,
          arith::MinimumFOp>(op)) {
    multiply();
    return true;
  }
  if (isa<math::RoundEvenOp, math::FloorOp, math::CeilOp, math::TruncOp>(op)) {
    multiply(2);
    return true;
  }
  if (isa<arith::DivFOp, math::SqrtOp, arith::RemFOp>(op)) {
    use(Resource::Divide, 1, static_cast<double>(machine.divideLatency));
    return true;
  }
  if (isa<math::AbsFOp, arith::NegFOp, math::CopySignOp>(op)) {
    use(Resource::Vector, 1, 1);
    return true;
  }
  // A polynomial, or a function of the C library lane by lane.
  if (op->getName().getDialectNamespace() == "math") {
    multiply(16);
    return true;
  }
  return false;
}

void Classifier::conversion() {
  Type from = getElementTypeOrSelf(op->getOperand(0).getType());
  Type to = getElementTypeOrSelf(op->getResult(0).getType());
  bool floats = isa<FloatType>(from) && isa<FloatType>(to);
  if (isa<FloatType>(from) != isa<FloatType>(to)) {
    multiply();
    return;
  }
  if (from.isInteger(1)) {
    use(Resource::Vector, 1, 1);
    return;
  }
  shuffle(from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth() && !floats
              ? 2
              : 1);
  if (floats)
    multiply();
}

void Classifier::intrinsic(StringRef name) {
  auto has = [&](StringRef part) { return name.contains(part); };
  if (has("pdpbu") || has("pdpws") || has("pmadd"))
    use(Resource::Multiply, 1, static_cast<double>(machine.dotLatency));
  else if (has("perm") || has("pshuf") || has("pack") || has("vpcompress") ||
           has("expand"))
    shuffle();
  else
    use(Resource::Vector, 1, 1);
}

/// Index arithmetic: sums and products become addresses or follow the loop.
void Classifier::index() {
  if (!isa<arith::DivUIOp, arith::RemUIOp, arith::DivSIOp, arith::RemSIOp>(op))
    return;
  APInt by;
  if (!matchPattern(op->getOperand(1), m_ConstantInt(&by)))
    return cost.add(Resource::Issue, 20);
  cost.add(Resource::Issue, by.isPowerOf2() ? 1 : 4);
}

bool Classifier::integers() {
  if (op->getNumResults() == 1 && op->getResult(0).getType().isIndex()) {
    index();
    return true;
  }
  if (isa<arith::MulIOp>(op)) {
    // Products of 32 bits take two passes, those of 16 one.
    multiply(
        getElementTypeOrSelf(op->getResult(0).getType()).isInteger(16) ? 1 : 2);
    return true;
  }
  if (isa<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp>(op)) {
    use(Resource::Shift, 1, 1);
    return true;
  }
  if (isa<arith::CmpIOp, arith::CmpFOp>(op)) {
    use(Resource::Compare, 1, 3);
    return true;
  }
  if (isa<arith::ExtUIOp, arith::ExtSIOp, arith::TruncIOp, arith::SIToFPOp,
          arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp, arith::ExtFOp,
          arith::TruncFOp>(op)) {
    conversion();
    return true;
  }
  if (isa<arith::ArithDialect>(op->getDialect())) {
    use(Resource::Vector, 1, 1);
    return true;
  }
  return false;
}

OpCost Classifier::run() {
  if (op->hasTrait<OpTrait::ConstantLike>() ||
      op->hasTrait<OpTrait::IsTerminator>() ||
      isa<vector::BitCastOp, vector::ShapeCastOp, arith::BitcastOp,
          arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return cost;
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op)) {
    intrinsic(call.getIntrin());
    return cost;
  }
  if (memory() || moves() || floats() || integers())
    return cost;
  // What computes addresses and sizes.
  if (!isa<memref::MemRefDialect>(op->getDialect()))
    cost.add(Resource::Issue, 1);
  return cost;
}

OpCost compress::getOpCost(Operation *op, const MachineModel &machine) {
  return Classifier(op, machine).run();
}
