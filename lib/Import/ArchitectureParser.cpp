//===- ArchitectureParser.cpp - Reads architecture files ------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArchitectureBase.h"
#include "JSONFields.h"

#include "compress/Import/Architecture.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr SourceKind sourceKinds[] = {SourceKind::GGUF,
                                             SourceKind::HuggingFace};

/// The value of a JSON scalar as text of a formula.
static std::optional<std::string> getFormula(const json::Value *value) {
  if (!value)
    return std::nullopt;
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  if (std::optional<bool> truth = value->getAsBoolean())
    return *truth ? "true" : "false";
  if (std::optional<double> number = value->getAsNumber())
    return str(ScalarValue(*number));
  return std::nullopt;
}

/// One alternative of a hyper-parameter's source.
static Error parseSource(const json::Value &value, JSONFields &fields,
                         StringRef kind,
                         std::vector<HyperparameterSource> &result) {
  using Kind = HyperparameterSource::Kind;
  HyperparameterSource source;
  if (std::optional<StringRef> key = value.getAsString()) {
    source.text = key->str();
    result.push_back(std::move(source));
    return Error::success();
  }
  const json::Object *object = value.getAsObject();
  auto fail = [&] {
    return fields.fail("\"" + kind +
                       "\" must be a key, or an object with one of \"value\", "
                       "\"has_tensor\", \"lacks_tensor\", \"rows_of\"");
  };
  if (!object || object->size() != 1)
    return fail();
  if (const json::Value *constant = object->get("value")) {
    source.kind = Kind::Constant;
    if (std::optional<bool> truth = constant->getAsBoolean())
      source.value = *truth;
    else if (std::optional<double> number = constant->getAsNumber())
      source.value = *number;
    else if (std::optional<StringRef> word = constant->getAsString())
      source.value = word->str();
    else
      return fail();
    result.push_back(std::move(source));
    return Error::success();
  }
  for (auto [name, sourceKind] : {std::pair("has_tensor", Kind::HasTensor),
                                  std::pair("lacks_tensor", Kind::LacksTensor),
                                  std::pair("rows_of", Kind::RowsOf)})
    if (std::optional<StringRef> tensor = object->getString(name)) {
      source.kind = sourceKind;
      source.text = tensor->str();
      result.push_back(std::move(source));
      return Error::success();
    }
  return fail();
}

static Error parseHyperparameter(StringRef name, const json::Value &value,
                                 StringRef path, Architecture &result) {
  using Type = Hyperparameter::Type;
  JSONFields fields(value, path, "hyper-parameter \"" + name.str() + "\"");
  Hyperparameter parameter;
  parameter.name = name.str();
  std::string type = fields.getString("type");
  static constexpr std::pair<StringLiteral, Type> types[] = {
      {"integer", Type::Integer},
      {"number", Type::Number},
      {"boolean", Type::Boolean},
      {"string", Type::String}};
  const auto *entry =
      find_if(types, [&](const auto &entry) { return entry.first == type; });
  if (entry == std::end(types))
    fields.addError("\"type\" must be integer, number, boolean or string");
  else
    parameter.type = entry->second;
  if (const json::Value *minimum = fields.get("minimum")) {
    if (std::optional<int64_t> integer = minimum->getAsInteger())
      parameter.minimum = *integer;
    else
      fields.addError("\"minimum\" must be an integer");
  }
  parameter.values = fields.getStrings("values");
  if (const json::Value *perLayer = fields.get("per_layer")) {
    if (std::optional<bool> truth = perLayer->getAsBoolean())
      parameter.perLayer = *truth;
    else
      fields.addError("\"per_layer\" must be true or false");
  }
  for (SourceKind kind : sourceKinds) {
    const json::Value *source = fields.get(str(kind));
    if (!source)
      continue;
    std::vector<HyperparameterSource> &sources = parameter.sources[kind];
    // One alternative may stand without the list.
    json::Array single{*source};
    const json::Array *list = source->getAsArray();
    for (const json::Value &alternative : list ? *list : single)
      if (Error error = parseSource(alternative, fields, str(kind), sources))
        return error;
  }
  if (const json::Value *formula = fields.get("default")) {
    if (std::optional<std::string> text = getFormula(formula))
      parameter.defaultFormula = *text;
    else
      fields.addError("\"default\" must be a value or a formula");
  }
  result.hyperparameters[name.str()] = std::move(parameter);
  return fields.finish();
}

