//===- CompileProgram.cpp - From a model to a program in memory -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/JIT/CompileProgram.h"

#include "compress/JIT/JIT.h"
#include "compress/Runtime/AlignedBuffer.h"
#include "compress/Support/Error.h"

#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

/// Parameters are read with aligned vector loads.
static constexpr int64_t kAlignment = 64;

/// Lays all parameters out in one buffer; `found` gets them by key.
static Error fillBuffer(PreparedModel &model, unsigned threads,
                        AlignedBuffer &buffer,
                        StringMap<ProgramParameter> &found) {
  int64_t total = 0;
  std::vector<ProgramParameter> list;
  std::vector<int64_t> offsets;
  for (const ParameterPlan &plan : model.parameters) {
    Expected<std::vector<ProgramComponent>> components =
        getProgramComponents(plan);
    if (!components)
      return components.takeError();
    for (const ProgramComponent &component : *components) {
      offsets.push_back(total);
      list.push_back({nullptr, component.bytes,
                      component.shape.empty() ? 1 : component.shape.front()});
      total += alignTo(component.bytes, kAlignment);
    }
  }
  Expected<AlignedBuffer> memory =
      AlignedBuffer::create(std::max<int64_t>(total, 1), "the parameters");
  if (!memory)
    return memory.takeError();
  buffer = std::move(*memory);
  size_t next = 0;
  return layOutAll(
      model.parameters, threads,
      [&](size_t index, LaidOutParameter parameter) -> Error {
        const ParameterPlan &plan = model.parameters[index];
        model.ledger.entries[index].record(plan, parameter);
        Expected<std::vector<ProgramComponent>> components =
            getProgramComponents(plan);
        if (!components)
          return components.takeError();
        for (auto [info, data] : zip_equal(*components, parameter.components)) {
          char *target = buffer.get() + offsets[next];
          if (!data.empty())
            std::memcpy(target, data.data(), data.size());
          list[next].data = target;
          found[getParameterKey(plan.symbol, info.name)] = list[next++];
        }
        return Error::success();
      });
}

Expected<std::unique_ptr<Program>>
compress::loadProgram(PreparedModel &model, const CompiledCode &code,
                      const CompileOptions &options) {
  if (Error error = describeCode(model, code))
    return error;
  auto buffer = std::make_shared<AlignedBuffer>();
  StringMap<ProgramParameter> found;
  if (Error error = fillBuffer(model, options.threads, *buffer, found))
    return error;
  ProgramParts parts;
  for (const ParameterInfo &info : model.manifest.parameters) {
    auto it = found.find(info.key);
    assert(it != found.end() && "describeCode looks at components");
    parts.parameters.push_back(it->second);
  }
  parts.owners.push_back(buffer);
  model.manifest.ledger = model.ledger.toJSON();
  parts.manifest = model.manifest;
  if (model.tokenizer) {
    Expected<std::unique_ptr<Tokenizer>> tokenizer =
        Tokenizer::create(*model.tokenizer);
    if (!tokenizer)
      return tokenizer.takeError();
    parts.tokenizer = std::move(*tokenizer);
  }
  return loadCode(code, std::move(parts));
}

Expected<CompiledModel> compress::compileModel(StringRef path,
                                               const CompileOptions &options,
                                               const CPUTarget &target) {
  DialectRegistry registry;
  registerCodegenDialects(registry);
  CompiledModel compiled;
  compiled.context = std::make_unique<MLIRContext>(registry);
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(path, options, compiled.context.get());
  if (!model)
    return model.takeError();
  compiled.model = std::move(*model);
  Expected<CompiledCode> code =
      compileToObject(*compiled.model->module, target, options.codegen);
  if (!code)
    return makeFileError(path, toString(code.takeError()));
  compiled.code = std::move(*code);
  return compiled;
}

Expected<std::unique_ptr<Program>>
compress::compileProgram(StringRef path, const CompileOptions &options,
                         Ledger *report) {
  Expected<CPUTarget> target = CPUTarget::parse("native");
  if (!target)
    return target.takeError();
  Expected<CompiledModel> compiled = compileModel(path, options, *target);
  if (!compiled)
    return compiled.takeError();
  Expected<std::unique_ptr<Program>> program =
      loadProgram(*compiled->model, compiled->code, options);
  if (program && report)
    *report = compiled->model->ledger;
  return program;
}
