//===- PrepareModel.cpp - Decides how a model's parameters are stored -----===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelLoader.h"

#include "compress/Calibration/Statistics.h"
#include "compress/Import/ModelFiles.h"
#include "compress/Import/ModelImport.h"
#include "compress/Runtime/ABI.h"
#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "compress/Support/Version.h"
#include "compress/Transforms/ApplyScheme.h"
#include "compress/Transforms/Passes.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

json::Value CompileOptions::toJSON() const {
  json::Object object{{"scheme", scheme},
                      {"overrides", json::Array(overrides)}};
  for (auto [name, value] :
       {std::pair("weights", &weights), std::pair("activations", &activations),
        std::pair("cache", &cache)})
    if (!value->empty())
      object[name] = *value;
  if (!tokenizer.empty())
    object["tokenizer"] = sys::path::filename(tokenizer);
  if (!architecture.empty())
    object["architecture"] = sys::path::filename(architecture);
  if (score)
    object["score"] = true;
  if (simulate)
    object["simulate"] = true;
  if (!observe.empty())
    object["observe"] = observe;
  if (stages)
    object["stages"] = true;
  if (algorithm != "rtn")
    object["algorithm"] = algorithm;
  if (!statistics.empty())
    object["statistics"] = sys::path::filename(statistics);
  if (!calibration.text.empty())
    object["calibration"] =
        json::Object{{"text", sys::path::filename(calibration.text)},
                     {"context", calibration.context},
                     {"sequences", calibration.sequences}};
  if (codegen.allowSlower)
    object["allow-slower"] = true;
  return object;
}

/// The encoding that an option's text spells; null for no text.
static Expected<EncodingAttrInterface>
parseEncodingOption(StringRef option, StringRef text, MLIRContext *context) {
  if (text.empty())
    return EncodingAttrInterface();
  Attribute encoding;
  Error error = runWithDiagnostics(context, [&] {
    encoding = parseAttribute(text, context);
    return success(encoding != nullptr);
  });
  if (!error && isa<EncodingAttrInterface>(encoding))
    return cast<EncodingAttrInterface>(encoding);
  std::string why = error ? toString(std::move(error)) : "is no encoding";
  return makeError(option + "'" + text + "': " + why +
                   "; expected one such as '#quantized.affine<i8, block = "
                   "[1, 32], scale = f16>'");
}

static Error parseOverrides(const CompileOptions &options, MLIRContext *context,
                            SchemeRequest &request) {
  for (StringRef text : options.overrides) {
    auto [pattern, value] = text.split('=');
    if (pattern.empty() || value.empty())
      return makeError("--override '" + text +
                       "': expected 'GLOB=#encoding' or 'GLOB=keep'");
    Expected<EncodingAttrInterface> encoding = parseEncodingOption(
        "--override ", value == "keep" ? StringRef() : value, context);
    if (!encoding)
      return encoding.takeError();
    request.overrides.push_back({pattern.str(), *encoding});
  }
  return Error::success();
}

