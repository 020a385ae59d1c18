//===- ModelParameters.cpp - The weights of one model ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/Architecture.h"
#include "compress/Support/ElementType.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlir::compress;

std::string mlir::compress::getParameterSymbol(StringRef name,
                                               std::optional<int64_t> layer) {
  if (!layer)
    return name.str();
  return ("blk." + Twine(*layer) + "." + name).str();
}

namespace mlir::compress {
class ParameterResolver {
public:
  ParameterResolver(const Architecture &architecture, ModelFiles &files,
                    const Hyperparameters &values, ModelParameters &result)
      : architecture(architecture), files(files), values(values),
        result(result) {}

  Error run();

private:
  /// What serves parameters: which rows [first, end) of the tensor, as the last
  /// parameter saw it; none where it serves whole.
  struct Use {
    SmallVector<std::pair<int64_t, int64_t>> rows;
    bool transposed = false;
  };

  Error resolve(StringRef name, const ParameterDescription &description,
                std::optional<int64_t> layer);
  Expected<bool> resolveTie(StringRef name,
                            const ParameterDescription &description,
                            std::optional<int64_t> layer);
  Error findTensor(const TensorSource &source, ModelParameter &parameter);
  Error useStack(const TensorView &view, const ModelParameter &parameter);
  Error checkRows(const StoredTensor &tensor, const Use &use) const;
  Error check(const ModelParameter &parameter) const;
  Error checkUnused() const;

  const Architecture &architecture;
  ModelFiles &files;
  const Hyperparameters &values;
  ModelParameters &result;
  StringMap<Use> used;
  /// Parameters that are another one: symbol and what it stands for.
  std::vector<std::pair<std::string, std::string>> ties;
};
} // namespace mlir::compress

Error ParameterResolver::run() {
  for (const auto &[name, description] : architecture.parameters)
    if (Error error = resolve(name, description, std::nullopt))
      return error;
  Expected<int64_t> layers = values.evaluateInteger("layers");
  if (!layers)
    return layers.takeError();
  for (int64_t layer = 0; layer != *layers; ++layer)
    for (const auto &[name, description] : architecture.layerParameters)
      if (Error error = resolve(name, description, layer))
        return error;
  for (const auto &[symbol, target] : ties) {
    auto it = result.indices.find(target);
    if (it == result.indices.end())
      return makeFileError(architecture.path,
                           "parameter \"" + symbol + "\" is tied to \"" +
                               target + "\", which the model does not have");
    result.indices[symbol] = it->second;
  }
  return checkUnused();
}

/// Whether the parameter is tied to another one.
Expected<bool>
ParameterResolver::resolveTie(StringRef name,
                              const ParameterDescription &description,
                              std::optional<int64_t> layer) {
  if (description.tiedTo.empty())
    return false;
  Expected<bool> tied = values.evaluateBoolean(description.tiedWhen, layer);
  if (tied && *tied) {
    bool perLayer =
        layer && architecture.layerParameters.count(description.tiedTo);
    ties.emplace_back(getParameterSymbol(name, layer),
                      getParameterSymbol(description.tiedTo,
                                         perLayer ? layer : std::nullopt));
  }
  return tied;
}

/// `text` with the layer's number in place of `{layer}`.
static std::string withLayer(StringRef text, std::optional<int64_t> layer) {
  auto [before, after] = text.split("{layer}");
  if (!layer || before.size() == text.size())
    return text.str();
  return (before + Twine(*layer) + after).str();
}

Error ParameterResolver::resolve(StringRef name,
                                 const ParameterDescription &description,
                                 std::optional<int64_t> layer) {
  if (!description.when.empty()) {
    Expected<bool> exists = values.evaluateBoolean(description.when, layer);
    if (!exists)
      return exists.takeError();
    if (!*exists)
      return Error::success();
  }
  Expected<bool> tied = resolveTie(name, description, layer);
  if (!tied)
    return tied.takeError();
  if (*tied)
    return Error::success();

  ModelParameter parameter;
  parameter.symbol = getParameterSymbol(name, layer);
  parameter.name = name.str();
  parameter.layer = layer;
  for (const std::string &formula : description.shape) {
    Expected<int64_t> size = values.evaluateInteger(formula, layer);
    if (!size)
      return size.takeError();
    parameter.shape.push_back(*size);
  }
  auto sources = description.sources.find(files.getKind());
  if (sources == description.sources.end() || sources->second.empty())
    return makeFileError(architecture.path,
                         "parameter \"" + name + "\" has no \"" +
                             str(files.getKind()) + "\" name");
  auto source = find_if(sources->second, [&](const TensorSource &source) {
    TensorView first;
    first.tensor = withLayer(source.tensor, layer);
    return files.findTensor(first.getStackedName(0));
  });
  if (source == sources->second.end())
    return makeFileError(
        files.getPath(),
        "lacks the tensor \"" +
            withLayer(sources->second.front().tensor, layer) +
            "\" that the architecture " + architecture.name +
            " needs; the file is incomplete or of another architecture");
  if (Error error = findTensor(*source, parameter))
    return error;
  if (Error error = check(parameter))
    return error;
  result.indices[parameter.symbol] = result.parameters.size();
  result.parameters.push_back(std::move(parameter));
  return Error::success();
}