/// Where a parameter may lie: a tensor's name, or an object.
static Error parseTensorSource(const json::Value &value, StringRef path,
                               const std::string &where,
                               std::vector<TensorSource> &sources) {
  TensorSource &result = sources.emplace_back();
  if (std::optional<StringRef> name = value.getAsString()) {
    result.tensor = name->str();
    return Error::success();
  }
  JSONFields fields(value, path, where);
  result.tensor = fields.getString("tensor");
  for (auto [name, target] : {std::pair("first_row", &result.firstRow),
                              std::pair("stacked", &result.stacked)})
    if (const json::Value *value = fields.get(name)) {
      if (std::optional<std::string> text = getFormula(value))
        *target = *text;
      else
        fields.addError("\"" + StringRef(name) +
                        "\" must be a number or a formula");
    }
  if (const json::Value *transposed = fields.get("transposed")) {
    if (std::optional<bool> truth = transposed->getAsBoolean())
      result.transposed = *truth;
    else
      fields.addError("\"transposed\" must be true or false");
  }
  if (const json::Value *offset = fields.get("offset")) {
    if (std::optional<double> number = offset->getAsNumber())
      result.offset = *number;
    else
      fields.addError("\"offset\" must be a number");
  }
  return fields.finish();
}

static Error
parseParameter(StringRef name, const json::Value &value, StringRef path,
               std::map<std::string, ParameterDescription> &result) {
  JSONFields fields(value, path, "parameter \"" + name.str() + "\"");
  ParameterDescription parameter;
  for (SourceKind kind : sourceKinds) {
    const json::Value *source = fields.get(str(kind));
    if (!source)
      continue;
    std::string where =
        ("\"" + str(kind) + "\" of parameter \"" + name + "\"").str();
    // One alternative may stand without the list.
    json::Array single{*source};
    const json::Array *list = source->getAsArray();
    for (const json::Value &alternative : list ? *list : single)
      if (Error error = parseTensorSource(alternative, path, where,
                                          parameter.sources[kind]))
        return joinErrors(std::move(error), fields.finish());
  }
  parameter.when = fields.getOptionalString("when");
  if (const json::Value *shape = fields.get("shape")) {
    const json::Array *list = shape->getAsArray();
    if (!list || list->empty())
      fields.addError("\"shape\" must be a list of formulas");
    else
      for (const json::Value &size : *list)
        if (std::optional<std::string> text = getFormula(&size))
          parameter.shape.push_back(*text);
        else
          fields.addError("\"shape\" must be a list of formulas");
  } else {
    fields.addError("lacks \"shape\"");
  }
  if (const json::Value *tied = fields.get("tied")) {
    JSONFields tie(*tied, path, "\"tied\" of parameter \"" + name.str() + "\"");
    parameter.tiedTo = tie.getString("to");
    parameter.tiedWhen = tie.getString("when");
    if (Error error = tie.finish())
      return joinErrors(std::move(error), fields.finish());
  }
  result[name.str()] = std::move(parameter);
  return fields.finish();
}

static Error parseSteps(StringRef section, const json::Value *value,
                        StringRef path, std::vector<ArchitectureStep> &result) {
  const json::Array *list = value ? value->getAsArray() : nullptr;
  if (!list)
    return makeFileError(path, "\"" + section + "\" must be a list of steps");
  StringSet<> names;
  for (auto [index, entry] : enumerate(*list)) {
    JSONFields fields(entry, path,
                      "step " + std::to_string(index + 1) + " of \"" +
                          section.str() + "\"");
    ArchitectureStep step;
    step.op = fields.getString("op");
    std::string name = fields.getOptionalString("name");
    if (!name.empty() && !names.insert(name).second)
      fields.addError("another step has the name \"" + name + "\", too");
    for (StringRef key : fields.getKeys()) {
      if (key == "op" || key == "name")
        continue;
      if (std::optional<std::string> text = getFormula(fields.get(key)))
        step.fields[key.str()] = *text;
      else
        fields.addError("\"" + key + "\" must be a word, number or formula");
    }
    if (Error error = fields.finish())
      return error;
    result.push_back(std::move(step));
  }
  return Error::success();
}

