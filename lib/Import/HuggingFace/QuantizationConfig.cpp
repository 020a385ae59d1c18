//===- QuantizationConfig.cpp - How a checkpoint is quantized -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizationConfig.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kExpression = "re:";

bool ModulePattern::isExpression() const {
  return StringRef(text).starts_with(kExpression);
}

bool ModulePattern::isClass() const {
  return !isExpression() && !StringRef(text).contains('.');
}

Expected<bool> ModulePattern::match(StringRef module) const {
  StringRef pattern = text;
  if (!pattern.consume_front(kExpression))
    return pattern == module;
  int code = 0;
  PCRE2_SIZE offset = 0;
  std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> compiled(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()),
                    pattern.size(), PCRE2_ANCHORED | PCRE2_UTF, &code, &offset,
                    nullptr),
      pcre2_code_free);
  if (!compiled)
    return makeError("the expression '" + pattern +
                     "' can't be read from byte " + Twine(offset) + " on");
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(compiled.get(), nullptr),
      pcre2_match_data_free);
  code =
      pcre2_match(compiled.get(), reinterpret_cast<PCRE2_SPTR>(module.data()),
                  module.size(), 0, 0, data.get(), nullptr);
  if (code < 0 && code != PCRE2_ERROR_NOMATCH)
    return makeError("the expression '" + pattern + "' can't be matched with " +
                     module);
  return code >= 0;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads the object's fields. Those that tell how codes were found, and not
/// what they mean, are passed over.
class ConfigParser {
public:
  ConfigParser(const json::Object &object, QuantizationConfig &config)
      : object(object), config(config) {}

  Error run();

private:
  Error parseCompressedTensors();
  Error parseGroup(StringRef name, const json::Object &group);
  Error parseBlock(StringRef name, const json::Object &weights,
                   SmallVector<int64_t, 2> &block);
  Error parseGPTQ();
  Error parseAWQ();
  Error addOnlyGroup(const CheckpointFormat *format, StringRef bitsKey,
                     StringRef groupKey, bool symmetric);
  Error fail(const Twine &message) const {
    return makeFileError(config.path, "quantization_config: " + message);
  }

  const json::Object &object;
  QuantizationConfig &config;
};
} // namespace

/// The format of a method that configurations call `word`, or null.
static const CheckpointFormat *findFormat(StringRef method, StringRef word) {
  for (const CheckpointFormat &format : getCheckpointFormats())
    if (format.method == method && format.word == word)
      return &format;
  return nullptr;
}

static bool isPresent(const json::Object &object, StringRef key) {
  const json::Value *value = object.get(key);
  return value && value->kind() != json::Value::Null;
}

static std::vector<ModulePattern> getPatterns(const json::Object &object,
                                              StringRef key) {
  std::vector<ModulePattern> patterns;
  if (const json::Array *list = object.getArray(key))
    for (const json::Value &entry : *list)
      if (std::optional<StringRef> text = entry.getAsString())
        patterns.push_back({text->str()});
  return patterns;
}

Error ConfigParser::run() {
  StringRef method = object.getString("quant_method").value_or("");
  if (method == "compressed-tensors")
    return parseCompressedTensors();
  if (method == "gptq")
    return parseGPTQ();
  if (method == "awq")
    return parseAWQ();
  return fail("the method \"" + method +
              "\" is not supported; there are compressed-tensors, gptq and "
              "awq: write the model with one of them, or without quantization");
}

//===----------------------------------------------------------------------===//
// compressed-tensors
//===----------------------------------------------------------------------===//

