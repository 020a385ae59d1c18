//===- PlanWorkspace.cpp - One workspace for all buffers of a program -----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PLANWORKSPACE
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

constexpr int64_t kAlignment = 64;

/// A buffer, when it is live, and where it comes to lie. Bytes and offset are
/// per unit of the class's dynamic sizes.
struct Buffer {
  memref::AllocOp op;
  int64_t first, last;
  int64_t bytes, offset = 0;
};

/// Buffers whose sizes are static bytes times the same dynamic sizes.
struct BufferClass {
  SmallVector<Value> sizes;
  SmallVector<Buffer> buffers;
  int64_t bytes = 0;

  /// First fit in the order in which buffers become live.
  void place() {
    for (size_t i = 0; i < buffers.size(); ++i) {
      SmallVector<const Buffer *> others;
      for (size_t j = 0; j < i; ++j)
        if (buffers[j].first <= buffers[i].last &&
            buffers[i].first <= buffers[j].last)
          others.push_back(&buffers[j]);
      llvm::sort(others, [](const Buffer *a, const Buffer *b) {
        return a->offset < b->offset;
      });
      int64_t offset = 0;
      for (const Buffer *other : others) {
        if (other->offset >= offset + buffers[i].bytes)
          break;
        offset = std::max(offset, other->offset + other->bytes);
      }
      buffers[i].offset = offset;
      bytes = std::max(bytes, offset + buffers[i].bytes);
    }
  }
};

/// Plans one function.
class WorkspacePlanner {
public:
  WorkspacePlanner(func::FuncOp func, int64_t scratchBytes)
      : func(func), scratchBytes(scratchBytes) {}

  LogicalResult plan();
  int64_t countBuffers() const { return numBuffers; }

private:
  LogicalResult collect();
  void replaceBuffers();
  void makeWorkspaceFunction();
  Value clone(OpBuilder &b, Value value, IRMapping &map);
  Value product(OpBuilder &b, ArrayRef<Value> sizes, IRMapping &map);
  /// Offsets of the classes; the last is the end of all.
  SmallVector<Value> getBases(OpBuilder &b, IRMapping &map);
  int64_t getLastUse(Value buffer);
  bool followsFromSizes(Value value);

  func::FuncOp func;
  int64_t scratchBytes;
  int64_t numBuffers = 0;
  DenseMap<Operation *, int64_t> positions;
  SmallVector<BufferClass> classes;
};

} // namespace

int64_t WorkspacePlanner::getLastUse(Value buffer) {
  int64_t last = 0;
  auto follow = [&](Operation *op) {
    for (Value alias : op->getResults())
      if (isa<MemRefType>(alias.getType()))
        last = std::max(last, getLastUse(alias));
  };
  for (Operation *user : buffer.getUsers()) {
    Operation *top = func.getBody().front().findAncestorOpInBlock(*user);
    last = std::max(last, positions.lookup(top));
    // Views are other names of the buffer, and so are the results of loops and
    // branches that take it or yield it.
    follow(user);
    if (user->hasTrait<OpTrait::IsTerminator>() && user != top)
      follow(user->getParentOp());
  }
  return last;
}

/// Whether the workspace's size function can compute `value`, which sees the
/// arguments' sizes and not their data.
bool WorkspacePlanner::followsFromSizes(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return value.getParentBlock() == &func.getBody().front();
  return op->getNumRegions() == 0 && isPure(op) &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return followsFromSizes(operand); });
}

LogicalResult WorkspacePlanner::collect() {
  for (Operation &op : func.getBody().front())
    positions[&op] = positions.size();
  llvm::MapVector<SmallVector<Value>, BufferClass> bySizes;
  for (auto alloc : func.getBody().front().getOps<memref::AllocOp>()) {
    MemRefType type = alloc.getType();
    int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    for (int64_t size : type.getShape())
      bytes *= ShapedType::isDynamic(size) ? 1 : size;
    SmallVector<Value> sizes(alloc.getDynamicSizes());
    for (Value size : sizes)
      if (!followsFromSizes(size))
        return alloc.emitOpError(
            "has a size that does not follow from the arguments' sizes; a "
            "workspace is planned before its data are known");
    int64_t first = INT64_MAX;
    for (Operation *user : alloc->getUsers())
      first = std::min(
          first, positions.lookup(
                     func.getBody().front().findAncestorOpInBlock(*user)));
    BufferClass &found = bySizes[sizes];
    found.sizes = sizes;
    found.buffers.push_back(
        {alloc, first, getLastUse(alloc),
         static_cast<int64_t>(llvm::alignTo(bytes, kAlignment))});
    ++numBuffers;
  }
  bool nested = func.walk([&](memref::AllocOp op) {
                      return op->getBlock() == &func.getBody().front()
                                 ? WalkResult::advance()
                                 : WalkResult::interrupt();
                    })
                    .wasInterrupted();
  if (nested)
    return func.emitOpError("allocates inside a loop or branch; only buffers "
                            "of its body can be planned");
  for (auto &[sizes, bufferClass] : bySizes) {
    bufferClass.place();
    classes.push_back(std::move(bufferClass));
  }
  return success();
}

