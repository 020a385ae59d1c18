//===- StrategyReport.cpp - What was chosen for a program -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/CPU/StrategyReport.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Codegen/Passes.h"
#include "compress/Dialect/LM/IR/LM.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/Format.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PRINTSTRATEGY
#include "compress/Codegen/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static constexpr size_t kClasses = std::size(kRowClasses);

namespace {

/// Adds up kernels that run one after the other.
class CallSum {
public:
  CallSum(const MachineModel &machine, Resource level)
      : machine(machine), level(level) {}

  void add(const KernelCost &cost, int64_t calls) {
    KernelCost::Time time = cost.getTime(machine, level);
    double seconds = time.seconds * static_cast<double>(calls);
    total.seconds += seconds;
    share[static_cast<unsigned>(time.limit)] += seconds;
    total.bytes += cost.bytes * calls;
    total.isLeast |= cost.isLeast;
    total.isShare |= cost.isShare;
  }
  CallCost get() {
    total.limit =
        static_cast<Resource>(llvm::max_element(share) - share.begin());
    return total;
  }

private:
  const MachineModel &machine;
  Resource level;
  CallCost total;
  std::array<double, kNumResources> share{};
};

struct KernelEntry {
  func::FuncOp func;
  GroupOp group;
  int64_t calls = 0;
  RowClassCosts costs;
};

/// A program's kernels, by name, in the module's order.
class Report {
public:
  Report(ModuleOp module, const CPUTarget &target, const MachineModel &machine,
         llvm::raw_ostream &os)
      : module(module), target(target), machine(machine), os(os) {}
  LogicalResult run();

private:
  LogicalResult estimate();
  void countCalls();
  void printHeader();
  void printKernel(KernelEntry &entry);
  void printFunction(func::FuncOp func);
  /// One line of a table.
  void printTime(int64_t rows, double seconds, StringRef limit, int64_t bytes,
                 StringRef bound);

  ModuleOp module;
  const CPUTarget &target;
  const MachineModel &machine;
  llvm::raw_ostream &os;
  llvm::MapVector<StringAttr, KernelEntry> kernels;
  llvm::MapVector<func::FuncOp, llvm::MapVector<StringAttr, int64_t>> callers;
  Resource level = Resource::Memory;
};

} // namespace

static std::string formatSeconds(double seconds) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (seconds < 1e-3)
    stream << llvm::format("%.2f us", seconds * 1e6);
  else if (seconds < 1)
    stream << llvm::format("%.2f ms", seconds * 1e3);
  else
    stream << llvm::format("%.2f s", seconds);
  return text;
}

static std::string formatSize(int64_t bytes) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  auto size = static_cast<double>(bytes);
  if (size < 1e3)
    stream << bytes << " B";
  else if (size < 1e6)
    stream << llvm::format("%.2f kB", size / 1e3);
  else
    stream << llvm::format("%.2f MB", size / 1e6);
  return text;
}

/// `[? x 64] affine<...>`, an operand's shape and how it is stored.
static std::string describe(RankedTensorType type) {
  std::string text = "[";
  llvm::raw_string_ostream stream(text);
  llvm::interleave(
      type.getShape(), stream,
      [&](int64_t size) {
        if (ShapedType::isDynamic(size))
          stream << "?";
        else
          stream << size;
      },
      " x ");
  stream << "] ";
  if (EncodingAttrInterface encoding = getEncoding(type))
    stream << str(encoding.getSpec());
  else
    stream << type.getElementType();
  return text;
}

/// The group's ops, and the operands of a contraction among them.
static void describeGroup(GroupOp group, llvm::raw_ostream &os) {
  SmallVector<StringRef> names;
  std::optional<Contraction> contraction;
  for (Operation &op : group.getBlock().without_terminator()) {
    StringRef dialect = op.getName().getDialectNamespace();
    if (isa<AssembleOp, ComponentsOp, linalg::FillOp>(op) ||
        dialect == "arith" || dialect == "tensor")
      continue;
    names.push_back(op.getName().stripDialect());
    if (!contraction)
      contraction = getContraction(&op);
  }
  os << "  computes " << (names.empty() ? "copies" : llvm::join(names, ", "))
     << "\n";
  if (contraction)
    os << "  of       " << describe(contraction->getLhsType())
       << "\n  with     " << describe(contraction->getRhsType()) << "\n";
}

static void describeStrategy(StrategyAttr strategy, llvm::raw_ostream &os) {
  os << "  strategy form " << stringifyFormKind(strategy.getForm()) << ", dot "
     << stringifyDotKind(strategy.getDot()) << ", lanes " << strategy.getLanes()
     << ", tile " << strategy.getTile() << ", panels " << strategy.getPanels();
  if (strategy.getPrefetch() || strategy.getTilePrefetch())
    os << ", prefetch " << strategy.getPrefetch() << " (one row) and "
       << strategy.getTilePrefetch() << " (tiles)";
  os << "\n";
}

//===----------------------------------------------------------------------===//
// Report
//===----------------------------------------------------------------------===//

