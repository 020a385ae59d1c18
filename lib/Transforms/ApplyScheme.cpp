//===- ApplyScheme.cpp - Changes the encodings of weights -----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Transforms/ApplyScheme.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Support/Error.h"
#include "compress/Support/NameGlob.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <numeric>

using namespace mlir;
using namespace mlir::compress;
using llvm::Error;
using llvm::Expected;

StringRef compress::str(SchemeReason reason) {
  switch (reason) {
  case SchemeReason::Weight:
    return "weight";
  case SchemeReason::Embedding:
    return "embedding";
  case SchemeReason::Head:
    return "head";
  case SchemeReason::EmbeddingAndHead:
    return "embedding-and-head";
  case SchemeReason::Override:
    return "override";
  case SchemeReason::Keep:
    return "keep";
  case SchemeReason::AsStored:
    return "as-stored";
  case SchemeReason::Vector:
    return "vector";
  case SchemeReason::NotMultiplied:
    return "not-multiplied";
  }
  llvm_unreachable("covered switch");
}

/// `attribute` with `map` applied to the attributes that it is made of.
static Attribute mapParts(Attribute attribute,
                          function_ref<Attribute(Attribute)> map) {
  SmallVector<Attribute> parts;
  SmallVector<Type> types;
  attribute.walkImmediateSubElements(
      [&](Attribute part) { parts.push_back(map(part)); },
      [&](Type type) { types.push_back(type); });
  return attribute.replaceImmediateSubElements(parts, types);
}

EncodingAttrInterface compress::fitEncoding(EncodingAttrInterface encoding,
                                            int64_t rank, int64_t n,
                                            int64_t k) {
  if (!encoding || (rank == 2 && n == 0 && k == 1))
    return encoding;
  bool hasBlocks = encoding.getSpec().isNumberFormat();
  auto fit = [&](Attribute part) -> Attribute {
    if (auto nested = dyn_cast<EncodingAttrInterface>(part))
      return fitEncoding(nested, rank, n, k);
    auto block = dyn_cast<DenseI64ArrayAttr>(part);
    if (!hasBlocks || !block || block.size() != 2)
      return part;
    SmallVector<int64_t> sizes(rank, 1);
    if (n >= 0)
      sizes[n] = block[0];
    sizes[k] = block[1];
    return DenseI64ArrayAttr::get(encoding.getContext(), sizes);
  };
  return cast<EncodingAttrInterface>(mapParts(encoding, fit));
}

//===----------------------------------------------------------------------===//
// How parameters are used
//===----------------------------------------------------------------------===//

namespace {

/// A contraction that reads a parameter.
struct Product {
  Contraction contraction;
  OpOperand *weight, *activation;

  /// Dimension of the weight that stays (-1: none), and the summed one.
  int64_t getRowDim() const {
    return contraction.getDim(
        weight, weight == contraction.rhs ? contraction.n : contraction.m);
  }
  int64_t getReductionDim() const {
    return contraction.getDim(weight, contraction.k);
  }
};

/// A parameter and what reads it.
struct Parameter {
  ml_program::GlobalOp global;
  SmallVector<ml_program::GlobalLoadConstOp> loads;
  SmallVector<Product> products;
  bool isGathered = false, isHead = false;

  bool isMatrix() const {
    auto type = dyn_cast<RankedTensorType>(getGlobalType());
    return type && type.getRank() >= 2 && isa<FloatType>(type.getElementType());
  }
  bool isWeight() const {
    return isMatrix() && (isGathered || !products.empty());
  }
  // Ops are handles; their accessors are not const.
  StringRef getSymbol() const {
    return ml_program::GlobalOp(global).getSymName();
  }
  Type getGlobalType() const { return ml_program::GlobalOp(global).getType(); }
  RankedTensorType getType() const {
    return cast<RankedTensorType>(getGlobalType());
  }
  /// Fits an encoding that is written for matrices.
  EncodingAttrInterface fit(EncodingAttrInterface encoding) const {
    int64_t rank = getType().getRank();
    if (products.empty())
      return fitEncoding(encoding, rank, rank - 2, rank - 1);
    return fitEncoding(encoding, rank, products[0].getRowDim(),
                       products[0].getReductionDim());
  }
};

} // namespace