/// The scheme's row with the options that change it.
static Expected<SchemeRequest> makeRequest(const CompileOptions &options,
                                           const Scheme &scheme,
                                           MLIRContext *context) {
  SchemeRequest request;
  bool ownWeights = !options.weights.empty();
  StringRef activations = scheme.activations;
  if (options.activations == "int8") {
    activations = getInt8Activations();
  } else if (options.activations == "f32") {
    activations = "";
  } else if (!options.activations.empty()) {
    activations = options.activations;
    request.fitActivations = false;
  }
  for (auto [option, text, target] :
       {std::tuple("--weights=",
                   ownWeights ? StringRef(options.weights)
                              : StringRef(scheme.weights),
                   &request.weights),
        std::tuple("embeddings: ",
                   ownWeights ? StringRef() : StringRef(scheme.embeddings),
                   &request.embeddings),
        std::tuple("--activations=", activations, &request.activations)}) {
    Expected<EncodingAttrInterface> encoding =
        parseEncodingOption(option, text, context);
    if (!encoding)
      return encoding.takeError();
    *target = *encoding;
  }
  if (Error error = parseOverrides(options, context, request))
    return error;
  return request;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

static std::optional<ElementType> getPlainElement(Type type) {
  for (auto [bits, element] :
       {std::pair(8, ElementType::I8), std::pair(16, ElementType::I16),
        std::pair(32, ElementType::I32), std::pair(64, ElementType::I64)})
    if (type.isInteger(bits))
      return element;
  if (type.isF32())
    return ElementType::F32;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  return std::nullopt;
}

static Expected<ParameterPlan> makePlan(ml_program::GlobalOp global,
                                        const SchemeDecision &decision,
                                        const Scheme &scheme,
                                        const LoadedModel &model) {
  ParameterPlan plan;
  plan.symbol = global.getSymName().str();
  auto type = dyn_cast<RankedTensorType>(global.getType());
  std::optional<ElementType> element =
      type ? getPlainElement(type.getElementType()) : std::nullopt;
  if (!element || !type.hasStaticShape())
    return makeError("parameter '" + plan.symbol +
                     "' is no tensor of static shape whose elements programs "
                     "know");
  plan.shape.assign(type.getShape().begin(), type.getShape().end());
  plan.element = *element;
  EncodingAttrInterface encoding = getEncoding(type);
  if (encoding) {
    plan.encoding = encoding.getSpec();
    if (encoding.isLaidOut()) {
      auto layouts = encoding.getLayouts(plan.shape);
      plan.layouts.assign(layouts.begin(), layouts.end());
    }
  }
  auto parameter = cast<ParameterAttr>(global.getValueAttr());
  plan.stored = plan.encoding;
  if (parameter.getStored())
    plan.stored = cast<EncodingAttrInterface>(parameter.getStored()).getSpec();
  if (auto simulated =
          global->getAttrOfType<EncodingAttrInterface>("compress.simulated"))
    plan.simulated = simulated.getSpec();
  if (decision.reason == SchemeReason::Weight)
    plan.rounding = scheme.rounding;
  auto origin = model.origins.find(plan.symbol);
  assert(origin != model.origins.end() && "loaders give every global's");
  plan.load = origin->second.load;
  plan.storedBytes = origin->second.bytes;
  return plan;
}

/// Opens what calibration wrote, if an algorithm needs it. It must be of this
/// model.
static Expected<std::shared_ptr<Statistics>>
openStatistics(StringRef path, const CompileOptions &options,
               const WeightAlgorithm &algorithm) {
  std::string option = "--algorithm=" + options.algorithm;
  bool isText = !options.calibration.text.empty();
  if (!algorithm.needsStatistics()) {
    if (options.statistics.empty() && !isText)
      return nullptr;
    return makeError(Twine(isText ? "--calibration" : "--statistics") +
                     " is for algorithms that look at inputs, and '" +
                     options.algorithm +
                     "' does not; give another --algorithm, or leave it out");
  }
  if (options.statistics.empty() == !isText)
    return makeError(option + " needs to know what weights are multiplied "
                              "with; give either --calibration=TEXT, or "
                              "--statistics, which compress-run calibrate "
                              "writes");
  if (isText)
    return nullptr;
  if (!algorithm.scales.empty())
    return makeError("'" + str(algorithm.scales.front()) +
                     "' moves scales between layers, block by block; give "
                     "--calibration=TEXT in place of --statistics");
  Expected<std::unique_ptr<Statistics>> statistics =
      Statistics::open(options.statistics);
  if (!statistics)
    return statistics.takeError();
  Expected<std::string> hash = hashModel(path);
  if (!hash)
    return hash.takeError();
  if ((*statistics)->getOrigin().model != *hash)
    return makeFileError(options.statistics, "tells of another model than " +
                                                 path +
                                                 "; calibrate with this one");
  return std::shared_ptr<Statistics>(std::move(*statistics));
}

namespace {
/// How weights are rounded.
struct RoundingRequest {
  const Scheme &scheme;
  const WeightAlgorithm &algorithm;
  const Statistics *statistics;
};
} // namespace

/// Whether the algorithm is asked to choose the parameter's codes. Tables that
/// are gathered, and heads, are rounded to nearest.
static bool isCalibrated(const RoundingRequest &request,
                         const SchemeDecision &decision,
                         const ParameterPlan &plan) {
  return request.algorithm.str() != "rtn" &&
         (decision.reason == SchemeReason::Weight ||
          decision.reason == SchemeReason::Override) &&
         decision.isMultiplied && !decision.isGathered &&
         !isPlain(plan.getTarget()) && plan.stored != plan.getTarget();
}

/// Tells a weight's plan of the algorithm, and of what was learnt.
static Error applyAlgorithm(const RoundingRequest &request,
                            const SchemeDecision &decision,
                            ParameterPlan &plan) {
  const CodeAlgorithm &codes = *request.algorithm.codes;
  auto refuse = [&](const Twine &why) {
    return makeError("parameter '" + plan.symbol + "' can't be rounded by " +
                     request.algorithm.str() + ": " + why +
                     "; keep it as it is stored with --override '" +
                     plan.symbol + "=keep'");
  };
  int64_t rank = plan.shape.size(), columns = plan.shape.back();
  if (rank != 2 || decision.reductionDim != 1 ||
      !plan.getTarget()->isNumberFormat())
    return refuse("it takes matrices [n, k] in a number format");
  if (codes.name != "rtn")
    plan.algorithm = &codes;
  plan.awaitsCalibration =
      request.algorithm.needsStatistics() && !request.statistics;
  if (!request.statistics)
    return Error::success();
  plan.secondMoment = request.statistics->getSecondMoment(plan.symbol);
  plan.tokens = request.statistics->getOrigin().tokens;
  if (int64_t(plan.secondMoment.size()) != columns * columns)
    return refuse(request.statistics->getPath() + " has no " + Twine(columns) +
                  " x " + Twine(columns) +
                  " second moment of what it is multiplied with");
  return Error::success();
}

static Expected<LedgerEntry> makeEntry(const ParameterPlan &plan,
                                       const SchemeDecision &decision) {
  Expected<std::vector<ProgramComponent>> components =
      getProgramComponents(plan);
  if (!components)
    return components.takeError();
  auto toText = [&](const std::optional<EncodingSpec> &spec) {
    return isPlain(spec) ? str(plan.element).str() : str(*spec);
  };
  LedgerEntry entry;
  entry.symbol = plan.symbol;
  entry.shape = plan.shape;
  entry.before = toText(plan.stored);
  entry.after = toText(plan.encoding);
  if (plan.simulated)
    entry.after += " as " + str(*plan.simulated);
  entry.values = plan.getNumElements();
  entry.bytesBefore = plan.storedBytes;
  for (const ProgramComponent &component : *components)
    entry.bytesAfter += component.bytes;
  entry.algorithm = plan.getAlgorithm();
  entry.reason = str(decision.reason);
  entry.pattern = decision.pattern;
  if (decision.isMultiplied)
    entry.activations =
        decision.activation ? str(decision.activation.getSpec()) : "f32";
  return entry;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// Signatures get the names that the source gave to arguments.
static void nameArguments(ModuleOp module) {
  Builder b(module.getContext());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    for (BlockArgument argument : function.getArguments())
      if (auto name = dyn_cast<NameLoc>(argument.getLoc()))
        if (!function.getArgAttr(argument.getArgNumber(), "compress.name"))
          function.setArgAttr(argument.getArgNumber(), "compress.name",
                              name.getName());
  }
}

static Error insertObservers(ModuleOp module, StringRef function) {
  return runWithDiagnostics(module.getContext(), [&] {
    PassManager pm(module.getContext());
    InsertObserversOptions observers;
    observers.function = function.str();
    pm.addPass(createInsertObservers(observers));
    return pm.run(module);
  });
}

static Error assignLayouts(ModuleOp module, const CompileOptions &options) {
  return runWithDiagnostics(module.getContext(), [&] {
    PassManager pm(module.getContext());
    pm.addPass(createVerifyEncodings());
    if (!options.observe.empty()) {
      SplitStagesOptions stages;
      stages.function = options.observe;
      if (options.stages)
        pm.addPass(createSplitStages(stages));
      pm.addPass(createReturnObserved());
    }
    if (options.simulate)
      pm.addPass(createSimulateEncodings());
    pm.addPass(createAssignLayouts());
    pm.addPass(createVerifyEncodings());
    return pm.run(module);
  });
}

static Expected<TokenizerModel> readTokenizer(StringRef path) {
  if (sys::path::extension(path) == ".txt")
    return readTokenizerFile(path);
  if (sys::path::extension(path) == ".safetensors") {
    Expected<std::unique_ptr<Tokenizer>> tokenizer = Tokenizer::open(path);
    if (!tokenizer)
      return tokenizer.takeError();
    Expected<TokenizerModel> model = (*tokenizer)->getModel();
    if (!model)
      return makeFileError(path, toString(model.takeError()));
    return model;
  }
  Expected<json::Value> value = readJSON(path);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object || object->getString("format") != StringRef("compress-tokenizer"))
    return readTokenizerFile(path);
  Expected<TokenizerModel> model = TokenizerModel::fromJSON(*value);
  if (!model)
    return makeFileError(path, toString(model.takeError()));
  return model;
}

