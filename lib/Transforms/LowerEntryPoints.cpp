//===- LowerEntryPoints.cpp - The ABI between programs and the runtime ----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Runtime/ABI.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <cstddef>

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERENTRYPOINTS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// Reads the structures of compress/Runtime/ABI.h.
class ABIBuilder : public ImplicitLocOpBuilder {
public:
  ABIBuilder(Location loc, Operation *before)
      : ImplicitLocOpBuilder(loc, before),
        pointer(LLVM::LLVMPointerType::get(getContext())),
        converter(getContext()) {}
  ABIBuilder(Location loc, Block *block)
      : ImplicitLocOpBuilder(loc, block, block->begin()),
        pointer(LLVM::LLVMPointerType::get(getContext())),
        converter(getContext()) {}

  Type pointer;

  Value i64(int64_t value) {
    return LLVM::ConstantOp::create(*this, getI64Type(),
                                    getI64IntegerAttr(value));
  }
  Value toI64(Value index) {
    return arith::IndexCastOp::create(*this, getI64Type(), index);
  }
  Value toIndex(Value value) {
    return arith::IndexCastOp::create(*this, getIndexType(), value);
  }
  /// The field of `type` that lies `offset` bytes behind `base`.
  Value field(Type type, Value base, int64_t offset) {
    return LLVM::LoadOp::create(*this, type, address(base, offset));
  }
  Value address(Value base, int64_t offset) {
    return LLVM::GEPOp::create(*this, pointer, getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{int32_t(offset)});
  }
  /// A dense row-major memref at `data`; `sizes` are i64, one per dynamic
  /// dimension.
  Value makeMemRef(MemRefType type, Value data, ValueRange sizes) {
    auto descriptor =
        MemRefDescriptor::poison(*this, getLoc(), converter.convertType(type));
    descriptor.setAllocatedPtr(*this, getLoc(), data);
    descriptor.setAlignedPtr(*this, getLoc(), data);
    descriptor.setOffset(*this, getLoc(), i64(0));
    SmallVector<Value> all;
    for (int64_t size : type.getShape()) {
      if (ShapedType::isDynamic(size)) {
        all.push_back(sizes.front());
        sizes = sizes.drop_front();
      } else {
        all.push_back(i64(size));
      }
    }
    Value stride = i64(1);
    for (int64_t i = type.getRank() - 1; i >= 0; --i) {
      descriptor.setSize(*this, getLoc(), i, all[i]);
      descriptor.setStride(*this, getLoc(), i, stride);
      if (i)
        stride = LLVM::MulOp::create(*this, stride, all[i]);
    }
    return UnrealizedConversionCastOp::create(*this, TypeRange(type),
                                              ValueRange(descriptor))
        .getResult(0);
  }

private:
  LLVMTypeConverter converter;
};

/// Argument number `i` of an entry point, from the array of CompressTensor.
Value readArgument(ABIBuilder &b, Type type, Value arguments, int64_t i,
                   bool onlySizes) {
  int64_t base = i * static_cast<int64_t>(sizeof(CompressTensor));
  auto memref = dyn_cast<MemRefType>(type);
  Value data = onlySizes ? Value(LLVM::ZeroOp::create(b, b.pointer))
                         : b.field(b.pointer, arguments,
                                   base + offsetof(CompressTensor, data));
  if (!memref) // a cache
    return data;
  SmallVector<Value> sizes;
  for (auto [dim, size] : llvm::enumerate(memref.getShape()))
    if (ShapedType::isDynamic(size))
      sizes.push_back(b.field(b.getI64Type(), arguments,
                              base + offsetof(CompressTensor, sizes) +
                                  dim * sizeof(int64_t)));
  return b.makeMemRef(memref, data, sizes);
}

