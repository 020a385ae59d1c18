//===- Manifest.cpp - What a program says of itself -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Manifest.h"

#include "compress/Runtime/ABI.h"
#include "compress/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace llvm;
using namespace mlir::compress;

static constexpr int64_t kVersion = 2;

const FunctionSignature *Manifest::find(StringRef function) const {
  auto it = find_if(functions, [&](const FunctionSignature &signature) {
    return signature.name == function;
  });
  return it == functions.end() ? nullptr : &*it;
}

static constexpr std::pair<PoolingInfo::Mode, StringLiteral> kPoolingModes[] = {
    {PoolingInfo::Mode::Mean, "mean"},
    {PoolingInfo::Mode::Max, "max"},
    {PoolingInfo::Mode::FirstToken, "first-token"},
    {PoolingInfo::Mode::LastToken, "last-token"}};

StringRef mlir::compress::str(PoolingInfo::Mode mode) {
  return find_if(kPoolingModes,
                 [&](auto &entry) { return entry.first == mode; })
      ->second;
}

std::optional<PoolingInfo::Mode>
mlir::compress::parsePoolingMode(StringRef word) {
  for (const auto &[mode, name] : kPoolingModes)
    if (name == word)
      return mode;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static json::Value writeValue(const ValueSignature &value) {
  if (value.isCache)
    return json::Object{{"name", value.name}, {"cache", true}};
  json::Array shape;
  for (const Dimension &dimension : value.shape) {
    if (dimension.symbol.empty())
      shape.push_back(dimension.size);
    else
      shape.push_back(dimension.symbol);
  }
  json::Object result{{"element", str(value.element)},
                      {"shape", std::move(shape)}};
  if (!value.name.empty())
    result["name"] = value.name;
  return result;
}

template <typename T, typename Write>
static json::Array writeList(const std::vector<T> &items, Write write) {
  json::Array result;
  for (const T &item : items)
    result.push_back(write(item));
  return result;
}

static json::Value writeParameter(const ParameterInfo &parameter) {
  json::Object result{{"file", parameter.file}, {"key", parameter.key}};
  if (parameter.isGathered)
    result["gathered"] = true;
  return result;
}

static json::Object writeModel(const ModelInfo &model) {
  json::Object result{{"name", model.name},
                      {"architecture", model.architecture},
                      {"vocabulary", model.vocabulary},
                      {"context_length", model.contextLength},
                      {"layers", model.layers}};
  if (model.pooling)
    result["pooling"] = json::Object{{"mode", str(model.pooling->mode)},
                                     {"normalize", model.pooling->normalize},
                                     {"max_tokens", model.pooling->maxTokens}};
  return result;
}

json::Value Manifest::toJSON() const {
  json::Object functionObject;
  for (const FunctionSignature &function : functions)
    functionObject[function.name] =
        json::Object{{"arguments", writeList(function.arguments, writeValue)},
                     {"results", writeList(function.results, writeValue)}};
  json::Object result{
      {"format", kBundleFormat},
      {"version", kVersion},
      {"abi", abi},
      {"generator", generator},
      {"model", writeModel(model)},
      {"cache", nullptr},
      {"targets", writeList(targets,
                            [](const TargetInfo &target) -> json::Value {
                              return json::Object{
                                  {"triple", target.triple},
                                  {"cpu", target.cpu},
                                  {"features", json::Array(target.features)},
                                  {"library", target.library}};
                            })},
      {"parameters", writeList(parameters, writeParameter)},
      {"functions", std::move(functionObject)},
      {"files", writeList(files,
                          [](const FileInfo &file) -> json::Value {
                            return json::Object{{"name", file.name},
                                                {"bytes", file.bytes},
                                                {"sha256", file.sha256}};
                          })},
      {"tokenizer", nullptr},
      {"ledger", ledger},
      {"options", options}};
  if (cache)
    result["cache"] =
        json::Object{{"layers", cache->layers},
                     {"heads", cache->heads},
                     {"head_dim", cache->headDim},
                     {"type", cache->type},
                     {"key_block_bytes", cache->keyBlockBytes},
                     {"value_block_bytes", cache->valueBlockBytes},
                     {"key_group", cache->keyGroup},
                     {"recent_positions", cache->recentPositions},
                     {"recent_block_bytes", cache->recentBlockBytes}};
  if (!tokenizer.empty())
    result["tokenizer"] = tokenizer;
  return result;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static bool readElement(StringRef text, json::Path path, ElementType &element) {
  for (auto type = ElementType::Bool;; type = ElementType(int(type) + 1)) {
    if (str(type) == text) {
      element = type;
      return true;
    }
    if (type == ElementType::F64)
      break;
  }
  path.report("unknown element type");
  return false;
}

/// A name of a file within a bundle must not lead out of it.
static bool isMemberName(StringRef name) {
  return !name.empty() && !name.starts_with(".") &&
         name.find_first_of("/\\") == StringRef::npos;
}

static bool readMember(json::ObjectMapper &mapper, StringLiteral field,
                       json::Path path, std::string &name) {
  if (!mapper.map(field, name))
    return false;
  if (isMemberName(name))
    return true;
  path.field(field).report("expected the name of a file in the bundle");
  return false;
}

/// Reads a count, which must not be negative.
static bool readCount(json::ObjectMapper &mapper, StringLiteral field,
                      json::Path path, int64_t &count) {
  if (!mapper.map(field, count))
    return false;
  if (count >= 0)
    return true;
  path.field(field).report("expected a count");
  return false;
}

// Found by json::ObjectMapper through argument-dependent lookup.
namespace mlir::compress {

static bool fromJSON(const json::Value &value, Dimension &dimension,
                     json::Path path) {
  if (std::optional<StringRef> symbol = value.getAsString()) {
    dimension.symbol = symbol->str();
    if (!symbol->empty())
      return true;
  } else if (std::optional<int64_t> size = value.getAsInteger()) {
    dimension.size = *size;
    if (*size >= -1)
      return true;
  }
  path.report("expected a size, -1 or a symbol");
  return false;
}

static bool fromJSON(const json::Value &value, ValueSignature &signature,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  std::string element;
  if (!mapper || !mapper.mapOptional("name", signature.name) ||
      !mapper.mapOptional("cache", signature.isCache))
    return false;
  if (signature.isCache)
    return true;
  if (!mapper.map("element", element) || !mapper.map("shape", signature.shape))
    return false;
  // CompressTensor has room for so many sizes.
  if (signature.shape.size() > 6) {
    path.field("shape").report("expected at most 6 sizes");
    return false;
  }
  return readElement(element, path.field("element"), signature.element);
}

static bool fromJSON(const json::Value &value, FunctionSignature &function,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("arguments", function.arguments) &&
         mapper.map("results", function.results);
}

static bool fromJSON(const json::Value &value, PoolingInfo &pooling,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  std::string word;
  if (!mapper || !mapper.map("mode", word) ||
      !mapper.map("normalize", pooling.normalize) ||
      !readCount(mapper, "max_tokens", path, pooling.maxTokens))
    return false;
  std::optional<PoolingInfo::Mode> mode = parsePoolingMode(word);
  if (!mode) {
    path.field("mode").report("unknown pooling");
    return false;
  }
  pooling.mode = *mode;
  return true;
}

static bool fromJSON(const json::Value &value, ModelInfo &model,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("name", model.name) &&
         mapper.map("architecture", model.architecture) &&
         readCount(mapper, "vocabulary", path, model.vocabulary) &&
         readCount(mapper, "context_length", path, model.contextLength) &&
         readCount(mapper, "layers", path, model.layers) &&
         mapper.map("pooling", model.pooling);
}

static bool fromJSON(const json::Value &value, CacheInfo &cache,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  auto readBlockBytes = [&](StringLiteral field, int64_t &bytes) {
    if (!readCount(mapper, field, path, bytes))
      return false;
    if (bytes > 0 && bytes % 64 == 0)
      return true;
    path.field(field).report("expected a multiple of 64");
    return false;
  };
  auto readGroups = [&] {
    if (!readCount(mapper, "key_group", path, cache.keyGroup) ||
        !readCount(mapper, "recent_positions", path, cache.recentPositions) ||
        !readCount(mapper, "recent_block_bytes", path, cache.recentBlockBytes))
      return false;
    int64_t group = cache.keyGroup, recent = cache.recentPositions;
    bool isOk = group == 1
                    ? recent == 0 && cache.recentBlockBytes == 0
                    : group > 0 && group % 16 == 0 && recent > group &&
                          recent % group == 0 && cache.recentBlockBytes > 0 &&
                          cache.recentBlockBytes % 64 == 0;
    if (!isOk)
      path.field("key_group")
          .report("expected 1, or a multiple of 16 with recent positions, a "
                  "larger multiple of it, in blocks of a multiple of 64 bytes");
    return isOk;
  };
  return mapper && readCount(mapper, "layers", path, cache.layers) &&
         readCount(mapper, "heads", path, cache.heads) &&
         readCount(mapper, "head_dim", path, cache.headDim) &&
         mapper.map("type", cache.type) &&
         readBlockBytes("key_block_bytes", cache.keyBlockBytes) &&
         readBlockBytes("value_block_bytes", cache.valueBlockBytes) &&
         readGroups();
}

static bool fromJSON(const json::Value &value, TargetInfo &target,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("triple", target.triple) &&
         mapper.map("cpu", target.cpu) &&
         mapper.map("features", target.features) &&
         readMember(mapper, "library", path, target.library);
}

static bool fromJSON(const json::Value &value, ParameterInfo &parameter,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && readMember(mapper, "file", path, parameter.file) &&
         mapper.map("key", parameter.key) &&
         mapper.mapOptional("gathered", parameter.isGathered);
}

static bool fromJSON(const json::Value &value, FileInfo &file,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !readMember(mapper, "name", path, file.name) ||
      !readCount(mapper, "bytes", path, file.bytes) ||
      !mapper.map("sha256", file.sha256))
    return false;
  if (file.sha256.size() == 64 && all_of(file.sha256, isHexDigit))
    return true;
  path.field("sha256").report("expected 64 hexadecimal digits");
  return false;
}

} // namespace mlir::compress

/// Reads the functions, ordered by name: a JSON object has no order.
static bool readFunctions(const json::Object &object, json::Path path,
                          std::vector<FunctionSignature> &functions) {
  const json::Object *members = object.getObject("functions");
  if (!members) {
    path.field("functions").report("expected object");
    return false;
  }
  json::Path parent = path.field("functions");
  for (const auto &member : *members) {
    FunctionSignature function;
    function.name = member.first.str();
    json::Path at = parent.field(member.first);
    if (!fromJSON(member.second, function, at))
      return false;
    functions.push_back(std::move(function));
  }
  llvm::sort(functions,
             [](const FunctionSignature &a, const FunctionSignature &b) {
               return a.name < b.name;
             });
  return true;
}

/// Reads what everything else depends on, and says what to do where it is
/// another program's.
static Error readVersions(json::ObjectMapper &mapper, json::Path::Root &root,
                          StringRef path, Manifest &manifest) {
  std::string format;
  int64_t version = 0;
  if (!mapper.map("format", format) || !mapper.map("version", version) ||
      !mapper.map("abi", manifest.abi))
    return makeFileError(path, toString(root.getError()));
  if (format != kBundleFormat)
    return makeFileError(path, "format is '" + format + "', expected '" +
                                   kBundleFormat + "'");
  if (version != kVersion)
    return makeFileError(
        path, "version " + Twine(version) + " of the format, expected " +
                  Twine(kVersion) + "; compile the model again");
  if (manifest.abi != COMPRESS_ABI_VERSION)
    return makeFileError(path, "code for version " + Twine(manifest.abi) +
                                   " of the ABI, this runtime has " +
                                   Twine(COMPRESS_ABI_VERSION) +
                                   "; compile the model again");
  return Error::success();
}

Expected<Manifest> Manifest::fromJSON(const json::Value &value,
                                      StringRef path) {
  Manifest manifest;
  json::Path::Root root("manifest");
  json::Path at(root);
  json::ObjectMapper mapper(value, at);
  if (!mapper)
    return makeFileError(path, toString(root.getError()));
  if (Error error = readVersions(mapper, root, path, manifest))
    return error;
  std::optional<std::string> tokenizer;
  bool ok = mapper.map("generator", manifest.generator) &&
            mapper.map("model", manifest.model) &&
            mapper.map("cache", manifest.cache) &&
            mapper.map("targets", manifest.targets) &&
            mapper.map("parameters", manifest.parameters) &&
            mapper.map("files", manifest.files) &&
            mapper.map("tokenizer", tokenizer) &&
            readFunctions(*value.getAsObject(), at, manifest.functions);
  if (!ok)
    return makeFileError(path, toString(root.getError()));
  manifest.tokenizer = tokenizer.value_or("");
  if (tokenizer && !isMemberName(*tokenizer))
    return makeFileError(path, "manifest.tokenizer '" + *tokenizer +
                                   "' is not the name of a file in the bundle");
  const json::Object &object = *value.getAsObject();
  if (const json::Value *ledger = object.get("ledger"))
    manifest.ledger = *ledger;
  if (const json::Value *options = object.get("options"))
    manifest.options = *options;
  return manifest;
}