/// Lists of words per kind of model files, at `name`; absent ones are empty.
static Error
parseLists(JSONFields &fields, StringRef name, StringRef path,
           std::map<SourceKind, std::vector<std::string>> &result) {
  const json::Value *value = fields.get(name);
  if (!value)
    return Error::success();
  JSONFields lists(*value, path, "\"" + name.str() + "\"");
  for (SourceKind kind : sourceKinds)
    result[kind] = lists.getStrings(str(kind));
  return lists.finish();
}

/// In keys of metadata, `{architecture}` is a word and no list of alternatives.
static std::string escapePlaceholder(StringRef pattern) {
  return replaceArchitecture(pattern, "\\{architecture\\}");
}

static Error parseGlobs(JSONFields &fields, StringRef name, StringRef path,
                        std::map<SourceKind, std::vector<NameGlob>> &result) {
  std::map<SourceKind, std::vector<std::string>> lists;
  if (Error error = parseLists(fields, name, path, lists))
    return error;
  for (const auto &[kind, patterns] : lists)
    for (const std::string &pattern : patterns) {
      Expected<NameGlob> glob = NameGlob::create(escapePlaceholder(pattern));
      if (!glob)
        return makeFileError(path,
                             "\"" + name + "\": " + toString(glob.takeError()));
      result[kind].push_back(std::move(*glob));
    }
  return Error::success();
}

/// Calls `parse` for every member of the object at `name`.
static Error
parseMembers(JSONFields &fields, StringRef name, StringRef path,
             function_ref<Error(StringRef, const json::Value &)> parse) {
  const json::Value *value = fields.get(name);
  if (!value)
    return Error::success();
  JSONFields members(*value, path, "\"" + name.str() + "\"");
  for (StringRef key : members.getKeys())
    if (Error error = parse(key, *members.get(key)))
      return error;
  return members.finish();
}

static Error parseConstraint(StringRef name, const json::Value &value,
                             StringRef path, Architecture &result) {
  JSONFields constraint(value, path, "constraint \"" + name.str() + "\"");
  result.constraints.push_back(
      {constraint.getString("require"), constraint.getString("message")});
  return constraint.finish();
}

static Error parseCache(JSONFields &fields, StringRef path,
                        Architecture &result) {
  const json::Value *value = fields.get("cache");
  bool isEncoder = result.kind == ArchitectureKind::Encoder;
  if (!value && isEncoder)
    return Error::success();
  if (!value)
    return fields.fail("lacks \"cache\"");
  if (isEncoder)
    return fields.fail(
        "\"cache\" is for decoders; an encoder sees whole texts");
  JSONFields cache(*value, path, "\"cache\"");
  result.cacheLayers = cache.getString("layers");
  result.cacheHeads = cache.getString("heads");
  result.cacheHeadDim = cache.getString("head_dim");
  return cache.finish();
}

static void parseKind(JSONFields &fields, Architecture &result) {
  std::string kind = fields.getOptionalString("kind");
  if (kind == "encoder")
    result.kind = ArchitectureKind::Encoder;
  else if (!kind.empty() && kind != "decoder")
    fields.addError("\"kind\" must be decoder or encoder");
}