/// A tokenizer that has tokens which the model does not know is another
/// model's.
static Error checkTokenizer(const PreparedModel &model, StringRef path) {
  int64_t vocabulary = model.manifest.model.vocabulary;
  if (!model.tokenizer || vocabulary == 0 ||
      int64_t(model.tokenizer->tokens.size()) <= vocabulary)
    return Error::success();
  return makeFileError(path, "has " + Twine(model.tokenizer->tokens.size()) +
                                 " tokens, the model knows " +
                                 Twine(vocabulary) +
                                 "; it belongs to another model");
}

static Error planParameters(const LoadedModel &loaded,
                            const RoundingRequest &request,
                            ArrayRef<SchemeDecision> decisions,
                            PreparedModel &model) {
  for (auto [global, decision] :
       zip_equal(model.module->getOps<ml_program::GlobalOp>(), decisions)) {
    Expected<ParameterPlan> plan =
        makePlan(global, decision, request.scheme, loaded);
    if (!plan)
      return plan.takeError();
    model.calibrated.push_back(isCalibrated(request, decision, *plan));
    if (model.calibrated.back())
      if (Error error = applyAlgorithm(request, decision, *plan))
        return error;
    Expected<LedgerEntry> entry = makeEntry(*plan, decision);
    if (!entry)
      return entry.takeError();
    model.gathered.push_back(decision.isGathered && !decision.isMultiplied);
    model.tables.push_back(decision.isGathered);
    model.parameters.push_back(std::move(*plan));
    model.ledger.entries.push_back(std::move(*entry));
  }
  return Error::success();
}

