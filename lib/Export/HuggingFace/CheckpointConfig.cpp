//===- CheckpointConfig.cpp - What a checkpoint tells of itself -----------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckpointConfig.h"

#include "compress/Support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlir::compress;

/// What most models call their head.
static constexpr StringLiteral kHead = "lm_head";

static bool isSame(const CheckpointModules::Quantized &a,
                   const CheckpointModules::Quantized &b) {
  return a.scheme.bits == b.scheme.bits && a.scheme.block == b.scheme.block &&
         a.scheme.symmetric == b.scheme.symmetric &&
         a.isPermuted == b.isPermuted;
}

static json::Array getNames(ArrayRef<std::string> names) {
  json::Array array;
  for (const std::string &name : names)
    array.push_back(name);
  return array;
}

/// The arguments of compressed-tensors for weights.
static json::Object makeArguments(const CheckpointModules::Quantized &module) {
  const CheckpointScheme &scheme = module.scheme;
  json::Object arguments{{"num_bits", int64_t(scheme.bits)},
                         {"type", scheme.format->isFloat() ? "float" : "int"},
                         {"symmetric", scheme.symmetric},
                         {"dynamic", false}};
  ArrayRef<int64_t> block = scheme.block;
  if (block[0] == -1) {
    arguments["strategy"] = "tensor";
  } else if (block[0] != 1) {
    arguments["strategy"] = "block";
    arguments["block_structure"] = json::Array{block[0], block[1]};
  } else if (block[1] == -1) {
    arguments["strategy"] = "channel";
  } else {
    arguments["strategy"] = "group";
    arguments["group_size"] = block[1];
  }
  if (module.isPermuted)
    arguments["actorder"] = "group";
  return arguments;
}

static json::Object makeCompressedTensors(const CheckpointFormat &format,
                                          const CheckpointModules &modules) {
  // Ways to be stored, and the modules of each.
  std::vector<
      std::pair<const CheckpointModules::Quantized *, std::vector<std::string>>>
      ways;
  for (const CheckpointModules::Quantized &module : modules.quantized) {
    auto way = find_if(
        ways, [&](const auto &other) { return isSame(*other.first, module); });
    if (way == ways.end())
      way = ways.insert(ways.end(), {&module, {}});
    way->second.push_back(module.name);
  }
  json::Object groups;
  for (auto [index, way] : enumerate(ways)) {
    json::Array targets{"Linear"};
    if (ways.size() > 1)
      targets = getNames(way.second);
    groups["group_" + std::to_string(index)] =
        json::Object{{"targets", std::move(targets)},
                     {"format", format.word},
                     {"weights", makeArguments(*way.first)},
                     {"input_activations", nullptr},
                     {"output_activations", nullptr}};
  }
  // Heads that share the embedding's weight are modules without a tensor.
  std::vector<std::string> ignored = modules.plain;
  bool hasHead =
      is_contained(ignored, kHead) ||
      any_of(modules.quantized, [](const CheckpointModules::Quantized &module) {
        return module.name == kHead;
      });
  if (!hasHead)
    ignored.push_back(kHead.str());
  return json::Object{{"quant_method", format.method},
                      {"format", format.word},
                      {"quantization_status", "compressed"},
                      {"kv_cache_scheme", nullptr},
                      {"ignore", getNames(ignored)},
                      {"config_groups", std::move(groups)}};
}

Expected<json::Object>
mlir::compress::makeQuantizationConfig(const CheckpointFormat &format,
                                       const CheckpointModules &modules) {
  // Only one method has words for every kind of block.
  if (format.anyBlock)
    return makeCompressedTensors(format, modules);
  const CheckpointModules::Quantized &first = modules.quantized.front();
  bool isPermuted = false, isSymmetric = true, hasHead = false;
  for (const CheckpointModules::Quantized &module : modules.quantized) {
    isPermuted |= module.isPermuted;
    isSymmetric &= module.scheme.symmetric;
    hasHead |= module.name == kHead;
    if (module.scheme.bits != first.scheme.bits ||
        module.scheme.block != first.scheme.block)
      return makeError(format.name + " stores all modules in one way, but " +
                       first.name + " and " + module.name +
                       " have other bits or groups; give them the same "
                       "encoding with --weights");
  }
  json::Object config{{"quant_method", format.method},
                      {"bits", int64_t(first.scheme.bits)},
                      {"group_size", first.scheme.block[1]}};
  if (format.groups.empty()) {
    config["version"] = format.word;
    config["zero_point"] = true;
    config["modules_to_not_convert"] = getNames(modules.plain);
    return config;
  }
  for (const std::string &name : modules.plain)
    if (name != kHead)
      return makeError(format.name +
                       " has no words for modules that are not "
                       "quantized, as " +
                       name + "; quantize it, or take pack-quantized");
  config["checkpoint_format"] = format.word;
  config["desc_act"] = isPermuted;
  config["sym"] = isSymmetric;
  config["lm_head"] = hasHead;
  return config;
}
