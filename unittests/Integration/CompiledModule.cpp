//===- CompiledModule.cpp - Runs a module compiled and interpreted --------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledModule.h"

#include "compress/JIT/JIT.h"
#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Transforms/Passes.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

CompiledModule::CompiledModule() : context(MLIRContext::Threading::DISABLED) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  context.appendDialectRegistry(registry);
}

RankedTensorType CompiledModule::getParameterType(StringRef symbol) {
  auto global = original->lookupSymbol<ml_program::GlobalOp>(symbol);
  return cast<RankedTensorType>(global.getType());
}

/// The bytes of one entry of the parameter table.
static llvm::Expected<AlignedBuffer>
layOut(const HostTensor &value, RankedTensorType type, StringRef component) {
  ArrayRef<uint8_t> source = value.getComponents().front();
  EncodingAttrInterface encoding = compress::getEncoding(type);
  if (!encoding) {
    llvm::Expected<AlignedBuffer> buffer =
        AlignedBuffer::create(source.size(), "a parameter");
    if (buffer)
      llvm::copy(source, buffer->get<uint8_t>());
    return buffer;
  }
  SmallVector<ComponentSpec> specs =
      getComponents(encoding.getSpec(), type.getShape());
  SmallVector<ComponentLayout> layouts = encoding.getLayouts(type.getShape());
  for (const ComponentLayout &layout : layouts) {
    if (layout.name != component)
      continue;
    source = value.getComponents()[layout.source];
    bool laidOut = encoding.isLaidOut();
    const ComponentSpec &spec = specs[layout.source];
    int64_t bytes = layout.getStored(spec, source.size()).getBytes();
    llvm::Expected<AlignedBuffer> buffer =
        AlignedBuffer::create(laidOut ? bytes : source.size(), "a parameter");
    if (!buffer)
      return buffer;
    if (laidOut)
      applyLayout(spec, layout, source,
                  {buffer->get<uint8_t>(), size_t(bytes)});
    else
      llvm::copy(source, buffer->get<uint8_t>());
    return buffer;
  }
  return llvm::createStringError("no component " + component);
}

llvm::Expected<AlignedBuffer>
CompiledModule::getParameter(StringRef symbol, StringRef component) {
  auto global = SymbolTable(*original).lookup<ml_program::GlobalOp>(symbol);
  return layOut(values[symbol.str()], cast<RankedTensorType>(global.getType()),
                component);
}

llvm::Error CompiledModule::compile(StringRef targetName) {
  llvm::Expected<CPUTarget> target = CPUTarget::parse(targetName);
  if (!target)
    return target.takeError();
  module = original->clone();
  PassManager pm(&context);
  pm.addPass(createAssignLayouts());
  if (failed(pm.run(*module)))
    return llvm::createStringError("assigning layouts failed");
  // Every form shall be right, also where it does not pay.
  CodegenOptions options;
  options.allowSlower = true;
  llvm::Expected<CompiledCode> compiled =
      compileToObject(*module, *target, options);
  if (!compiled)
    return compiled.takeError();
  code = std::move(*compiled);
  return llvm::Error::success();
}

llvm::Error CompiledModule::bind(std::map<std::string, HostTensor> parameters) {
  values = std::move(parameters);
  ProgramParts parts;
  auto buffers = std::make_shared<std::vector<AlignedBuffer>>();
  SymbolTable symbols(*module);
  for (const ParameterEntry &entry : code->parameters) {
    auto global = symbols.lookup<ml_program::GlobalOp>(entry.symbol);
    llvm::Expected<AlignedBuffer> buffer =
        layOut(values[entry.symbol], cast<RankedTensorType>(global.getType()),
               entry.component);
    if (!buffer)
      return buffer.takeError();
    parts.parameters.push_back({buffer->get(), buffer->size(), 1});
    buffers->push_back(std::move(*buffer));
  }
  parts.owners.push_back(buffers);
  llvm::Expected<std::unique_ptr<Program>> loaded =
      loadCode(*code, std::move(parts));
  if (!loaded)
    return loaded.takeError();
  program = std::move(*loaded);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<CompiledModule>>
CompiledModule::create(StringRef text, StringRef target,
                       const DialectRegistry &registry) {
  std::unique_ptr<CompiledModule> result(new CompiledModule());
  result->context.appendDialectRegistry(registry);
  result->original = parseSourceString<ModuleOp>(text, &result->context);
  if (!result->original)
    return llvm::createStringError("the module does not parse");
  if (llvm::Error error = result->compile(target))
    return std::move(error);
  return result;
}

llvm::Expected<std::vector<float>>
CompiledModule::run(StringRef function, ArrayRef<int64_t> shape,
                    ArrayRef<float> input, ArrayRef<int64_t> resultShape,
                    int64_t threads) {
  llvm::Expected<const ProgramFunction *> found = program->find(function);
  if (!found)
    return found.takeError();
  auto tensorOf = [](ArrayRef<int64_t> sizes, AlignedBuffer &buffer) {
    CompressTensor tensor{buffer.get(), {}};
    llvm::copy(sizes, tensor.sizes);
    return tensor;
  };
  int64_t count = 1;
  for (int64_t size : resultShape)
    count *= size;
  // Exactly as many bytes as there are values: reads beyond them are not seen
  // by the page, but the values behind are not zero.
  llvm::Expected<AlignedBuffer> in =
      AlignedBuffer::create(input.size() * 4 + 64, "an argument");
  if (!in)
    return in.takeError();
  llvm::Expected<AlignedBuffer> out =
      AlignedBuffer::create(count * 4 + 64, "a result");
  if (!out)
    return out.takeError();
  std::fill_n(in->get<float>(), in->size() / 4, NAN);
  std::fill_n(out->get<float>(), out->size() / 4, NAN);
  llvm::copy(input, in->get<float>());
  Executor executor(*program, threads);
  CompressTensor tensors[] = {tensorOf(shape, *in),
                              tensorOf(resultShape, *out)};
  if (llvm::Error error = executor.call(**found, tensors))
    return std::move(error);
  float *values = out->get<float>();
  // Nothing behind the result is written.
  if (!std::isnan(values[count]))
    return llvm::createStringError("wrote behind the result");
  return std::vector<float>(values, values + count);
}

llvm::Expected<CompiledModule::Reference>
CompiledModule::evaluate(StringRef function, ArrayRef<int64_t> shape,
                         ArrayRef<float> input, Arithmetic arithmetic) {
  EvaluatorOptions options;
  options.arithmetic = arithmetic;
  options.recordMagnitudes = arithmetic == Arithmetic::Double;
  Evaluator evaluator(
      *original,
      [&](StringRef symbol, RankedTensorType) -> llvm::Expected<HostTensor> {
        return values[symbol.str()];
      },
      options);
  llvm::Expected<SmallVector<RuntimeValue>> results = evaluator.call(
      function, {RuntimeValue(HostTensor::getF32(&context, shape, input))});
  if (!results)
    return results.takeError();
  const HostTensor &result = std::get<HostTensor>(results->front());
  Reference reference;
  ArrayRef<float> floats = result.getFloats();
  reference.values.assign(floats.begin(), floats.end());
  if (const HostTensor *magnitudes = result.getMagnitudes())
    reference.magnitudes = magnitudes->getDoubles();
  return reference;
}
