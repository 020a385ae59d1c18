//===- StoredBlocks.cpp - How many blocks a kernel reads ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StoredBlocks.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Encoding/Layout.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// The type of a component of which `rows` rows, as the tensor's first
/// dimension counts them, are stored.
static RankedTensorType getStoredType(RankedTensorType open,
                                      const ComponentSpec &component,
                                      const ComponentLayout &layout,
                                      int64_t rows) {
  int64_t own = rows / layout.divisor.front();
  if (open.getRank() == static_cast<int64_t>(component.shape.size()) &&
      layout.alignedRows) {
    SmallVector<int64_t> shape(component.shape);
    shape.front() = own;
    return open.clone(shape);
  }
  int64_t rowBytes = llvm::divideCeil(
      component.logicalShape.back() * component.number.getBits(), 8);
  ComponentLayout stored = layout.getStored(component, own * rowBytes);
  int64_t bits = std::max(layout.type.getBits(), 8u);
  return open.clone({stored.getBytes() * 8 / bits});
}

StoredBlocks StoredBlocks::fix(func::FuncOp kernel, double share) {
  StoredBlocks found;
  kernel.walk([&](AssembleOp assemble) {
    auto type = cast<RankedTensorType>(assemble.getResult().getType());
    EncodingAttrInterface encoding = getEncoding(type);
    EncodingSpec spec = encoding.getSpec();
    auto group = dyn_cast<GroupOp>(assemble->getParentOp());
    if (spec.kind != EncodingSpec::Kind::Block || !group ||
        !type.hasStaticShape())
      return;
    auto offsets =
        cast<RankedTensorType>(assemble.getComponents()[0].getType());
    int64_t rows = offsets.getNumElements() - 1;
    int64_t all =
        rows * llvm::divideCeil(type.getShape().back(), spec.block.back());
    auto columns =
        cast<RankedTensorType>(assemble.getComponents()[1].getType());
    int64_t count = columns.hasStaticShape()
                        ? columns.getNumElements()
                        : std::llround(share * static_cast<double>(all));
    found.isKnown &= columns.hasStaticShape();
    auto specs = compress::getComponents(spec, type.getShape());
    auto layouts = encoding.getLayouts(type.getShape());
    for (auto [i, part] : llvm::enumerate(assemble.getComponents())) {
      auto inner = dyn_cast<BlockArgument>(part);
      auto outer =
          inner
              ? dyn_cast<BlockArgument>(group.getInputs()[inner.getArgNumber()])
              : BlockArgument();
      if (!outer)
        continue;
      if (i == 0)
        found.perRow[outer.getArgNumber()] =
            static_cast<double>(count) / static_cast<double>(rows);
      auto open = cast<RankedTensorType>(part.getType());
      if (open.hasStaticShape())
        continue;
      const ComponentLayout &layout = layouts[i];
      RankedTensorType stored =
          getStoredType(open, specs[layout.source], layout,
                        i == 1 ? count : count * spec.block.front());
      inner.setType(stored);
      outer.setType(
          MemRefType::get(stored.getShape(), stored.getElementType()));
    }
    kernel.setType(FunctionType::get(kernel.getContext(),
                                     kernel.getArgumentTypes(),
                                     kernel.getResultTypes()));
  });
  return found;
}
