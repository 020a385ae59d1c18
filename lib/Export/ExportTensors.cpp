//===- ExportTensors.cpp - What exporters share ---------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExportTensors.h"

#include "compress/Dialect/Compress/IR/Compress.h"
#include "compress/Transforms/ApplyScheme.h"

#include "mlir/Dialect/MLProgram/IR/MLProgram.h"

#include <cmath>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

Error ExportTensor::refuse(Error why) const {
  std::string keep =
      plan ? ", leave it alone with --override '" + plan->symbol + "=keep'"
           : "";
  return source->fail(
      "can't be stored losslessly: " + toString(std::move(why)) +
      "; take another --weights or another format" + keep +
      ", or give --allow-lossy");
}

/// Whether the decision is about a table or a head.
static bool isTable(StringRef reason) {
  for (SchemeReason table : {SchemeReason::Embedding, SchemeReason::Head,
                             SchemeReason::EmbeddingAndHead})
    if (reason == str(table))
      return true;
  return false;
}

Expected<std::vector<ExportTensor>>
compress::matchTensors(const PreparedModel &model, const ModelFiles &files,
                       bool withTables) {
  StringMap<size_t> plans;
  ModuleOp module = *model.module;
  for (auto [index, global] :
       enumerate(module.getOps<ml_program::GlobalOp>())) {
    StringRef key = cast<ParameterAttr>(global.getValueAttr()).getKey();
    const ParameterPlan &plan = model.parameters[index];
    if (!files.findTensor(key) && plan.isTranscoded() && plan.shape.size() > 1)
      return makeFileError(
          files.getPath(),
          "parameter '" + plan.symbol + "' is " + key +
              ", a part or a view of what is stored, whose encoding can't be "
              "changed in files; leave it alone with --override '" +
              plan.symbol + "=keep'");
    plans[key] = index;
  }
  std::vector<ExportTensor> tensors;
  for (const StoredTensor &stored : files.getTensors()) {
    ExportTensor tensor;
    tensor.source = &stored;
    auto it = plans.find(stored.name);
    if (it != plans.end()) {
      const ParameterPlan &plan = model.parameters[it->second];
      const LedgerEntry &entry = model.ledger.entries[it->second];
      bool isTensor = plan.shape.size() > 1;
      tensor.isMatrix = isTensor && !entry.activations.empty() &&
                        !isTable(entry.reason) && !model.tables[it->second];
      bool isDecided = isTensor && (withTables || tensor.isMatrix) &&
                       (plan.isTranscoded() || !isPlain(plan.encoding));
      if (isDecided) {
        tensor.plan = plan;
        tensor.plan->layouts.clear();
      }
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Expected<ExportedComponents>
compress::loadComponents(const ExportTensor &tensor, const EncodingSpec &target,
                         Rounding rounding) {
  Expected<LaidOutParameter> loaded = layOut(*tensor.plan);
  if (!loaded)
    return loaded.takeError();
  ExportedComponents result;
  bool isSame = tensor.plan->encoding ? *tensor.plan->encoding == target
                                      : isPlain(target);
  if (isSame) {
    result.components.assign(
        std::make_move_iterator(loaded->components.begin()),
        std::make_move_iterator(loaded->components.end()));
    return result;
  }
  EncodingSpec plain;
  plain.kind = EncodingSpec::Kind::Float;
  plain.code = NumberType::getF32();
  auto decodeAll = [&](const EncodingSpec &spec,
                       ArrayRef<ComponentData> components,
                       std::vector<float> &values) {
    values.resize(tensor.plan->getNumElements());
    SmallVector<ArrayRef<uint8_t>> views(components.begin(), components.end());
    return decode(spec, tensor.plan->shape, views, values);
  };
  std::vector<float> values, rounded;
  if (Error error = decodeAll(tensor.plan->encoding.value_or(plain),
                              loaded->components, values))
    return tensor.source->fail(toString(std::move(error)));
  EncodeInputs inputs;
  inputs.rounding =
      hasRounding(target, rounding) ? rounding : Rounding::Nearest;
  Expected<SmallVector<ComponentData>> components =
      encode(target, tensor.plan->shape, values, inputs);
  if (!components)
    return tensor.source->fail(toString(components.takeError()));
  if (Error error = decodeAll(target, *components, rounded))
    return tensor.source->fail(toString(std::move(error)));
  double difference = 0, norm = 0;
  for (auto [x, y] : zip_equal(values, rounded)) {
    difference += (double(x) - y) * (double(x) - y);
    norm += double(x) * x;
  }
  result.components = std::move(*components);
  result.lossyError = norm > 0 ? std::sqrt(difference / norm) : 0;
  return result;
}

void compress::printExported(ArrayRef<ExportedTensor> tensors,
                             raw_ostream &os) {
  for (const ExportedTensor &tensor : tensors) {
    os << tensor.name << ": " << tensor.before;
    if (tensor.after != tensor.before)
      os << " -> " << tensor.after;
    if (tensor.lossyError)
      os << ", relative error " << format("%.3e", *tensor.lossyError);
    os << "\n";
  }
}
