//===- VerifySparsity.cpp - Structure that pays, or is refused ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "compress/Codegen/CPU/KernelCost.h"
#include "compress/Codegen/Passes.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Transforms/DenseEncoding.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/Format.h"

namespace mlir::compress {
#define GEN_PASS_DEF_VERIFYSPARSITY
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

/// A contraction of a kernel whose weights have structure, and the same weights
/// without it.
struct StructuredWeight {
  Contraction contraction;
  AssembleOp weight;
  EncodingAttrInterface dense;
};

/// What it takes to store and to multiply a weight.
struct WeightCost {
  int64_t bytes = 0;
  /// By kRowClasses; structure that makes any of them faster pays.
  std::array<KernelCost::Time, std::size(kRowClasses)> times;
  bool isLeast = false;
};

struct VerifySparsity : compress::impl::VerifySparsityBase<VerifySparsity> {
  using VerifySparsityBase::VerifySparsityBase;

  LogicalResult verify(func::FuncOp kernel, const CPUTarget &target,
                       const MachineModel &machine);
  void report(func::FuncOp kernel, const StructuredWeight &found,
              const WeightCost &structured, const WeightCost &dense);

  void runOnOperation() override {
    llvm::Expected<CPUTarget> parsed = CPUTarget::parse(target);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    MachineModel machine = MachineModel::get(*parsed, {clock, bandwidth});
    // All that do not pay are told at once.
    bool isRefused = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr("compress.kernel"))
        isRefused |= failed(verify(func, *parsed, machine));
    if (isRefused)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// The same kernel with dense weights
//===----------------------------------------------------------------------===//

static std::optional<StructuredWeight> findStructured(GroupOp group) {
  for (Operation &op : group.getBlock()) {
    std::optional<Contraction> contraction = getContraction(&op);
    if (!contraction)
      continue;
    EncodingAttrInterface encoding = getEncoding(contraction->getRhsType());
    auto weight = contraction->rhs->get().getDefiningOp<AssembleOp>();
    if (!encoding || !weight)
      continue;
    if (EncodingAttrInterface dense = getDenseEncoding(encoding))
      return StructuredWeight{*contraction, weight, dense};
  }
  return std::nullopt;
}

/// The type of the weights without structure, in the panels that the
/// contraction wants.
static RankedTensorType getDenseType(const StructuredWeight &found) {
  const Contraction &contraction = found.contraction;
  RankedTensorType type = contraction.getRhsType();
  PanelLayout panel{
      kPanelRows,
      static_cast<unsigned>(contraction.getDim(contraction.rhs, contraction.n)),
      static_cast<unsigned>(
          contraction.getDim(contraction.rhs, contraction.k))};
  if (!isPanelCompatible(found.dense.getSpec(), type.getShape(), panel))
    return withEncoding(type, found.dense);
  return withEncoding(type,
                      PanelAttr::get(type.getContext(), found.dense, panel.rows,
                                     panel.rowDim, panel.reductionDim));
}

/// The kernel with weights of `type`, whose components are arguments before
/// those that say who runs it.
static func::FuncOp storeDense(func::FuncOp kernel, RankedTensorType type,
                               const CPUTarget &target) {
  func::FuncOp copy = kernel.clone();
  GroupOp group = *copy.getOps<GroupOp>().begin();
  AssembleOp weight = findStructured(group)->weight;
  SmallVector<Value> parts;
  for (const Component &component : compress::getComponents(type)) {
    unsigned at = copy.getNumArguments() - 3;
    auto buffer = MemRefType::get(component.type.getShape(),
                                  component.type.getElementType());
    (void)copy.insertArgument(at, buffer, DictionaryAttr(), weight.getLoc());
    group.getInputsMutable().append(copy.getArgument(at));
    parts.push_back(
        group.getBlock().addArgument(component.type, weight.getLoc()));
  }
  OpBuilder b(weight);
  auto dense = AssembleOp::create(b, weight.getLoc(), type, parts);
  weight.getResult().replaceAllUsesWith(dense.getResult());
  weight.erase();
  group.setStrategyAttr(selectStrategy(group, target));
  return copy;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static std::optional<int64_t> countBytes(ShapedType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// Bytes of the weight's buffers; nothing where a size is not known.
static std::optional<int64_t> countBytes(GroupOp group, AssembleOp weight) {
  int64_t total = 0;
  for (Value part : weight.getComponents()) {
    auto argument = dyn_cast<BlockArgument>(part);
    if (!argument)
      return std::nullopt;
    std::optional<int64_t> bytes = countBytes(
        cast<ShapedType>(group.getInputs()[argument.getArgNumber()].getType()));
    if (!bytes)
      return std::nullopt;
    total += *bytes;
  }
  return total;
}

static LogicalResult estimate(func::FuncOp kernel, const CPUTarget &target,
                              const MachineModel &machine, WeightCost &cost) {
  FailureOr<RowClassCosts> found = estimateRowClasses(kernel, target, machine);
  if (failed(found))
    return failure();
  for (auto [of, time] : llvm::zip_equal(*found, cost.times)) {
    time = of.getTime(machine, Resource::Memory);
    cost.isLeast |= of.isLeast;
  }
  return success();
}

static std::string describe(const WeightCost &cost) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << cost.bytes << " bytes, predicted ";
  llvm::interleaveComma(
      llvm::zip_equal(kRowClasses, cost.times), stream, [&](auto pair) {
        auto &[rows, time] = pair;
        stream << (cost.isLeast ? "at least " : "")
               << llvm::format("%.2f us for %lld row%s (%s)",
                               time.seconds * 1e6, static_cast<long long>(rows),
                               rows == 1 ? "" : "s",
                               str(time.limit).str().c_str());
      });
  return text;
}

/// The parameters that calls of the kernel give to the weight, as archive and
/// key; the first one, and how many more.
static std::pair<ParameterAttr, int64_t> findParameter(func::FuncOp kernel,
                                                       unsigned argument) {
  auto module = kernel->getParentOfType<ModuleOp>();
  auto table = module->getAttrOfType<ArrayAttr>("compress.parameters");
  ParameterAttr first;
  int64_t others = 0;
  module.walk([&](func::CallOp call) {
    if (!table || call.getCallee() != kernel.getSymName())
      return;
    auto parameter = call.getOperand(argument).getDefiningOp<ParameterOp>();
    if (!parameter)
      return;
    if (first)
      ++others;
    else
      first = cast<ParameterAttr>(table[parameter.getIndex()]);
  });
  return {first, others};
}

void VerifySparsity::report(func::FuncOp kernel, const StructuredWeight &found,
                            const WeightCost &structured,
                            const WeightCost &dense) {
  GroupOp group = *kernel.getOps<GroupOp>().begin();
  AssembleOp assemble = found.weight;
  auto part = cast<BlockArgument>(assemble.getComponents().front());
  auto argument =
      dyn_cast<BlockArgument>(group.getInputs()[part.getArgNumber()]);
  auto [parameter, others] =
      argument ? findParameter(kernel, argument.getArgNumber())
               : std::pair(ParameterAttr(), int64_t(0));
  std::string name = "a weight";
  if (parameter)
    name = (parameter.getArchive() + ": '" + parameter.getKey() + "'" +
            (others ? " and " + Twine(others) + " more" : Twine()))
               .str();
  InFlightDiagnostic diagnostic = mlir::emitError(group.getLoc());
  diagnostic << name << " of "
             << str(getEncoding(found.contraction.getRhsType()).getSpec())
             << " would be neither smaller nor faster than without its "
                "structure: "
             << describe(structured) << "; as " << found.dense << " "
             << describe(dense) << "; ";
  if (parameter)
    diagnostic << "store it so (--override '" << parameter.getKey() << "="
               << found.dense << "'), or allow it (--allow-slower)";
  else
    diagnostic << "store it so, or allow it (allow-slower)";
}

LogicalResult VerifySparsity::verify(func::FuncOp kernel,
                                     const CPUTarget &target,
                                     const MachineModel &machine) {
  for (auto group : kernel.getOps<GroupOp>()) {
    std::optional<StructuredWeight> found = findStructured(group);
    if (!found)
      continue;
    WeightCost structured, dense;
    std::optional<int64_t> bytes = countBytes(group, found->weight);
    RankedTensorType type = getDenseType(*found);
    for (const Component &component : compress::getComponents(type))
      dense.bytes += countBytes(component.type).value_or(0);
    // Where it is not known how many values are stored, nothing is said.
    if (!bytes || *bytes < dense.bytes) {
      ++numSmaller;
      continue;
    }
    structured.bytes = *bytes;
    OwningOpRef<func::FuncOp> other = storeDense(kernel, type, target);
    if (failed(estimate(kernel, target, machine, structured)) ||
        failed(estimate(*other, target, machine, dense)))
      return failure();
    bool isFaster = llvm::any_of(llvm::zip_equal(structured.times, dense.times),
                                 [](const auto &pair) {
                                   auto &[mine, theirs] = pair;
                                   return mine.seconds < theirs.seconds;
                                 });
    if (isFaster) {
      ++numFaster;
      continue;
    }
    report(kernel, *found, structured, dense);
    return failure();
  }
  return success();
}