Expected<std::unique_ptr<PreparedModel>>
compress::prepareModel(StringRef path, const CompileOptions &options,
                       MLIRContext *context) {
  Expected<const Scheme *> scheme = findScheme(options.scheme);
  if (!scheme)
    return scheme.takeError();
  Expected<SchemeRequest> request = makeRequest(options, **scheme, context);
  if (!request)
    return request.takeError();
  Expected<WeightAlgorithm> algorithm =
      WeightAlgorithm::parse(options.algorithm);
  if (!algorithm)
    return algorithm.takeError();
  Expected<std::shared_ptr<Statistics>> statistics =
      openStatistics(path, options, *algorithm);
  if (!statistics)
    return statistics.takeError();
  Expected<CacheFormat> cache = parseCacheFormat(
      options.cache.empty() ? StringRef((*scheme)->cache) : options.cache);
  if (!cache)
    return makeError("--cache: " + toString(cache.takeError()));
  Expected<LoadedModel> loaded = loadModel(path, options, *cache, context);
  if (!loaded)
    return loaded.takeError();

  auto model = std::make_unique<PreparedModel>();
  model->module = std::move(loaded->module);
  model->owners = std::move(loaded->owners);
  model->owners.push_back(*statistics);
  model->sourceBytes = loaded->sourceBytes;
  model->archives = std::move(loaded->archives);
  model->manifest.abi = COMPRESS_ABI_VERSION;
  model->manifest.generator = getVersion().str();
  model->manifest.model = loaded->info;
  model->manifest.cache = loaded->cache;
  model->manifest.options = options.toJSON();
  (*model->manifest.options.getAsObject())["source"] =
      sys::path::filename(path);
  model->tokenizer = std::move(loaded->tokenizer);
  if (!options.tokenizer.empty()) {
    Expected<TokenizerModel> tokenizer = readTokenizer(options.tokenizer);
    if (!tokenizer)
      return tokenizer.takeError();
    model->tokenizer = std::move(*tokenizer);
  }
  if (Error error = checkTokenizer(
          *model, options.tokenizer.empty() ? path : options.tokenizer))
    return error;

  nameArguments(*model->module);
  Expected<std::vector<SchemeDecision>> decisions =
      applyScheme(*model->module, *request);
  if (!decisions)
    return makeFileError(path, toString(decisions.takeError()));
  if (!options.observe.empty()) {
    if (Error error = insertObservers(*model->module, options.observe))
      return makeFileError(path, toString(std::move(error)));
    model->moves = findScaleMoves(*model->module);
  }
  if (Error error = assignLayouts(*model->module, options))
    return makeFileError(path, toString(std::move(error)));
  model->algorithm = *algorithm;
  RoundingRequest rounding{**scheme, *algorithm, statistics->get()};
  if (Error error = planParameters(*loaded, rounding, *decisions, *model))
    return makeFileError(path, toString(std::move(error)));
  if (algorithm->str() != "rtn" &&
      none_of(model->calibrated, [](bool is) { return is; }))
    return makeFileError(
        path,
        "has nothing to do for --algorithm=" + options.algorithm +
            ": no weight gets another encoding than it is stored in; give "
            "another --scheme or --weights, or leave the algorithm out");
  return model;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static bool isSameTable(ArrayRef<ParameterEntry> a,
                        ArrayRef<ParameterEntry> b) {
  return a.size() == b.size() && all_of(zip_equal(a, b), [](const auto &pair) {
           auto &[x, y] = pair;
           return x.symbol == y.symbol && x.component == y.component;
         });
}

std::string compress::getParameterKey(StringRef symbol, StringRef component) {
  return (component.empty() ? symbol : symbol + "." + component).str();
}

Error compress::describeCode(PreparedModel &model,
                             ArrayRef<CompiledCode> code) {
  if (code.empty())
    return makeError("a program needs code for at least one target");
  for (const CompiledCode &other : code.drop_front())
    if (!isSameTable(code.front().parameters, other.parameters))
      return makeError("the code for " + other.target.cpu +
                       " reads other parameters than that for " +
                       code.front().target.cpu);
  Manifest &manifest = model.manifest;
  manifest.functions = code.front().functions;
  manifest.parameters.clear();
  StringMap<size_t> indices;
  for (auto [index, plan] : enumerate(model.parameters))
    indices[plan.symbol] = index;
  for (const ParameterEntry &entry : code.front().parameters) {
    auto index = indices.find(entry.symbol);
    if (index == indices.end())
      return makeError("the code reads a parameter '" + entry.symbol +
                       "' that the model does not have");
    Expected<std::vector<ProgramComponent>> components =
        getProgramComponents(model.parameters[index->second]);
    if (!components)
      return components.takeError();
    if (none_of(*components, [&](const ProgramComponent &component) {
          return component.name == entry.component;
        }))
      return makeError("the code reads '" + entry.component +
                       "', which is no component of parameter '" +
                       entry.symbol + "'");
    ParameterInfo info;
    info.key = getParameterKey(entry.symbol, entry.component);
    info.isGathered = model.gathered[index->second];
    manifest.parameters.push_back(std::move(info));
  }
  return Error::success();
}