Error ConfigParser::parseCompressedTensors() {
  for (StringRef key : {"kv_cache_scheme", "transform_config"})
    if (const json::Object *value = object.getObject(key);
        value && !value->empty())
      return fail("\"" + key +
                  "\" is not supported; write the checkpoint without it");
  if (const json::Object *sparsity = object.getObject("sparsity_config"))
    if (sparsity->getString("format").value_or("dense") != "dense")
      return fail("sparse weights are not supported (\"sparsity_config\"); "
                  "write the checkpoint as dense");
  const json::Object *groups = object.getObject("config_groups");
  if (!groups)
    return fail("has no \"config_groups\"");
  SmallVector<StringRef> names;
  for (const auto &entry : *groups)
    names.push_back(entry.first);
  // JSON objects have no order.
  sort(names);
  for (StringRef name : names) {
    const json::Object *group = groups->getObject(name);
    if (!group)
      return fail("group \"" + name +
                  "\" is no object; name what it means instead of a preset");
    if (Error error = parseGroup(name, *group))
      return error;
  }
  config.ignored = getPatterns(object, "ignore");
  return Error::success();
}

Error ConfigParser::parseGroup(StringRef name, const json::Object &group) {
  const json::Object *weights = group.getObject("weights");
  // Without it, the group's weights are plain.
  if (!weights)
    return Error::success();
  if (isPresent(group, "output_activations"))
    return fail("group \"" + name +
                "\" quantizes what modules give, which is not supported");
  if (const json::Object *inputs = group.getObject("input_activations"))
    if (inputs->getBoolean("dynamic") != true)
      return fail("group \"" + name +
                  "\" has scales of activations, which are not supported; "
                  "write the checkpoint with dynamic ones or without");
  QuantizationConfig::Group result;
  result.name = name.str();
  result.targets = getPatterns(group, "targets");
  CheckpointScheme &scheme = result.scheme;
  StringRef word = group.getString("format").value_or(
      object.getString("format").value_or(""));
  bool isFloat = weights->getString("type").value_or("int") == "float";
  // An older word for both.
  if (word == "naive-quantized")
    word = isFloat ? "float-quantized" : "int-quantized";
  scheme.format = findFormat("compressed-tensors", word);
  if (!scheme.format)
    return fail("group \"" + name + "\": the format \"" + word +
                "\" is not supported; there are pack-quantized, int-quantized "
                "and float-quantized");
  scheme.bits = weights->getInteger("num_bits").value_or(8);
  if (isFloat != scheme.format->isFloat())
    return fail("group \"" + name + "\": " + word +
                " holds no numbers of type " + (isFloat ? "float" : "int"));
  scheme.symmetric = weights->getBoolean("symmetric").value_or(true);
  if (Error error = parseBlock(name, *weights, scheme.block))
    return error;
  config.groups.push_back(std::move(result));
  return Error::success();
}

Error ConfigParser::parseBlock(StringRef name, const json::Object &weights,
                               SmallVector<int64_t, 2> &block) {
  int64_t size = weights.getInteger("group_size").value_or(-1);
  // compressed-tensors derives it from the size of groups in the same way.
  StringRef strategy =
      weights.getString("strategy")
          .value_or(size > 0                           ? "group"
                    : isPresent(weights, "group_size") ? "channel"
                                                       : "tensor");
  if (strategy == "tensor")
    block = {-1, -1};
  else if (strategy == "channel")
    block = {1, -1};
  else if (strategy == "group" && size > 0)
    block = {1, size};
  const json::Array *sizes = weights.getArray("block_structure");
  if (strategy == "block" && sizes && sizes->size() == 2)
    block = {(*sizes)[0].getAsInteger().value_or(0),
             (*sizes)[1].getAsInteger().value_or(0)};
  if (block.size() == 2 && all_of(block, [](int64_t n) { return n != 0; }) &&
      all_of(block, [](int64_t n) { return n >= -1; }))
    return Error::success();
  return fail("group \"" + name + "\": the strategy \"" + strategy +
              "\" with these sizes is not supported; there are tensor, "
              "channel, group with a group_size, and block with a "
              "block_structure");
}

//===----------------------------------------------------------------------===//
// GPTQ and AWQ
//===----------------------------------------------------------------------===//