/// Makes `value` again where `b` is, from the function's arguments.
Value WorkspacePlanner::clone(OpBuilder &b, Value value, IRMapping &map) {
  if (map.contains(value) || isa<BlockArgument>(value))
    return map.lookupOrDefault(value);
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    map.map(operand, clone(b, operand, map));
  b.clone(*op, map);
  return map.lookup(value);
}

Value WorkspacePlanner::product(OpBuilder &b, ArrayRef<Value> sizes,
                                IRMapping &map) {
  Value result = arith::ConstantIndexOp::create(b, func.getLoc(), 1);
  for (Value size : sizes)
    result = b.createOrFold<arith::MulIOp>(func.getLoc(), result,
                                           clone(b, size, map));
  return result;
}

SmallVector<Value> WorkspacePlanner::getBases(OpBuilder &b, IRMapping &map) {
  Location loc = func.getLoc();
  SmallVector<Value> bases{arith::ConstantIndexOp::create(b, loc, 0)};
  for (const BufferClass &c : classes) {
    Value bytes = arith::ConstantIndexOp::create(b, loc, c.bytes);
    bytes = b.createOrFold<arith::MulIOp>(loc, bytes, product(b, c.sizes, map));
    bases.push_back(b.createOrFold<arith::AddIOp>(loc, bases.back(), bytes));
  }
  return bases;
}

void WorkspacePlanner::replaceBuffers() {
  OpBuilder b = OpBuilder::atBlockBegin(&func.getBody().front());
  Location loc = func.getLoc();
  auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  IRMapping map;
  Value workspace = WorkspaceOp::create(b, loc, bytesType);
  SmallVector<Value> bases = getBases(b, map);
  for (auto [c, base] : llvm::zip(classes, bases)) {
    Value unit = product(b, c.sizes, map);
    SmallVector<Value> sizes;
    for (Value size : c.sizes)
      sizes.push_back(clone(b, size, map));
    for (Buffer &buffer : c.buffers) {
      Value offset = arith::ConstantIndexOp::create(b, loc, buffer.offset);
      offset = b.createOrFold<arith::MulIOp>(loc, offset, unit);
      offset = b.createOrFold<arith::AddIOp>(loc, base, offset);
      Value view = memref::ViewOp::create(b, loc, buffer.op.getType(),
                                          workspace, offset, sizes);
      buffer.op.replaceAllUsesWith(view);
    }
  }
  // Each thread's scratch memory lies behind the buffers.
  auto thread = ThreadOp::create(b, loc);
  Value size = arith::ConstantIndexOp::create(b, loc, scratchBytes);
  Value offset = arith::MulIOp::create(b, loc, thread.getThread(), size);
  offset = arith::AddIOp::create(b, loc, bases.back(), offset);
  Value scratch = memref::ViewOp::create(b, loc, bytesType, workspace, offset,
                                         ValueRange{size});
  func.walk([&](ScratchOp op) {
    op.replaceAllUsesWith(scratch);
    op.erase();
  });
  // Not before: the builder stands at the first op, which may be a buffer.
  for (BufferClass &c : classes)
    for (Buffer &buffer : c.buffers)
      buffer.op.erase();
}

void WorkspacePlanner::makeWorkspaceFunction() {
  OpBuilder b(func);
  Location loc = func.getLoc();
  SmallVector<Type> types(func.getArgumentTypes());
  types.push_back(b.getIndexType()); // threads
  auto size =
      func::FuncOp::create(b, loc, (func.getSymName() + "_workspace").str(),
                           b.getFunctionType(types, b.getIndexType()));
  size->setDiscardableAttr("compress.workspace_of",
                           b.getStringAttr(func.getSymName()));
  Block *block = size.addEntryBlock();
  b.setInsertionPointToStart(block);
  IRMapping map;
  map.map(func.getArguments(), block->getArguments().drop_back());
  SmallVector<Value> bases = getBases(b, map);
  Value scratch = arith::ConstantIndexOp::create(b, loc, scratchBytes);
  scratch =
      arith::MulIOp::create(b, loc, scratch, block->getArguments().back());
  Value total = arith::AddIOp::create(b, loc, bases.back(), scratch);
  func::ReturnOp::create(b, loc, total);
}

LogicalResult WorkspacePlanner::plan() {
  if (failed(collect()))
    return failure();
  makeWorkspaceFunction();
  replaceBuffers();
  return success();
}

namespace {

struct PlanWorkspace : compress::impl::PlanWorkspaceBase<PlanWorkspace> {
  void runOnOperation() override {
    int64_t scratchBytes = 0;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (auto bytes = func->getAttrOfType<IntegerAttr>("compress.scratch"))
        scratchBytes = std::max(scratchBytes, bytes.getInt());
    SmallVector<func::FuncOp> entries;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal())
        entries.push_back(func);
    for (func::FuncOp func : entries) {
      WorkspacePlanner planner(func, llvm::alignTo(scratchBytes, kAlignment));
      if (failed(planner.plan()))
        return signalPassFailure();
      numBuffers += planner.countBuffers();
    }
  }
};

} // namespace
