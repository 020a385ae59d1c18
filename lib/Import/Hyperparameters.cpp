//===- Hyperparameters.cpp - The sizes of one model -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/Architecture.h"
#include "compress/Support/ElementType.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

/// Integers beyond this are not exact as double.
static constexpr double largestInteger = 9007199254740992.0;

/// The integer that `value` is, or nothing.
static std::optional<int64_t> getInteger(const ScalarValue &value) {
  const double *number = std::get_if<double>(&value);
  if (!number || *number != std::floor(*number) ||
      std::fabs(*number) > largestInteger)
    return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::string mlir::compress::replaceArchitecture(StringRef text, StringRef by) {
  std::string result;
  for (size_t at;
       (at = text.find(kArchitecturePlaceholder)) != StringRef::npos;) {
    result += text.take_front(at);
    result += by;
    text = text.drop_front(at + kArchitecturePlaceholder.size());
  }
  return result + text.str();
}

namespace mlir::compress {
/// Finds values on demand, since a default may use any other value.
class HyperparameterResolver {
public:
  HyperparameterResolver(const Architecture &architecture,
                         const ModelFiles &files, Hyperparameters &result)
      : architecture(architecture), files(files), result(result) {}

  Error run();

private:
  Error fail(const Twine &message) const {
    return makeFileError(files.getMetadataPath(), message);
  }
  using Layer = Hyperparameters::Layer;
  /// Finds the value, or all layers' values, unless that was done.
  Error resolve(StringRef name);
  Error resolveLayers(const Hyperparameter &parameter);
  Expected<ScalarValue> compute(const Hyperparameter &parameter, Layer layer);
  Expected<std::optional<ScalarValue>> find(const HyperparameterSource &source,
                                            Layer layer);
  /// The metadata key that `source` names.
  std::string getKey(const HyperparameterSource &source) const;
  /// What `source` is, for messages.
  std::string describe(const HyperparameterSource &source) const;
  Expected<ScalarValue> getScalar(const HyperparameterSource &source,
                                  const json::Value &value) const;
  Expected<ScalarValue> check(const Hyperparameter &parameter,
                              ScalarValue value, StringRef origin) const;
  Error checkConstraints() const;
  Error checkKeys() const;

  const Architecture &architecture;
  const ModelFiles &files;
  Hyperparameters &result;
  /// What is being resolved, outermost first.
  SmallVector<std::string> stack;
};
} // namespace mlir::compress

Error HyperparameterResolver::run() {
  result.path = files.getMetadataPath();
  for (const auto &[name, parameter] : architecture.hyperparameters)
    if (Error error = resolve(name))
      return error;
  if (Error error = checkConstraints())
    return error;
  return checkKeys();
}

Error HyperparameterResolver::resolve(StringRef name) {
  if (result.values.count(name.str()) || result.layerValues.count(name.str()))
    return Error::success();
  if (is_contained(stack, name))
    return makeFileError(architecture.path,
                         "hyper-parameter \"" + name + "\" depends on itself");
  stack.push_back(name.str());
  const Hyperparameter &parameter =
      architecture.hyperparameters.find(name.str())->second;
  if (parameter.perLayer) {
    if (Error error = resolveLayers(parameter))
      return error;
  } else {
    Expected<ScalarValue> value = compute(parameter, std::nullopt);
    if (!value)
      return value.takeError();
    result.values[name.str()] = std::move(*value);
  }
  stack.pop_back();
  return Error::success();
}

Error HyperparameterResolver::resolveLayers(const Hyperparameter &parameter) {
  if (!architecture.hyperparameters.count("layers"))
    return makeFileError(architecture.path,
                         "hyper-parameter \"" + parameter.name +
                             "\" is per layer, but there is no \"layers\"");
  if (Error error = resolve("layers"))
    return error;
  Expected<int64_t> layers = result.evaluateInteger("layers");
  if (!layers)
    return layers.takeError();
  // More is no model, but would take memory before a tensor is missed.
  constexpr int64_t kMostLayers = 1 << 16;
  if (*layers > kMostLayers)
    return fail("layers is " + Twine(*layers) + ", more than the " +
                Twine(kMostLayers) + " that are supported");
  std::vector<ScalarValue> values;
  for (int64_t layer = 0; layer < *layers; ++layer) {
    Expected<ScalarValue> value = compute(parameter, layer);
    if (!value)
      return value.takeError();
    values.push_back(std::move(*value));
  }
  result.layerValues[parameter.name] = std::move(values);
  return Error::success();
}

std::string
HyperparameterResolver::getKey(const HyperparameterSource &source) const {
  return replaceArchitecture(source.text, files.getArchitecture());
}

std::string
HyperparameterResolver::describe(const HyperparameterSource &source) const {
  switch (source.kind) {
  case HyperparameterSource::Kind::Key:
    return "\"" + getKey(source) + "\"";
  case HyperparameterSource::Kind::Constant:
    return str(source.value);
  case HyperparameterSource::Kind::HasTensor:
  case HyperparameterSource::Kind::LacksTensor:
    return "presence of tensor \"" + source.text + "\"";
  case HyperparameterSource::Kind::RowsOf:
    return "rows of tensor \"" + source.text + "\"";
  }
  llvm_unreachable("covered switch");
}

Expected<ScalarValue>
HyperparameterResolver::compute(const Hyperparameter &parameter, Layer layer) {
  auto sources = parameter.sources.find(files.getKind());
  std::string looked;
  if (sources != parameter.sources.end())
    for (const HyperparameterSource &source : sources->second) {
      std::string origin = describe(source);
      Expected<std::optional<ScalarValue>> value = find(source, layer);
      if (!value)
        return value.takeError();
      if (*value)
        return check(parameter, std::move(**value), origin);
      looked += (looked.empty() ? "" : ", ") + origin;
    }
  if (parameter.defaultFormula.empty())
    return fail("lacks " +
                (looked.empty() ? Twine("any source") : Twine(looked)) +
                ", which gives " + parameter.name + " of the architecture " +
                architecture.name);

  // The lookup can't hand an error through the evaluator.
  Error inner = Error::success();
  Expected<ScalarValue> value =
      evaluate(parameter.defaultFormula,
               [&](StringRef name) -> std::optional<ScalarValue> {
                 if (architecture.hyperparameters.count(name.str()))
                   if (Error error = resolve(name)) {
                     inner = joinErrors(std::move(inner), std::move(error));
                     return ScalarValue(0.0);
                   }
                 return result.find(name, layer);
               });
  if (inner) {
    consumeError(value.takeError());
    return std::move(inner);
  }
  if (!value)
    return fail(parameter.name + ": " + toString(value.takeError()));
  return check(parameter, std::move(*value), parameter.defaultFormula);
}

Expected<std::optional<ScalarValue>>
HyperparameterResolver::find(const HyperparameterSource &source, Layer layer) {
  using Kind = HyperparameterSource::Kind;
  using Result = std::optional<ScalarValue>;
  switch (source.kind) {
  case Kind::Constant:
    return Result(source.value);
  case Kind::HasTensor:
    return Result(files.findTensor(source.text) != nullptr);
  case Kind::LacksTensor:
    return Result(files.findTensor(source.text) == nullptr);
  case Kind::RowsOf: {
    const StoredTensor *tensor = files.findTensor(source.text);
    if (!tensor || tensor->shape.empty())
      return Result();
    return Result(static_cast<double>(tensor->shape.front()));
  }
  case Kind::Key:
    break;
  }
  std::optional<json::Value> value = files.find(getKey(source));
  if (!value)
    return Result();
  const json::Array *list = layer ? value->getAsArray() : nullptr;
  if (list) {
    int64_t layers = *result.evaluateInteger("layers");
    if (list->size() != static_cast<size_t>(layers))
      return fail(describe(source) + " has " + Twine(list->size()) +
                  " values for " + Twine(layers) + " layers");
  }
  Expected<ScalarValue> scalar =
      getScalar(source, list ? (*list)[*layer] : *value);
  if (!scalar)
    return scalar.takeError();
  return Result(std::move(*scalar));
}

Expected<ScalarValue>
HyperparameterResolver::getScalar(const HyperparameterSource &source,
                                  const json::Value &value) const {
  if (std::optional<bool> truth = value.getAsBoolean())
    return *truth;
  if (std::optional<double> number = value.getAsNumber())
    return *number;
  if (std::optional<StringRef> word = value.getAsString())
    return word->str();
  return fail(describe(source) +
              " is a list or an object, which the architecture " +
              architecture.name +
              " does not support (one value for all "
              "layers is)");
}

Expected<ScalarValue>
HyperparameterResolver::check(const Hyperparameter &parameter,
                              ScalarValue value, StringRef origin) const {
  auto wrong = [&](const Twine &what) {
    return fail(parameter.name + " (" + origin + ") is " + str(value) +
                "; it must be " + what);
  };
  switch (parameter.type) {
  case Hyperparameter::Type::Integer: {
    std::optional<int64_t> integer = getInteger(value);
    if (!integer || *integer < parameter.minimum)
      return wrong("an integer from " + Twine(parameter.minimum));
    return value;
  }
  case Hyperparameter::Type::Number:
    if (!std::holds_alternative<double>(value))
      return wrong("a number");
    return value;
  case Hyperparameter::Type::Boolean:
    if (!std::holds_alternative<bool>(value))
      return wrong("true or false");
    return value;
  case Hyperparameter::Type::String:
    if (!std::holds_alternative<std::string>(value))
      return wrong("a word");
    if (!parameter.values.empty() &&
        !is_contained(parameter.values, std::get<std::string>(value)))
      return wrong("one of " + join(parameter.values, ", "));
    return value;
  }
  llvm_unreachable("covered switch");
}

Error HyperparameterResolver::checkConstraints() const {
  // Where layers differ, constraints hold in each of them.
  int64_t layers = 1;
  bool perLayer = !result.layerValues.empty();
  if (perLayer)
    layers = static_cast<int64_t>(result.layerValues.begin()->second.size());
  for (const ArchitectureConstraint &constraint : architecture.constraints)
    for (int64_t layer = 0; layer < layers; ++layer) {
      Expected<bool> holds = result.evaluateBoolean(
          constraint.require, perLayer ? Layer(layer) : std::nullopt);
      if (!holds)
        return holds.takeError();
      if (!*holds)
        return fail(constraint.message + " (" + constraint.require + ")");
    }
  return Error::success();
}

/// A key that nothing reads may well change what the model computes.
Error HyperparameterResolver::checkKeys() const {
  SourceKind kind = files.getKind();
  StringSet<> known;
  for (const auto &[name, parameter] : architecture.hyperparameters) {
    auto sources = parameter.sources.find(kind);
    if (sources == parameter.sources.end())
      continue;
    for (const HyperparameterSource &source : sources->second)
      if (source.kind == HyperparameterSource::Kind::Key)
        known.insert(getKey(source));
  }
  auto ignored = architecture.ignoredKeys.find(kind);
  for (const std::string &key : files.getKeys()) {
    if (known.contains(key))
      continue;
    StringRef rest = key;
    std::string general;
    if (rest.consume_front(files.getArchitecture()) && rest.starts_with("."))
      general = (kArchitecturePlaceholder + rest).str();
    if (ignored != architecture.ignoredKeys.end() &&
        any_of(ignored->second, [&](const NameGlob &glob) {
          return glob.match(key) || glob.match(general);
        }))
      continue;
    return fail("the key \"" + key + "\" is not known to the architecture " +
                architecture.name +
                "; describe it in an architecture file of your own "
                "(--architecture), or list it there under ignored_keys if it "
                "has no influence");
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Hyperparameters
//===----------------------------------------------------------------------===//

Expected<Hyperparameters>
Hyperparameters::resolve(const Architecture &architecture,
                         const ModelFiles &files) {
  Hyperparameters result;
  if (Error error = HyperparameterResolver(architecture, files, result).run())
    return error;
  return result;
}

Error Hyperparameters::fail(StringRef formula, const Twine &message) const {
  return makeFileError(path, "\"" + formula + "\" " + message);
}

std::optional<ScalarValue> Hyperparameters::find(StringRef name,
                                                 Layer layer) const {
  if (auto it = values.find(name.str()); it != values.end())
    return it->second;
  if (!layer)
    return std::nullopt;
  if (name == "layer")
    return ScalarValue(static_cast<double>(*layer));
  auto it = layerValues.find(name.str());
  if (it == layerValues.end() ||
      static_cast<size_t>(*layer) >= it->second.size())
    return std::nullopt;
  return it->second[*layer];
}

Expected<ScalarValue> Hyperparameters::evaluate(StringRef formula,
                                                Layer layer) const {
  Expected<ScalarValue> value = compress::evaluate(
      formula, [&](StringRef name) { return find(name, layer); });
  if (!value)
    return makeFileError(path, toString(value.takeError()));
  return value;
}

Expected<int64_t> Hyperparameters::evaluateInteger(StringRef formula,
                                                   Layer layer) const {
  Expected<ScalarValue> value = evaluate(formula, layer);
  if (!value)
    return value.takeError();
  if (std::optional<int64_t> integer = getInteger(*value))
    return *integer;
  return fail(formula, "is " + str(*value) + ", not an integer");
}

Expected<double> Hyperparameters::evaluateNumber(StringRef formula,
                                                 Layer layer) const {
  Expected<ScalarValue> value = evaluate(formula, layer);
  if (!value)
    return value.takeError();
  if (const double *number = std::get_if<double>(&*value))
    return *number;
  return fail(formula, "is " + str(*value) + ", not a number");
}

Expected<bool> Hyperparameters::evaluateBoolean(StringRef formula,
                                                Layer layer) const {
  Expected<ScalarValue> value = evaluate(formula, layer);
  if (!value)
    return value.takeError();
  if (const bool *truth = std::get_if<bool>(&*value))
    return *truth;
  return fail(formula, "is " + str(*value) + ", not true or false");
}

Expected<std::string> Hyperparameters::evaluateString(StringRef formula,
                                                      Layer layer) const {
  Expected<ScalarValue> value = evaluate(formula, layer);
  if (!value)
    return value.takeError();
  if (const std::string *word = std::get_if<std::string>(&*value))
    return *word;
  return fail(formula, "is " + str(*value) + ", not a word");
}
