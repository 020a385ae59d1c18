//===- SplitComponents.cpp - Encoded tensors to their stored parts --------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::compress {
#define GEN_PASS_DEF_SPLITCOMPONENTS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct ComponentConverter : TypeConverter {
  ComponentConverter() {
    addConversion([](Type type) { return type; });
    addConversion(
        [](RankedTensorType type,
           SmallVectorImpl<Type> &types) -> std::optional<LogicalResult> {
          if (!getEncoding(type))
            return std::nullopt;
          for (const Component &component : compress::getComponents(type))
            types.push_back(component.type);
          return success();
        });
    // Ops that still want the whole tensor get it assembled.
    addSourceMaterialization([](OpBuilder &b, RankedTensorType type,
                                ValueRange parts, Location loc) -> Value {
      return AssembleOp::create(b, loc, type, parts);
    });
    addTargetMaterialization([](OpBuilder &b, TypeRange types, ValueRange whole,
                                Location loc) -> SmallVector<Value> {
      if (whole.size() != 1 || !getEncoding(whole[0].getType()))
        return {};
      return ComponentsOp::create(b, loc, types, whole[0]).getResults();
    });
  }
};

struct SplitAssemble : OpConversionPattern<AssembleOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(AssembleOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithMultiple(op, {llvm::to_vector(op.getComponents())});
    return success();
  }
};

std::string getPartName(StringRef symbol, const Component &component) {
  return (symbol + "." + component.name).str();
}

struct SplitGlobal : OpConversionPattern<ml_program::GlobalOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ml_program::GlobalOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto parameter = dyn_cast_if_present<ParameterAttr>(op.getValueAttr());
    if (!parameter)
      return op.emitOpError("has an encoded type and no parameter as value; "
                            "run compress-outline-parameters first");
    for (const Component &part :
         compress::getComponents(cast<RankedTensorType>(op.getType()))) {
      auto value = ParameterAttr::get(
          getContext(), parameter.getArchive(), op.getSymName(),
          rewriter.getStringAttr(part.name), Attribute());
      ml_program::GlobalOp::create(
          rewriter, op.getLoc(), getPartName(op.getSymName(), part), part.type,
          op.getIsMutable(), value, op.getSymVisibilityAttr());
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct SplitLoad : OpConversionPattern<ml_program::GlobalLoadConstOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(ml_program::GlobalLoadConstOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    for (const Component &part :
         compress::getComponents(cast<RankedTensorType>(op.getType())))
      parts.push_back(ml_program::GlobalLoadConstOp::create(
          rewriter, op.getLoc(), part.type,
          FlatSymbolRefAttr::get(
              getContext(),
              getPartName(op.getGlobal().getLeafReference(), part))));
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

struct SplitEmpty : OpConversionPattern<tensor::EmptyOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(tensor::EmptyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    // Every component keeps the dynamic leading dimensions; the last one, along
    // which codes are packed, is static.
    SmallVector<Value> parts;
    for (const Component &part : compress::getComponents(op.getType())) {
      if (part.type.getNumDynamicDims() != op.getDynamicSizes().size())
        return op.emitOpError("can't size component '")
               << part.name << "' of " << op.getType();
      parts.push_back(tensor::EmptyOp::create(rewriter, op.getLoc(), part.type,
                                              op.getDynamicSizes()));
    }
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

SmallVector<Value> flatten(ArrayRef<ValueRange> values) {
  SmallVector<Value> flat;
  for (ValueRange range : values)
    llvm::append_range(flat, range);
  return flat;
}

struct SplitGroup : OpConversionPattern<GroupOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(GroupOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Value> inputs = flatten(adaptor.getInputs());
    SmallVector<Value> inits = flatten(adaptor.getInits());
    SmallVector<Type> types;
    SmallVector<size_t> counts;
    for (Type type : op.getResultTypes()) {
      size_t before = types.size();
      if (failed(getTypeConverter()->convertType(type, types)))
        return failure();
      counts.push_back(types.size() - before);
    }
    auto split = GroupOp::create(rewriter, op.getLoc(), types, inputs, inits,
                                 op.getStrategyAttr());
    split->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    moveBody(op, split, rewriter);
    SmallVector<SmallVector<Value>> results;
    auto next = split.getResults().begin();
    for (size_t count : counts) {
      results.emplace_back(next, next + count);
      next += count;
    }
    rewriter.replaceOpWithMultiple(op, std::move(results));
    return success();
  }

private:
  /// Arguments of encoded type become their components, assembled first thing;
  /// encoded results are taken apart last thing.
  void moveBody(GroupOp from, GroupOp to, OpBuilder &b) const {
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&to.getBody());
    IRMapping map;
    for (BlockArgument argument : from.getBlock().getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (!type || !getEncoding(type)) {
        map.map(argument,
                block->addArgument(argument.getType(), argument.getLoc()));
        continue;
      }
      SmallVector<Value> parts;
      for (const Component &part : compress::getComponents(type))
        parts.push_back(block->addArgument(part.type, argument.getLoc()));
      map.map(argument, AssembleOp::create(b, argument.getLoc(), type, parts));
    }
    for (Operation &op : from.getBlock().without_terminator())
      b.clone(op, map);
    SmallVector<Value> yielded;
    for (Value value : from.getYielded()) {
      auto type = cast<RankedTensorType>(value.getType());
      if (!getEncoding(type)) {
        yielded.push_back(map.lookup(value));
        continue;
      }
      SmallVector<Type> types;
      for (const Component &part : compress::getComponents(type))
        types.push_back(part.type);
      auto parts =
          ComponentsOp::create(b, value.getLoc(), types, map.lookup(value));
      llvm::append_range(yielded, parts.getResults());
    }
    YieldOp::create(b, from.getLoc(), yielded);
  }
};

struct SplitComponents : compress::impl::SplitComponentsBase<SplitComponents> {
  void runOnOperation() override {
    ComponentConverter converter;
    RewritePatternSet patterns(&getContext());
    ConversionTarget target(getContext());
    auto isPlain = [](Type type) { return !getEncoding(type); };
    auto hasPlainTypes = [=](Operation *op) {
      return llvm::all_of(op->getOperandTypes(), isPlain) &&
             llvm::all_of(op->getResultTypes(), isPlain);
    };
    target.addDynamicallyLegalOp<func::FuncOp>([=](func::FuncOp op) {
      return llvm::all_of(op.getArgumentTypes(), isPlain) &&
             llvm::all_of(op.getResultTypes(), isPlain);
    });
    target.addDynamicallyLegalOp<func::CallOp, func::ReturnOp,
                                 ml_program::GlobalLoadConstOp, GroupOp,
                                 tensor::EmptyOp>(hasPlainTypes);
    target.addDynamicallyLegalOp<ml_program::GlobalOp>(
        [=](ml_program::GlobalOp op) { return isPlain(op.getType()); });
    // Everything else keeps the whole tensor, behind an assemble op. Assemble
    // and components themselves stay legal: materializations make them.
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });

    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                   converter);
    populateCallOpTypeConversionPattern(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    patterns.add<SplitAssemble, SplitGlobal, SplitLoad, SplitEmpty, SplitGroup>(
        converter, &getContext());
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
