//===- Object.cpp - From modules to machine code --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Codegen.h"

#include "compress/Codegen/CPU/StrategyReport.h"
#include "compress/Codegen/Common/MachineCode.h"
#include "compress/Codegen/Passes.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/InitAllDialects.h"
#include "compress/Pipelines/CPUPipeline.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::compress;

void compress::registerCodegenDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  compress::registerAllDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

static std::optional<ElementType> getElementType(Type type) {
  if (type.isF32())
    return ElementType::F32;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isInteger(8))
    return ElementType::I8;
  if (type.isInteger(32))
    return ElementType::I32;
  if (type.isInteger(64))
    return ElementType::I64;
  return std::nullopt;
}

/// Appends the tensors that `type` is passed as: itself, or its components.
/// `sizes` names the dynamic ones, if it is there.
static LogicalResult appendValues(StringRef name, Type type, ArrayAttr sizes,
                                  std::vector<ValueSignature> &values) {
  ValueSignature value;
  value.name = name.str();
  if (isa<lm::CacheType>(type)) {
    value.isCache = true;
    values.push_back(value);
    return success();
  }
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return failure();
  if (getEncoding(tensor)) {
    for (const Component &part : compress::getComponents(tensor))
      if (failed(appendValues((name + "." + part.name).str(), part.type,
                              ArrayAttr(), values)))
        return failure();
    return success();
  }
  std::optional<ElementType> element = getElementType(tensor.getElementType());
  if (!element)
    return failure();
  value.element = *element;
  for (auto [i, size] : llvm::enumerate(tensor.getShape())) {
    bool isDynamic = ShapedType::isDynamic(size);
    StringRef symbol;
    if (isDynamic && sizes && i < sizes.size())
      if (auto given = dyn_cast<StringAttr>(sizes[i]))
        symbol = given.getValue();
    value.shape.push_back({isDynamic ? -1 : size, symbol.str()});
  }
  values.push_back(value);
  return success();
}

static std::string getValueName(DictionaryAttr attributes, StringRef kind,
                                unsigned i) {
  if (attributes)
    if (auto name = attributes.getAs<StringAttr>("compress.name"))
      return name.getValue().str();
  return (kind + llvm::Twine(i)).str();
}

llvm::Expected<std::vector<FunctionSignature>>
compress::getSignatures(ModuleOp module) {
  std::vector<FunctionSignature> signatures;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isExternal())
      continue;
    FunctionSignature signature;
    signature.name = func.getSymName().str();
    auto append = [&](ArrayRef<Type> types, StringRef kind, bool isArgument,
                      std::vector<ValueSignature> &values) -> llvm::Error {
      for (auto [i, type] : llvm::enumerate(types)) {
        DictionaryAttr attributes =
            isArgument ? func.getArgAttrDict(i) : func.getResultAttrDict(i);
        auto sizes = attributes ? attributes.getAs<ArrayAttr>("compress.sizes")
                                : ArrayAttr();
        if (failed(appendValues(getValueName(attributes, kind, i), type, sizes,
                                values))) {
          std::string text;
          llvm::raw_string_ostream(text) << type;
          return llvm::createStringError(
              "function '" + signature.name + "': " + kind + " " +
              llvm::Twine(i) + " has type " + text +
              "; programs take and give tensors of f32, f16, bf16, i8, i32 or "
              "i64, and caches");
        }
      }
      return llvm::Error::success();
    };
    if (llvm::Error error = append(func.getArgumentTypes(), "argument", true,
                                   signature.arguments))
      return std::move(error);
    if (llvm::Error error =
            append(func.getResultTypes(), "result", false, signature.results))
      return std::move(error);
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
makeTargetMachine(const CPUTarget &target) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  llvm::Triple triple(target.triple);
  std::string message;
  const llvm::Target *found =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!found)
    return llvm::createStringError("no code for " + target.triple + ": " +
                                   message);
  std::string features;
  for (const std::string &feature : target.features)
    features += (features.empty() ? "+" : ",+") + feature;
  llvm::TargetOptions options;
  // Sums are contracted where the program says so, and nowhere else.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.cpu, features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

namespace {
/// A module on its way to code, with what it was made in.
struct Lowered {
  OwningOpRef<ModuleOp> module;
  std::vector<ParameterEntry> parameters;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> llvmModule;
  std::unique_ptr<llvm::TargetMachine> machine;
};
} // namespace

/// The target in the words of the pipelines' option.
static std::string getText(const CPUTarget &target) {
  std::string text = target.cpu;
  for (const std::string &feature : target.features)
    text += "+" + feature;
  return text;
}

/// Runs `run`; the error has what it reported.
static llvm::Error collectErrors(MLIRContext *context,
                                 llvm::function_ref<LogicalResult()> run) {
  std::string messages;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    llvm::raw_string_ostream stream(messages);
    if (!messages.empty())
      stream << "\n";
    if (!isa<UnknownLoc>(diagnostic.getLocation()))
      stream << diagnostic.getLocation() << ": ";
    stream << diagnostic.str();
    return success();
  });
  if (succeeded(run()))
    return llvm::Error::success();
  return llvm::createStringError(
      messages.empty() ? "compilation failed without a message" : messages);
}

static llvm::Error runPipeline(ModuleOp module, const CPUTarget &target,
                               const CodegenOptions &wanted) {
  return collectErrors(module.getContext(), [&] {
    PassManager pm(module.getContext());
    pm.enableVerifier(false);
    CPUPipelineOptions options;
    options.target = getText(target);
    options.allowSlower = wanted.allowSlower;
    options.clock = wanted.machine.clock;
    options.bandwidth = wanted.machine.bandwidth;
    buildCPUPipeline(pm, options);
    return pm.run(module);
  });
}

