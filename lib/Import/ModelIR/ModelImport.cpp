//===- ModelImport.cpp - Model files to model IR --------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"

#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Import/EncodingAttributes.h"
#include "compress/Support/Error.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

void compress::registerImportDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, CompressDialect, func::FuncDialect,
                  linalg::LinalgDialect, lm::LMDialect, math::MathDialect,
                  ml_program::MLProgramDialect, quantized::QuantizedDialect,
                  tensor::TensorDialect>();
}

std::optional<EncodingSpec> ImportedParameter::getStoredEncoding() const {
  EncodingSpec spec = tensor->getEncoding();
  bool isPlain = spec.kind == EncodingSpec::Kind::Float &&
                 spec.code == NumberType::getF32() && !spec.scale;
  return isPlain ? std::nullopt : std::optional(std::move(spec));
}

const ImportedParameter *ImportedModel::findParameter(StringRef symbol) const {
  auto it = find_if(parameters, [&](const ImportedParameter &parameter) {
    return parameter.symbol == symbol;
  });
  return it == parameters.end() ? nullptr : &*it;
}

/// The sizes that every model has, whatever its architecture calls for.
static Error fillSizes(const Architecture &architecture,
                       const Hyperparameters &values,
                       const ImportOptions &options, ImportedModel &result) {
  SmallVector<std::pair<StringRef, int64_t *>> sizes = {
      {"vocabulary", &result.vocabulary},
      {"context_length", &result.contextLength},
      {"layers", &result.layers}};
  if (result.isEncoder()) {
    sizes.emplace_back("width", &result.width);
  } else {
    result.cache.emplace();
    sizes.emplace_back(architecture.cacheLayers, &result.cache->layers);
    sizes.emplace_back(architecture.cacheHeads, &result.cache->heads);
    sizes.emplace_back(architecture.cacheHeadDim, &result.cache->headDim);
  }
  for (auto [formula, target] : sizes) {
    Expected<int64_t> size = values.evaluateInteger(formula);
    if (!size)
      return size.takeError();
    *target = *size;
  }
  return Error::success();
}

static Expected<Attribute> makeFormat(MLIRContext *context, const Part &part) {
  if (part.isNumber())
    return TypeAttr::get(getType(context, part.getNumber()));
  return getEncodingAttr(context, part.getEncoding());
}

static Expected<lm::CacheType>
makeCacheType(MLIRContext *context, const ImportOptions &options,
              const ImportedModel::CacheShape &shape) {
  Expected<Attribute> values = makeFormat(context, options.cache.values);
  if (!values)
    return values.takeError();
  Attribute keys;
  if (options.cache.keys != options.cache.values) {
    Expected<Attribute> own = makeFormat(context, options.cache.keys);
    if (!own)
      return own.takeError();
    keys = *own;
  }
  std::string message;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  auto type = lm::CacheType::getChecked(
      [&] { return emitError(UnknownLoc::get(context)); }, context,
      shape.layers, shape.heads, shape.headDim, keys, *values);
  if (!type)
    return makeError(message);
  return type;
}

/// Builds what the architecture's kind of models has.
static Error buildFunctions(GraphModel &model, const ImportOptions &options) {
  if (model.architecture.kind == ArchitectureKind::Encoder)
    return GraphBuilder(model).buildEncode();
  if (Error error = GraphBuilder(model).buildStep())
    return error;
  return options.score ? GraphBuilder(model).buildScore() : Error::success();
}

/// Builds and verifies the module.
static Error buildModule(const Architecture &architecture,
                         const Hyperparameters &values,
                         const ModelParameters &parameters,
                         const ImportOptions &options, MLIRContext *context,
                         ImportedModel &result) {
  Location loc = NameLoc::get(StringAttr::get(context, result.name));
  result.module = ModuleOp::create(loc);
  lm::CacheType cache;
  if (result.cache) {
    Expected<lm::CacheType> made =
        makeCacheType(context, options, *result.cache);
    if (!made)
      return made.takeError();
    cache = *made;
  }
  GraphModel model{architecture,
                   values,
                   parameters,
                   *result.module,
                   cache,
                   result.vocabulary,
                   result.contextLength,
                   result.width,
                   {},
                   {}};
  if (Error error = buildFunctions(model, options))
    return error;

  for (const ModelParameter &parameter : parameters.getAll())
    if (!model.used.contains(&parameter))
      return makeFileError(architecture.path, "no step uses the parameter \"" +
                                                  parameter.name + "\"");
  for (const ModelParameter *parameter : model.globals)
    result.parameters.push_back({parameter->symbol, parameter->tensor});

  // What verifiers say belongs into the error.
  std::string message;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
    return success();
  });
  if (failed(verify(*result.module)))
    return makeFileError(architecture.path,
                         "does not fit this model: " + message);
  return Error::success();
}

static Error readPooling(ImportedModel &model) {
  Expected<PoolingInfo> pooling = model.files->readPooling();
  if (!pooling)
    return pooling.takeError();
  if (pooling->maxTokens > model.contextLength)
    return makeFileError(model.files->getPath(),
                         "texts are to have up to " +
                             Twine(pooling->maxTokens) +
                             " tokens (max_seq_length), but the model has "
                             "positions for " +
                             Twine(model.contextLength));
  model.pooling = *pooling;
  if (model.pooling->maxTokens == 0)
    model.pooling->maxTokens = model.contextLength;
  return Error::success();
}

Expected<ImportedModel> compress::importModel(StringRef path,
                                              const ImportOptions &options,
                                              MLIRContext *context) {
  DialectRegistry registry;
  registerImportDialects(registry);
  context->appendDialectRegistry(registry);
  // Not all that the context knows: a tool may have registered every dialect.
  for (StringRef name : registry.getDialectNames())
    context->getOrLoadDialect(name);

  ImportedModel result;
  Expected<std::unique_ptr<ModelFiles>> files = ModelFiles::open(path);
  if (!files)
    return files.takeError();
  result.files = std::move(*files);
  Expected<Architecture> architecture =
      options.architecturePath.empty()
          ? Architecture::findFor(*result.files)
          : Architecture::read(options.architecturePath);
  if (!architecture)
    return architecture.takeError();
  Expected<Hyperparameters> values =
      Hyperparameters::resolve(*architecture, *result.files);
  if (!values)
    return values.takeError();
  Expected<ModelParameters> parameters =
      ModelParameters::resolve(*architecture, *result.files, *values);
  if (!parameters)
    return parameters.takeError();

  result.name = result.files->getName();
  result.architecture = architecture->name;
  result.kind = architecture->kind;
  result.hyperparameters = values->getValues();
  if (Error error = fillSizes(*architecture, *values, options, result))
    return error;
  if (Error error = buildModule(*architecture, *values, *parameters, options,
                                context, result))
    return error;
  if (result.isEncoder())
    if (Error error = readPooling(result))
      return error;
  Expected<std::optional<TokenizerModel>> tokenizer =
      result.files->readTokenizer();
  if (!tokenizer)
    return tokenizer.takeError();
  result.tokenizer = std::move(*tokenizer);
  return result;
}
