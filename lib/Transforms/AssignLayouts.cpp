//===- AssignLayouts.cpp - Chooses where weights lie ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"

namespace mlir::compress {
#define GEN_PASS_DEF_ASSIGNLAYOUTS
#include "compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The uses of a value and of what lm.gather_experts takes from it.
static void forReaders(Value value, function_ref<void(OpOperand &)> visit) {
  for (OpOperand &use : value.getUses())
    if (auto gather = dyn_cast<lm::GatherExpertsOp>(use.getOwner()))
      forReaders(gather.getResult(), visit);
    else
      visit(use);
}

namespace {

struct AssignLayouts : compress::impl::AssignLayoutsBase<AssignLayouts> {
  using AssignLayoutsBase::AssignLayoutsBase;

  /// The panels in which the contraction that `use` belongs to reads its
  /// operand, if it does.
  std::optional<PanelLayout> getWantedPanel(OpOperand &use) {
    std::optional<Contraction> contraction = getContraction(use.getOwner());
    if (!contraction)
      return std::nullopt;
    // Either operand may be the weight.
    bool isRhs = contraction->rhs->get() == use.get();
    int64_t rows =
        contraction->getDim(&use, isRhs ? contraction->n : contraction->m);
    int64_t reduction = contraction->getDim(&use, contraction->k);
    if (rows < 0 || reduction < 0)
      return std::nullopt;
    return PanelLayout{panelRows, static_cast<unsigned>(rows),
                       static_cast<unsigned>(reduction)};
  }

  void assign(ml_program::GlobalOp global,
              ArrayRef<ml_program::GlobalLoadConstOp> loads) {
    auto type = dyn_cast<RankedTensorType>(global.getType());
    if (!type || type.getRank() < 2)
      return;
    std::optional<PanelLayout> panel;
    for (ml_program::GlobalLoadConstOp load : loads)
      forReaders(load.getResult(), [&](OpOperand &use) {
        if (!panel)
          panel = getWantedPanel(use);
      });
    EncodingAttrInterface encoding = getEncoding(type);
    if (!panel || (encoding && encoding.isLaidOut()))
      return;
    if (!encoding)
      encoding = quantized::FloatAttr::get(&getContext(), type.getElementType(),
                                           DenseI64ArrayAttr(), Attribute());
    // Structure along the last dimension can be read in panels only if that is
    // what the contraction sums over.
    EncodingSpec spec = encoding.getSpec();
    bool alongRows =
        !spec.isNumberFormat() && panel->reductionDim + 1 != type.getRank();
    if (alongRows || !isPanelCompatible(spec, type.getShape(), *panel)) {
      ++numCanonical;
      return;
    }
    auto laidOut = PanelAttr::get(&getContext(), encoding, panel->rows,
                                  panel->rowDim, panel->reductionDim);
    keepStored(global, getEncoding(type));
    global.setType(withEncoding(type, laidOut));
    for (ml_program::GlobalLoadConstOp load : loads)
      load.getResult().setType(cast<RankedTensorType>(global.getType()));
    ++numPanels;
  }

  /// What the archive holds stays as it is: the parameter remembers it.
  void keepStored(ml_program::GlobalOp global, EncodingAttrInterface encoding) {
    auto parameter = dyn_cast_if_present<ParameterAttr>(global.getValueAttr());
    if (!parameter || parameter.getStored())
      return;
    auto stored = encoding ? Attribute(encoding)
                           : Attribute(quantized::FloatAttr::get(
                                 &getContext(), Float32Type::get(&getContext()),
                                 DenseI64ArrayAttr(), Attribute()));
    global.setValueAttr(ParameterAttr::get(
        &getContext(), parameter.getArchive(), parameter.getKey(),
        parameter.getComponent(), stored));
  }

  void runOnOperation() override {
    llvm::MapVector<StringAttr, SmallVector<ml_program::GlobalLoadConstOp>>
        loads;
    getOperation().walk([&](ml_program::GlobalLoadConstOp load) {
      loads[load.getGlobal().getLeafReference()].push_back(load);
    });
    for (auto global : getOperation().getOps<ml_program::GlobalOp>())
      if (auto found = loads.find(global.getSymNameAttr());
          found != loads.end() && !global.getIsMutable())
        assign(global, found->second);
  }
};

} // namespace