/// Kernels are called from the entry points only. Those are long lists of
/// calls, one set per layer: nothing in them gains from optimization, which
/// would take longer than all kernels together.
static void prepareForLLVM(llvm::Function &function) {
  if (!function.getName().starts_with("compress_")) {
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    return;
  }
  function.addFnAttr(llvm::Attribute::NoInline);
  function.addFnAttr(llvm::Attribute::OptimizeNone);
}

static llvm::Expected<Lowered> lower(ModuleOp module, const CPUTarget &target,
                                     const CodegenOptions &options) {
  Lowered lowered;
  lowered.module = module.clone();
  if (llvm::Error error = runPipeline(*lowered.module, target, options))
    return std::move(error);
  if (auto table =
          (*lowered.module)->getAttrOfType<ArrayAttr>("compress.parameters"))
    for (auto parameter : table.getAsRange<ParameterAttr>())
      lowered.parameters.push_back(
          {parameter.getKey().str(), parameter.getComponent()
                                         ? parameter.getComponent().str()
                                         : std::string()});
  (*lowered.module)->removeAttr("compress.parameters");
  lowered.context = std::make_unique<llvm::LLVMContext>();
  lowered.llvmModule =
      translateModuleToLLVMIR(*lowered.module, *lowered.context, "compress");
  if (!lowered.llvmModule)
    return llvm::createStringError("the program could not be translated to "
                                   "LLVM IR; this is a defect of the compiler");
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      makeTargetMachine(target);
  if (!machine)
    return machine.takeError();
  lowered.machine = std::move(*machine);
  lowered.llvmModule->setDataLayout(lowered.machine->createDataLayout());
  lowered.llvmModule->setTargetTriple(lowered.machine->getTargetTriple());
  for (llvm::Function &function : *lowered.llvmModule)
    if (!function.isDeclaration())
      prepareForLLVM(function);
  optimize(*lowered.llvmModule, *lowered.machine);
  return lowered;
}

llvm::Expected<CompiledCode>
compress::compileToObject(ModuleOp module, const CPUTarget &target,
                          const CodegenOptions &options) {
  llvm::Expected<std::vector<FunctionSignature>> signatures =
      getSignatures(module);
  if (!signatures)
    return signatures.takeError();
  llvm::Expected<Lowered> lowered = lower(module, target, options);
  if (!lowered)
    return lowered.takeError();
  CompiledCode code;
  code.target = target;
  code.parameters = std::move(lowered->parameters);
  code.functions = std::move(*signatures);
  llvm::raw_svector_ostream stream(code.object);
  if (llvm::Error error = emitCode(*lowered->llvmModule, *lowered->machine,
                                   llvm::CodeGenFileType::ObjectFile, stream))
    return std::move(error);
  return code;
}

/// Runs `use` on a copy of the module in which kernels have strategies.
static llvm::Error
withStrategies(ModuleOp module, const CPUTarget &target,
               llvm::function_ref<LogicalResult(ModuleOp)> use) {
  OwningOpRef<ModuleOp> copy = module.clone();
  return collectErrors(module.getContext(), [&] {
    PassManager pm(module.getContext());
    pm.enableVerifier(false);
    buildKernelPipeline(pm);
    pm.addPass(createSelectStrategies({getText(target)}));
    pm.addPass(createVerifyStrategies({getText(target)}));
    return failure(failed(pm.run(*copy)) || failed(use(*copy)));
  });
}

llvm::Expected<std::string>
compress::describeStrategies(ModuleOp module, const CPUTarget &target,
                             const MachineOptions &machine) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::Error error = withStrategies(module, target, [&](ModuleOp kernels) {
        return reportStrategies(kernels, target,
                                MachineModel::get(target, machine), stream);
      }))
    return std::move(error);
  return text;
}

llvm::Expected<CallCost>
compress::predictCall(ModuleOp module, StringRef function,
                      const CPUTarget &target, const MachineModel &machine,
                      const KernelSizes &sizes, Resource level) {
  CallCost cost;
  llvm::Error error = withStrategies(module, target, [&](ModuleOp kernels) {
    auto func = kernels.lookupSymbol<func::FuncOp>(function);
    if (!func)
      return LogicalResult(kernels.emitError("has no function '")
                           << function << "'");
    FailureOr<CallCost> found =
        estimateCall(func, target, machine, sizes, level);
    if (succeeded(found))
      cost = *found;
    return LogicalResult(found);
  });
  if (error)
    return std::move(error);
  return cost;
}

llvm::Expected<std::string>
compress::compileToText(ModuleOp module, const CPUTarget &target, CodeForm form,
                        const CodegenOptions &options) {
  llvm::Expected<Lowered> lowered = lower(module, target, options);
  if (!lowered)
    return lowered.takeError();
  std::string text;
  if (form == CodeForm::LLVMIR) {
    llvm::raw_string_ostream stream(text);
    lowered->llvmModule->print(stream, nullptr);
    return text;
  }
  llvm::SmallString<0> assembly;
  llvm::raw_svector_ostream stream(assembly);
  if (llvm::Error error = emitCode(*lowered->llvmModule, *lowered->machine,
                                   llvm::CodeGenFileType::AssemblyFile, stream))
    return std::move(error);
  return assembly.str().str();
}