/// Notes that the tensors of a stack are used, by nothing else.
Error ParameterResolver::useStack(const TensorView &view,
                                  const ModelParameter &parameter) {
  for (int64_t i = 0; i < *view.stacked; ++i)
    if (!used.try_emplace(view.getStackedName(i)).second)
      return parameter.tensor->fail("serves two parameters; one of them is \"" +
                                    parameter.symbol + "\"");
  return Error::success();
}

/// Finds the parameter's tensor and notes what of it is used.
Error ParameterResolver::findTensor(const TensorSource &source,
                                    ModelParameter &parameter) {
  TensorView view;
  view.tensor = withLayer(source.tensor, parameter.layer);
  if (!source.stacked.empty()) {
    Expected<int64_t> count =
        values.evaluateInteger(source.stacked, parameter.layer);
    if (!count)
      return count.takeError();
    view.stacked = *count;
  }
  view.transposed = source.transposed;
  view.offset = static_cast<float>(source.offset);
  if (!source.firstRow.empty()) {
    Expected<int64_t> first =
        values.evaluateInteger(source.firstRow, parameter.layer);
    if (!first)
      return first.takeError();
    view.rows = {*first, *first + parameter.shape.front()};
  }
  Expected<const StoredTensor *> tensor = files.findView(view);
  if (!tensor)
    return tensor.takeError();
  parameter.tensor = *tensor;
  if (view.stacked)
    return useStack(view, parameter);
  auto [entry, isFirst] = used.try_emplace(view.tensor);
  Use &use = entry->second;
  bool overlaps = any_of(use.rows, [&](std::pair<int64_t, int64_t> other) {
    return view.rows && view.rows->first < other.second &&
           other.first < view.rows->second;
  });
  if (!isFirst && (!view.rows || use.rows.empty() || overlaps))
    return parameter.tensor->fail("serves two parameters; one of them is \"" +
                                  parameter.symbol + "\"");
  if (view.rows)
    use.rows.push_back(*view.rows);
  use.transposed = view.transposed;
  return Error::success();
}

/// An error where parameters leave out rows of a tensor.
Error ParameterResolver::checkRows(const StoredTensor &tensor,
                                   const Use &use) const {
  // None is used twice.
  int64_t covered = 0;
  for (auto [first, end] : use.rows)
    covered += end - first;
  if (use.rows.empty() || covered == tensor.shape[use.transposed ? 1 : 0])
    return Error::success();
  return tensor.fail("has the shape " + strShape(tensor.shape) +
                     ", of which the architecture " + architecture.name +
                     " uses " + Twine(covered) +
                     " rows; the model's sizes do not fit it");
}

Error ParameterResolver::check(const ModelParameter &parameter) const {
  const StoredTensor &tensor = *parameter.tensor;
  if (ArrayRef(tensor.shape) != ArrayRef(parameter.shape))
    return tensor.fail("has the shape " + strShape(tensor.shape) +
                       ", but the model's sizes ask for " +
                       strShape(parameter.shape));
  if (!tensor.isReadable()) {
    std::string known;
    for (const StorageFormat &format : getStorageFormats())
      known += (known.empty() ? "" : ", ") + format.name.str();
    return tensor.fail("has the type " + tensor.typeName +
                       ", which is not supported; supported are " + known +
                       ": convert the model to one of them");
  }
  return Error::success();
}

Error ParameterResolver::checkUnused() const {
  auto ignored = architecture.ignoredTensors.find(files.getKind());
  for (const StoredTensor &tensor : files.getTensors()) {
    if (auto it = used.find(tensor.name); it != used.end()) {
      if (Error error = checkRows(tensor, it->second))
        return error;
      continue;
    }
    if (ignored != architecture.ignoredTensors.end() &&
        any_of(ignored->second,
               [&](const NameGlob &glob) { return glob.match(tensor.name); }))
      continue;
    return tensor.fail("is not used by the architecture " + architecture.name +
                       "; the model computes something else, or the tensor "
                       "must be listed under ignored_tensors of an "
                       "architecture file (--architecture)");
  }
  return Error::success();
}

Expected<ModelParameters>
ModelParameters::resolve(const Architecture &architecture, ModelFiles &files,
                         const Hyperparameters &values) {
  ModelParameters result;
  if (Error error =
          ParameterResolver(architecture, files, values, result).run())
    return error;
  return result;
}

const ModelParameter *
ModelParameters::find(StringRef name, std::optional<int64_t> layer) const {
  auto it = indices.find(getParameterSymbol(name, layer));
  return it == indices.end() ? nullptr : &parameters[it->second];
}