struct LowerEntryPoints
    : compress::impl::LowerEntryPointsBase<LowerEntryPoints> {

  /// Caches are pointers from here on.
  void convertCaches(func::FuncOp func) {
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    SmallVector<Type> types;
    for (Type type : func.getArgumentTypes())
      types.push_back(isa<lm::CacheType>(type) ? pointer : type);
    func.walk([&](lm::CacheBuffersOp op) { lowerCacheBuffers(op); });
    if (!func.isExternal())
      for (auto [argument, type] : llvm::zip(func.getArguments(), types))
        argument.setType(type);
    func.setFunctionType(
        FunctionType::get(&getContext(), types, func.getResultTypes()));
  }

  void lowerCacheBuffers(lm::CacheBuffersOp op) {
    ABIBuilder b(op.getLoc(), op);
    lm::CacheType type = op.getCache().getType();
    // The cache's type changes under this cast, which then folds away.
    Value cache = op.getCache();
    Value handle = UnrealizedConversionCastOp::create(b, TypeRange(b.pointer),
                                                      ValueRange(cache))
                       .getResult(0);
    Value sequences =
        b.field(b.getI64Type(), handle, offsetof(CompressCache, sequences));
    Value capacity =
        b.field(b.getI64Type(), handle, offsetof(CompressCache, capacity));
    // One layer's part of a side whose sequences have so many blocks.
    auto layerOf = [&](const EncodingSpec &spec, CacheSide side,
                       Value positions, int64_t field, Value result) {
      CacheBlockLayout layout =
          getCacheBlockLayout(spec, type.getHeadDim(), side);
      Value blocks =
          LLVM::UDivOp::create(b, LLVM::MulOp::create(b, sequences, positions),
                               b.i64(layout.positions));
      Value perLayer =
          LLVM::MulOp::create(b, blocks, b.i64(type.getHeads() * layout.bytes));
      Value offset = LLVM::MulOp::create(b, perLayer, b.toI64(op.getLayer()));
      auto memref = cast<MemRefType>(result.getType());
      Value data = b.field(b.pointer, handle, field);
      Value at = LLVM::GEPOp::create(b, b.pointer, memref.getElementType(),
                                     data, ArrayRef<LLVM::GEPArg>{offset});
      result.replaceAllUsesWith(b.makeMemRef(memref, at, perLayer));
    };
    layerOf(type.getSpec(CacheSide::Keys), CacheSide::Keys, capacity,
            offsetof(CompressCache, keys), op.getKeys());
    layerOf(type.getSpec(CacheSide::Values), CacheSide::Values, capacity,
            offsetof(CompressCache, values), op.getValues());
    layerOf(getRecentSpec(), CacheSide::Keys,
            b.i64(getRecentPositions(type.getKeyGroup())),
            offsetof(CompressCache, recent), op.getRecent());
    op.getCapacity().replaceAllUsesWith(b.toIndex(capacity));
    op.erase();
  }

  void lowerContextOps(func::FuncOp func, Value context, Value threadNumber,
                       Value threadCount) {
    func.walk([&](Operation *op) {
      ABIBuilder b(op->getLoc(), op);
      if (auto parameter = dyn_cast<ParameterOp>(op)) {
        Value table =
            b.field(b.pointer, context, offsetof(CompressContext, parameters));
        Value data =
            b.field(b.pointer, table, parameter.getIndex() * sizeof(void *));
        auto type = cast<MemRefType>(parameter.getType());
        // Counts that only the data knows (blocks that are not zero) bound no
        // access; any size that is large enough will do.
        SmallVector<Value> sizes(type.getNumDynamicDims(), b.i64(INT32_MAX));
        parameter.replaceAllUsesWith(b.makeMemRef(type, data, sizes));
        parameter.erase();
      } else if (auto workspace = dyn_cast<WorkspaceOp>(op)) {
        Value data =
            b.field(b.pointer, context, offsetof(CompressContext, workspace));
        auto type = cast<MemRefType>(workspace.getType());
        workspace.replaceAllUsesWith(
            b.makeMemRef(type, data, b.i64(INT64_MAX)));
        workspace.erase();
      } else if (auto thread = dyn_cast<ThreadOp>(op)) {
        thread.getThread().replaceAllUsesWith(b.toIndex(threadNumber));
        thread.getThreads().replaceAllUsesWith(b.toIndex(threadCount));
        thread.erase();
      } else if (isa<BarrierOp>(op)) {
        Value barrier =
            b.field(b.pointer, context, offsetof(CompressContext, barrier));
        auto type =
            LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                        {b.pointer, b.getI64Type()});
        LLVM::CallOp::create(b, type,
                             ValueRange{barrier, context, threadNumber});
        op->erase();
      }
    });
  }

  /// Gives `func` the signature of CompressFunction.
  void lowerProgram(func::FuncOp func) {
    Block &body = func.getBody().front();
    unsigned count = body.getNumArguments();
    Location loc = func.getLoc();
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    Type i64 = IntegerType::get(&getContext(), 64);
    SmallVector<Type> types{pointer, pointer, i64, i64};
    SmallVector<Value> fresh;
    for (Type type : types)
      fresh.push_back(body.addArgument(type, loc));
    ABIBuilder b(loc, &body);
    for (unsigned i = 0; i < count; ++i) {
      Value argument = body.getArgument(i);
      argument.replaceAllUsesWith(
          readArgument(b, argument.getType(), fresh[1], i, false));
    }
    body.eraseArguments(0, count);
    func.setFunctionType(FunctionType::get(&getContext(), types, {}));
    func.removeArgAttrsAttr();
    func.setSymName(("compress_" + func.getSymName()).str());
    lowerContextOps(func, body.getArgument(0), body.getArgument(2),
                    body.getArgument(3));
  }

  /// Gives `func` the signature of CompressWorkspace.
  void lowerWorkspace(func::FuncOp func) {
    Block &body = func.getBody().front();
    unsigned count = body.getNumArguments();
    Location loc = func.getLoc();
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    Type i64 = IntegerType::get(&getContext(), 64);
    Value arguments = body.addArgument(pointer, loc);
    Value threads = body.addArgument(i64, loc);
    ABIBuilder b(loc, &body);
    for (unsigned i = 0; i + 1 < count; ++i) {
      Value argument = body.getArgument(i);
      argument.replaceAllUsesWith(
          readArgument(b, argument.getType(), arguments, i, true));
    }
    body.getArgument(count - 1).replaceAllUsesWith(b.toIndex(threads));
    body.eraseArguments(0, count);
    auto ret = cast<func::ReturnOp>(body.getTerminator());
    ABIBuilder end(loc, ret);
    ret.setOperand(0, end.toI64(ret.getOperand(0)));
    func.setFunctionType(
        FunctionType::get(&getContext(), {pointer, i64}, {i64}));
    func.setSymName(("compress_" + func.getSymName()).str());
    func->removeAttr("compress.workspace_of");
  }

  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp func : functions)
      convertCaches(func);
    for (func::FuncOp func : functions) {
      if (!func.isPublic() || func.isExternal())
        continue;
      if (func->hasAttr("compress.workspace_of"))
        lowerWorkspace(func);
      else
        lowerProgram(func);
    }
  }
};

} // namespace