LogicalResult Report::estimate() {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func->hasAttr("compress.kernel"))
      continue;
    auto groups = func.getOps<GroupOp>();
    if (groups.empty())
      return func.emitOpError(
          "has no group; strategies are printed before groups are lowered");
    KernelEntry &entry = kernels[func.getSymNameAttr()];
    entry.func = func;
    entry.group = *groups.begin();
    FailureOr<RowClassCosts> costs = estimateRowClasses(func, target, machine);
    if (failed(costs))
      return failure();
    entry.costs = *costs;
  }
  return success();
}

void Report::countCalls() {
  int64_t most = 0;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func->hasAttr("compress.kernel"))
      continue;
    int64_t bytes = 0;
    func.walk([&](func::CallOp call) {
      auto it = kernels.find(call.getCalleeAttr().getAttr());
      if (it == kernels.end())
        return;
      ++it->second.calls;
      ++callers[func][it->first];
      bytes += it->second.costs.front().bytes;
    });
    most = std::max(most, bytes);
  }
  // Kernels that nobody calls are looked at alone.
  if (callers.empty())
    for (auto &[name, entry] : kernels)
      most += entry.costs.front().bytes;
  level = machine.getLevel(most);
}

void Report::printHeader() {
  os << "strategies for " << target.cpu << " (" << machine.family
     << "): " << target.getLanes() << " lanes, " << target.getRegisters()
     << " registers, " << llvm::format("%.2f", machine.clock)
     << " GHz; one thread reads parameters from " << str(level) << " at "
     << llvm::format("%.1f", machine.getBandwidth(level)) << " GB/s\n";
}

/// What of the size of a sum is known: it is a least one where loops count
/// once, a largest one where all blocks do.
template <typename Cost> static StringRef getBound(const Cost &cost) {
  if (cost.isLeast && cost.isShare)
    return "~ ";
  return cost.isLeast ? ">= " : cost.isShare ? "<= " : "";
}

void Report::printTime(int64_t rows, double seconds, StringRef limit,
                       int64_t bytes, StringRef bound) {
  std::string time = bound.str() + formatSeconds(seconds);
  os << llvm::format("  %6lld rows %14s  %-9s %12s a row\n",
                     static_cast<long long>(rows), time.c_str(),
                     limit.str().c_str(), formatSize(bytes / rows).c_str());
}

void Report::printKernel(KernelEntry &entry) {
  os << "\n"
     << entry.func.getSymName() << ": called " << entry.calls
     << (entry.calls == 1 ? " time\n" : " times\n");
  describeGroup(entry.group, os);
  describeStrategy(*entry.group.getStrategy(), os);
  for (auto [rows, cost] : llvm::zip_equal(kRowClasses, entry.costs)) {
    KernelCost::Time time = cost.getTime(machine, level);
    printTime(rows, time.seconds, str(time.limit), cost.bytes, getBound(cost));
  }
}

void Report::printFunction(func::FuncOp func) {
  os << "\nall calls of " << func.getSymName() << "\n";
  for (size_t i = 0; i < kClasses; ++i) {
    CallSum sum(machine, level);
    for (auto [name, calls] : callers[func])
      sum.add(kernels[name].costs[i], calls);
    CallCost cost = sum.get();
    printTime(kRowClasses[i], cost.seconds, str(cost.limit), cost.bytes,
              getBound(cost));
  }
}

LogicalResult Report::run() {
  if (failed(estimate()))
    return failure();
  countCalls();
  printHeader();
  for (auto &[name, entry] : kernels)
    printKernel(entry);
  for (auto &[func, calls] : callers)
    printFunction(func);
  return success();
}

FailureOr<CallCost> compress::estimateCall(func::FuncOp function,
                                           const CPUTarget &target,
                                           const MachineModel &machine,
                                           const KernelSizes &sizes,
                                           Resource level) {
  auto module = function->getParentOfType<ModuleOp>();
  llvm::MapVector<StringAttr, int64_t> calls;
  function.walk(
      [&](func::CallOp call) { ++calls[call.getCalleeAttr().getAttr()]; });
  CallSum sum(machine, level);
  for (auto [name, count] : calls) {
    auto kernel = module.lookupSymbol<func::FuncOp>(name);
    if (!kernel || !kernel->hasAttr("compress.kernel"))
      continue;
    FailureOr<KernelCost> cost = estimateKernel(kernel, target, machine, sizes);
    if (failed(cost))
      return failure();
    sum.add(*cost, count);
  }
  return sum.get();
}

LogicalResult compress::reportStrategies(ModuleOp module,
                                         const CPUTarget &target,
                                         const MachineModel &machine,
                                         llvm::raw_ostream &os) {
  return Report(module, target, machine, os).run();
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

namespace {

struct PrintStrategy : compress::impl::PrintStrategyBase<PrintStrategy> {
  using PrintStrategyBase::PrintStrategyBase;

  void runOnOperation() override {
    llvm::Expected<CPUTarget> parsed = CPUTarget::parse(target);
    if (!parsed) {
      getOperation().emitError(llvm::toString(parsed.takeError()));
      return signalPassFailure();
    }
    MachineModel machine = MachineModel::get(*parsed, {clock, bandwidth});
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (failed(reportStrategies(getOperation(), *parsed, machine, stream)))
      return signalPassFailure();
    llvm::errs() << text;
    markAllAnalysesPreserved();
  }
};

} // namespace