/// Whether the value reaches a result of its function through ops that only
/// reshape it or work on single elements.
static bool reachesResult(Value value) {
  SmallVector<Value> pending{value};
  DenseSet<Value> seen;
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    for (Operation *user : next.getUsers()) {
      if (user->hasTrait<OpTrait::ReturnLike>())
        return true;
      if (isElementwise(user) ||
          isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(
              user))
        llvm::append_range(pending, user->getResults());
    }
  }
  return false;
}

static void addUse(Parameter &parameter, OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto gather = dyn_cast<lm::GatherExpertsOp>(op))
    for (OpOperand &read : gather.getResult().getUses())
      addUse(parameter, read);
  if (auto gather = dyn_cast<lm::GatherRowsOp>(op))
    parameter.isGathered |= gather.getTable() == use.get();
  std::optional<Contraction> contraction = getContraction(op);
  if (!contraction || (contraction->lhs != &use && contraction->rhs != &use) ||
      contraction->getDim(&use, contraction->k) < 0)
    return;
  OpOperand *other =
      contraction->rhs == &use ? contraction->lhs : contraction->rhs;
  parameter.products.push_back({*contraction, &use, other});
  parameter.isHead |= reachesResult(op->getResult(0));
}

static SmallVector<Parameter> findParameters(ModuleOp module) {
  llvm::StringMap<SmallVector<ml_program::GlobalLoadConstOp>> loads;
  module.walk([&](ml_program::GlobalLoadConstOp load) {
    loads[load.getGlobal().getLeafReference()].push_back(load);
  });
  SmallVector<Parameter> parameters;
  for (auto global : module.getOps<ml_program::GlobalOp>()) {
    Parameter parameter;
    parameter.global = global;
    parameter.loads = loads.lookup(global.getSymName());
    for (ml_program::GlobalLoadConstOp load : parameter.loads)
      for (OpOperand &use : load.getResult().getUses())
        addUse(parameter, use);
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

//===----------------------------------------------------------------------===//
// Deciding
//===----------------------------------------------------------------------===//

namespace {

/// The steps of applying one request.
class SchemeApplier {
public:
  SchemeApplier(ModuleOp module, const SchemeRequest &request)
      : module(module), request(request) {}

  Expected<std::vector<SchemeDecision>> run();

private:
  Error matchOverrides(ArrayRef<Parameter> parameters);
  SchemeDecision decide(const Parameter &parameter) const;
  Error setEncoding(Parameter &parameter, EncodingAttrInterface encoding);
  Error encodeActivations(Parameter &parameter, SchemeDecision &decision);
  Expected<EncodingAttrInterface>
  getActivation(const Product &product, const SchemeDecision &decision) const;
  Value encode(Value activation, Attribute encoding);

  ModuleOp module;
  const SchemeRequest &request;
  /// Index of the override that decides on a symbol.
  llvm::StringMap<size_t> overrides;
  DenseMap<std::pair<Value, Attribute>, Value> encoded;
};

} // namespace

/// Text that shows which override helps.
static std::string getRemedy(StringRef symbol) {
  return ("; leave it as it is with --override '" + symbol +
          "=keep', or give it another encoding with --override '" + symbol +
          "=#quantized...'")
      .str();
}

static std::string toText(Attribute encoding) {
  std::string text;
  llvm::raw_string_ostream(text) << encoding;
  return text;
}

Error SchemeApplier::matchOverrides(ArrayRef<Parameter> parameters) {
  for (auto [index, override] : llvm::enumerate(request.overrides)) {
    Expected<NameGlob> glob = NameGlob::create(override.pattern);
    if (!glob)
      return glob.takeError();
    bool matchesAny = false, matchesWeight = false;
    for (const Parameter &parameter : parameters) {
      if (!glob->match(parameter.getSymbol()))
        continue;
      matchesAny = true;
      if (!parameter.isWeight())
        continue;
      matchesWeight = true;
      overrides[parameter.getSymbol()] = index;
    }
    if (!matchesAny)
      return makeError("override '" + override.pattern +
                       "' matches no parameter; compress-compile --dry-run "
                       "--ledger lists their names");
    if (!matchesWeight)
      return makeError("override '" + override.pattern +
                       "' matches only vectors and other parameters that "
                       "nothing multiplies or gathers, which stay in f32");
  }
  return Error::success();
}

/// The encoding that stands for a plain tensor is no encoding.
static EncodingAttrInterface dropPlain(EncodingAttrInterface encoding) {
  if (!encoding)
    return encoding;
  EncodingSpec spec = encoding.getSpec();
  bool isPlain = spec.kind == EncodingSpec::Kind::Float && !spec.scale &&
                 spec.code == NumberType::getF32() && !encoding.isLaidOut();
  return isPlain ? EncodingAttrInterface() : encoding;
}

SchemeDecision SchemeApplier::decide(const Parameter &parameter) const {
  SchemeDecision decision;
  decision.symbol = parameter.getSymbol().str();
  if (auto type = dyn_cast<RankedTensorType>(parameter.getGlobalType()))
    decision.before = getEncoding(type);
  decision.after = decision.before;
  decision.isMultiplied = !parameter.products.empty();
  if (decision.isMultiplied &&
      llvm::all_equal(
          llvm::map_range(parameter.products, [](const Product &product) {
            return product.getReductionDim();
          })))
    decision.reductionDim = parameter.products.front().getReductionDim();
  decision.isGathered = parameter.isGathered;
  if (!parameter.isWeight()) {
    decision.reason = parameter.isMatrix() ? SchemeReason::NotMultiplied
                                           : SchemeReason::Vector;
    return decision;
  }
  auto found = overrides.find(decision.symbol);
  if (found != overrides.end()) {
    const SchemeRequest::Override &override = request.overrides[found->second];
    decision.pattern = override.pattern;
    decision.reason =
        override.encoding ? SchemeReason::Override : SchemeReason::Keep;
    if (override.encoding)
      decision.after = dropPlain(parameter.fit(override.encoding));
    return decision;
  }
  bool isSpecial = parameter.isGathered || parameter.isHead;
  EncodingAttrInterface wanted =
      isSpecial && request.embeddings ? request.embeddings : request.weights;
  if (!wanted) {
    decision.reason = SchemeReason::AsStored;
    return decision;
  }
  if (isSpecial && request.embeddings)
    decision.reason = !parameter.isHead      ? SchemeReason::Embedding
                      : parameter.isGathered ? SchemeReason::EmbeddingAndHead
                                             : SchemeReason::Head;
  decision.after = dropPlain(parameter.fit(wanted));
  return decision;
}

//===----------------------------------------------------------------------===//
// Applying
//===----------------------------------------------------------------------===//

/// The parameter keeps in mind what its archive holds.
static void keepStored(ml_program::GlobalOp global, Attribute before) {
  auto parameter = dyn_cast_if_present<ParameterAttr>(global.getValueAttr());
  if (!parameter || parameter.getStored())
    return;
  MLIRContext *context = global.getContext();
  if (!before)
    before = quantized::FloatAttr::get(context, Float32Type::get(context),
                                       DenseI64ArrayAttr(), Attribute());
  global.setValueAttr(ParameterAttr::get(context, parameter.getArchive(),
                                         parameter.getKey(),
                                         parameter.getComponent(), before));
}

/// Whether the use reads an encoded tensor as it is.
static bool readsEncoded(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto gather = dyn_cast<lm::GatherRowsOp>(op))
    return gather.getTable() == use.get();
  return isa<tensor::DimOp, lm::GatherExpertsOp>(op) || getContraction(op);
}

/// After the type of `load` has changed: ops that read no encoded tensors get
/// the decoded one.
static void decodeForOthers(ml_program::GlobalLoadConstOp load) {
  auto type = cast<RankedTensorType>(load.getType());
  OpBuilder b(load);
  b.setInsertionPointAfter(load);
  Value decoded;
  for (OpOperand &use :
       llvm::make_early_inc_range(load.getResult().getUses())) {
    if (auto decode = dyn_cast<DecodeOp>(use.getOwner())) {
      if (!type.getEncoding()) {
        decode.getResult().replaceAllUsesWith(load.getResult());
        decode.erase();
      }
      continue;
    }
    if (auto gather = dyn_cast<lm::GatherExpertsOp>(use.getOwner()))
      gather.getResult().setType(withEncoding(gather.getResult().getType(),
                                              lm::getGatheredEncoding(type)));
    if (!type.getEncoding() || readsEncoded(use))
      continue;
    if (!decoded)
      decoded = DecodeOp::create(b, load.getLoc(), withEncoding(type, nullptr),
                                 load.getResult());
    use.set(decoded);
  }
}

Error SchemeApplier::setEncoding(Parameter &parameter,
                                 EncodingAttrInterface encoding) {
  RankedTensorType type = parameter.getType();
  if (type.getEncoding() == encoding)
    return Error::success();
  StringRef symbol = parameter.global.getSymName();
  auto refuse = [&](const Twine &why) {
    return makeError("parameter '" + symbol + "' can't be stored as " +
                     toText(encoding) + ": " + why + getRemedy(symbol));
  };
  if (encoding) {
    if (encoding.isLaidOut())
      return refuse("layouts are assigned later; give what is laid out");
    if (!type.hasStaticShape())
      return refuse("its shape is not static");
    EncodingSpec spec = encoding.getSpec();
    if (Error error = compress::verify(spec, type.getShape()))
      return refuse(llvm::toString(std::move(error)));
  }
  keepStored(parameter.global, type.getEncoding());
  auto changed = withEncoding(type, encoding);
  parameter.global.setType(changed);
  for (ml_program::GlobalLoadConstOp load : parameter.loads) {
    load.getResult().setType(changed);
    decodeForOthers(load);
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// Whether products with this encoding are sums of integer codes.
static bool isInteger(EncodingAttrInterface encoding) {
  if (!encoding)
    return false;
  EncodingSpec spec = encoding.getSpec();
  return spec.kind == EncodingSpec::Kind::Affine && spec.code.getBits() <= 8;
}

/// Values along k of a block that kernels sum as integers: see
/// getIntegerSegment.
static bool isSegment(int64_t size) {
  return size % 32 == 0 || (size % 4 == 0 && 32 % size == 0);
}

Expected<EncodingAttrInterface>
SchemeApplier::getActivation(const Product &product,
                             const SchemeDecision &decision) const {
  auto refuse = [&](const Twine &why) {
    return makeError("parameter '" + decision.symbol + "', stored as " +
                     toText(decision.after) +
                     ", can't be multiplied with activations stored as " +
                     toText(request.activations) + ": " + why +
                     getRemedy(decision.symbol));
  };
  const Contraction &contraction = product.contraction;
  auto type = dyn_cast<RankedTensorType>(product.activation->get().getType());
  int64_t k = contraction.getDim(product.activation, contraction.k);
  if (!type || k != type.getRank() - 1)
    return refuse("k is not the activation's last dimension");
  int64_t reduction = product.getReductionDim();
  int64_t depth = cast<RankedTensorType>(product.weight->get().getType())
                      .getDimSize(reduction);
  EncodingSpec weights = decision.after.getSpec();
  int64_t along = weights.block[reduction];
  bool spans = along < 0 || along >= depth;

  EncodingAttrInterface wanted = request.activations;
  if (request.fitActivations) {
    EncodingSpec own = wanted.getSpec();
    int64_t size = own.block.empty() ? -1 : own.block.back();
    if (!spans)
      size = size < 0 ? along : std::gcd(size, along);
    if (size >= 0 && !isSegment(size))
      return refuse("blocks of " + Twine(along) +
                    " values along k have no part in common with those of the "
                    "activations that is a multiple of 32, or 4, 8 or 16");
    auto resize = [&](Attribute part) -> Attribute {
      auto block = dyn_cast<DenseI64ArrayAttr>(part);
      if (!block || block.size() != 2)
        return part;
      return DenseI64ArrayAttr::get(part.getContext(), {block[0], size});
    };
    wanted = cast<EncodingAttrInterface>(mapParts(wanted, resize));
  }
  EncodingAttrInterface encoding = fitEncoding(
      wanted, type.getRank(), std::max<int64_t>(type.getRank() - 2, -1), k);
  SmallVector<int64_t> shape;
  for (int64_t size : type.getShape())
    shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  EncodingSpec spec = encoding.getSpec();
  if (Error error = compress::verify(spec, shape))
    return refuse(llvm::toString(std::move(error)));
  if (!isRowEncodable(encoding))
    return refuse("activations are encoded row by row, as integers or floats "
                  "with plain scales of 16 bits or more");
  if (!isInteger(encoding))
    return encoding; // Multiplied as floats.
  int64_t mine = spec.block.back();
  int64_t common =
      std::gcd(mine < 0 || mine >= depth ? 0 : mine, spans ? 0 : along);
  if (common != 0 && !isSegment(common))
    return refuse("integer sums over " + Twine(common) +
                  " values along k have no kernel");
  return encoding;
}

Value SchemeApplier::encode(Value activation, Attribute encoding) {
  Value &result = encoded[{activation, encoding}];
  if (result)
    return result;
  OpBuilder b(module.getContext());
  b.setInsertionPointAfterValue(activation);
  auto type = cast<RankedTensorType>(activation.getType());
  result = EncodeOp::create(b, activation.getLoc(),
                            withEncoding(type, encoding), activation);
  return result;
}

Error SchemeApplier::encodeActivations(Parameter &parameter,
                                       SchemeDecision &decision) {
  if (!request.activations || decision.reason == SchemeReason::Keep ||
      !isInteger(decision.after))
    return Error::success();
  for (Product &product : parameter.products) {
    Value activation = product.activation->get();
    if (getEncoding(activation.getType()))
      continue; // Encoded by whoever made the program.
    Expected<EncodingAttrInterface> encoding = getActivation(product, decision);
    if (!encoding)
      return encoding.takeError();
    decision.activation = *encoding;
    product.activation->set(encode(activation, *encoding));
  }
  return Error::success();
}

Expected<std::vector<SchemeDecision>> SchemeApplier::run() {
  SmallVector<Parameter> parameters = findParameters(module);
  if (Error error = matchOverrides(parameters))
    return error;
  std::vector<SchemeDecision> decisions;
  for (Parameter &parameter : parameters) {
    SchemeDecision decision = decide(parameter);
    if (decision.after != decision.before)
      if (Error error = setEncoding(parameter, decision.after))
        return error;
    if (Error error = encodeActivations(parameter, decision))
      return error;
    decisions.push_back(std::move(decision));
  }
  bool anyProduct = llvm::any_of(
      parameters, [](const Parameter &p) { return !p.products.empty(); });
  bool anyEncoded = llvm::any_of(decisions, [](const SchemeDecision &d) {
    return d.activation != nullptr;
  });
  if (request.activations && anyProduct && !anyEncoded)
    return makeError("no weight has integer codes, so activations can't be "
                     "multiplied as " +
                     toText(request.activations) +
                     "; give weights an integer encoding (--weights), or "
                     "leave activations in f32");
  return decisions;
}

Expected<std::vector<SchemeDecision>>
compress::applyScheme(ModuleOp module, const SchemeRequest &request) {
  return SchemeApplier(module, request).run();
}