static Error parseServes(JSONFields &fields, StringRef path,
                         Architecture &result) {
  const json::Value *value = fields.get("serves");
  if (!value)
    return Error::success();
  JSONFields kinds(*value, path, "\"serves\"");
  for (SourceKind kind : sourceKinds) {
    const json::Value *list = kinds.get(str(kind));
    if (!list)
      continue;
    if (!list->getAsArray())
      return kinds.fail("\"" + str(kind) + "\" must be a list");
    for (const json::Value &entry : *list->getAsArray()) {
      ServedModels &served = result.serves[kind].emplace_back();
      if (std::optional<StringRef> word = entry.getAsString()) {
        served.architecture = word->str();
        continue;
      }
      JSONFields models(entry, path, "\"serves\"");
      served.architecture = models.getString("architecture");
      served.withKey = models.getString("with_key");
      if (Error error = models.finish())
        return error;
    }
  }
  return kinds.finish();
}

static Error parseSections(JSONFields &fields, StringRef path,
                           Architecture &result) {
  if (Error error = parseServes(fields, path, result))
    return error;
  if (Error error = parseMembers(fields, "hyperparameters", path,
                                 [&](StringRef name, const json::Value &value) {
                                   return parseHyperparameter(name, value, path,
                                                              result);
                                 }))
    return error;
  if (Error error = parseMembers(fields, "constraints", path,
                                 [&](StringRef name, const json::Value &value) {
                                   return parseConstraint(name, value, path,
                                                          result);
                                 }))
    return error;
  if (Error error =
          parseGlobs(fields, "ignored_keys", path, result.ignoredKeys))
    return error;
  if (Error error =
          parseGlobs(fields, "ignored_tensors", path, result.ignoredTensors))
    return error;
  for (auto [name, target] :
       {std::pair(StringRef("parameters"), &result.parameters),
        std::pair(StringRef("layer_parameters"), &result.layerParameters)})
    if (Error error = parseMembers(
            fields, name, path,
            [&, target = target](StringRef name, const json::Value &value) {
              return parseParameter(name, value, path, *target);
            }))
      return error;
  if (Error error = parseCache(fields, path, result))
    return error;
  for (auto [name, target] :
       {std::pair(StringRef("prologue"), &result.prologue),
        std::pair(StringRef("layer"), &result.layer),
        std::pair(StringRef("epilogue"), &result.epilogue)})
    if (Error error = parseSteps(name, fields.get(name), path, *target))
      return error;
  return Error::success();
}

Expected<Architecture> Architecture::parse(StringRef text, StringRef path,
                                           ArchitectureTexts bases) {
  Expected<json::Value> own = parseJSON(text, path);
  if (!own)
    return own.takeError();
  Expected<json::Value> value = addBase(std::move(*own), path, bases);
  if (!value)
    return value.takeError();
  Architecture result;
  result.path = path.str();
  JSONFields fields(*value, path, "the architecture");
  result.name = fields.getString("name");
  result.summary = fields.getOptionalString("summary");
  parseKind(fields, result);
  if (Error error = parseSections(fields, path, result))
    return joinErrors(std::move(error), fields.finish());
  if (Error error = fields.finish())
    return error;
  return result;
}

Expected<Architecture> Architecture::read(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  return parse(file->getText(), path);
}

/// Whether `served` are such files.
static bool serves(const ServedModels &served, const ModelFiles &files) {
  return served.architecture == files.getArchitecture() &&
         (served.withKey.empty() || files.find(served.withKey));
}

Expected<Architecture> Architecture::findFor(const ModelFiles &files) {
  std::string known;
  std::optional<Architecture> found;
  for (const auto &[name, text] : getBuiltinArchitectures()) {
    Expected<Architecture> architecture = parse(text, name);
    if (!architecture)
      return architecture.takeError();
    for (const ServedModels &served : architecture->serves[files.getKind()]) {
      bool serving = ::serves(served, files);
      if (serving && !served.withKey.empty())
        return architecture;
      if (serving)
        found = *architecture;
      if (served.withKey.empty())
        known += (known.empty() ? "" : ", ") + served.architecture;
    }
  }
  if (found)
    return std::move(*found);
  return makeFileError(files.getMetadataPath(),
                       "the architecture \"" + files.getArchitecture() +
                           "\" is not known; known are " + known +
                           "; others can be described in a file of their own "
                           "(--architecture)");
}