/// All quantized modules are stored in one way.
Error ConfigParser::addOnlyGroup(const CheckpointFormat *format,
                                 StringRef bitsKey, StringRef groupKey,
                                 bool symmetric) {
  QuantizationConfig::Group group;
  group.name = format->name.str();
  group.targets = {{"Linear"}};
  group.scheme.format = format;
  group.scheme.symmetric = symmetric;
  std::optional<int64_t> bits = object.getInteger(bitsKey);
  std::optional<int64_t> size = object.getInteger(groupKey);
  if (!bits || *bits < 1 || *bits > 8)
    return fail("\"" + bitsKey + "\" is no number of bits from 1 to 8");
  if (!size || *size < -1 || *size == 0)
    return fail("\"" + groupKey + "\" is no size of groups, nor -1");
  group.scheme.bits = *bits;
  group.scheme.block = {1, *size};
  config.groups.push_back(std::move(group));
  return Error::success();
}

Error ConfigParser::parseGPTQ() {
  StringRef word = object.getString("checkpoint_format")
                       .value_or(object.getString("format").value_or("gptq"));
  if (object.getBoolean("is_marlin_format").value_or(false))
    word = "marlin";
  const CheckpointFormat *format = findFormat("gptq", word);
  if (!format)
    return fail("the checkpoint_format \"" + word +
                "\" is not supported; there are gptq and gptq_v2");
  if (const json::Object *dynamic = object.getObject("dynamic");
      dynamic && !dynamic->empty())
    return fail("modules that are stored in other ways (\"dynamic\") are not "
                "supported");
  if (object.getString("pack_dtype").value_or("int32") != "int32")
    return fail("\"pack_dtype\" is not int32, which is the only one supported");
  return addOnlyGroup(format, "bits", "group_size",
                      object.getBoolean("sym").value_or(true));
}

Error ConfigParser::parseAWQ() {
  std::string word = object.getString("version").value_or("gemm").lower();
  const CheckpointFormat *format = findFormat("awq", word);
  if (!format)
    return fail("the version \"" + word +
                "\" of AWQ is not supported, only gemm; convert the checkpoint "
                "(AutoAWQ can write both)");
  // The method's own files use other words than those of transformers.
  return addOnlyGroup(
      format, isPresent(object, "w_bit") ? "w_bit" : "bits",
      isPresent(object, "q_group_size") ? "q_group_size" : "group_size", false);
}

Expected<QuantizationConfig> QuantizationConfig::parse(const json::Value &value,
                                                       StringRef path) {
  QuantizationConfig config;
  config.path = path.str();
  const json::Object *object = value.getAsObject();
  if (!object)
    return makeFileError(path, "quantization_config is not a JSON object");
  if (Error error = ConfigParser(*object, config).run())
    return error;
  return config;
}

//===----------------------------------------------------------------------===//
// Looking up
//===----------------------------------------------------------------------===//

Expected<const CheckpointScheme *>
QuantizationConfig::find(StringRef module) const {
  const Group *best = nullptr;
  int bestRank = 0;
  auto fail = [&](const Twine &message) {
    return makeFileError(path, "quantization_config: " + message);
  };
  for (const ModulePattern &pattern : ignored) {
    Expected<bool> match = pattern.match(module);
    if (!match)
      return fail(toString(match.takeError()));
    if (*match)
      return fail("leaves " + module +
                  " alone (\"ignore\"), but its weight is quantized");
  }
  for (const Group &group : groups)
    for (const ModulePattern &pattern : group.targets) {
      Expected<bool> match = pattern.match(module);
      if (!match)
        return fail(toString(match.takeError()));
      int rank = 0;
      if (*match)
        rank = pattern.isExpression() ? 2 : 3;
      else if (pattern.isClass())
        rank = 1;
      if (rank == 1 && bestRank == 1 && best != &group)
        return fail("the groups \"" + best->name + "\" and \"" + group.name +
                    "\" name classes, of which files tell nothing; name the "
                    "modules instead");
      if (rank > bestRank) {
        best = &group;
        bestRank = rank;
      }
    }
  if (!best)
    return fail("no group has " + module +
                " among its targets, but its weight is quantized");
  return &best->scheme;
}
