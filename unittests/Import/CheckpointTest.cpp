//===- CheckpointTest.cpp - Folders of quantized checkpoints --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Support/TestFiles.h"

#include "compress/Import/ModelFiles.h"
#include "compress/Support/Safetensors.h"

using namespace mlir::compress;
using namespace mlir::compress::test;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {

/// A matrix of 8 x 16 whose value at [r, c] is (r + c) % 15 - 7, with scales of
/// 1 and zero points of 7; what differs by format is where it lies.
constexpr int64_t kRows = 8, kColumns = 16;

std::vector<float> getValues() {
  std::vector<float> values;
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t c = 0; c < kColumns; ++c)
      values.push_back((r + c) % 15 - 7);
  return values;
}

/// The matrix's arrays in a format.
std::vector<OwnedCheckpointArray> pack(StringRef name, StringRef encoding) {
  EncodingSpec spec = llvm::cantFail(parseEncoding(encoding));
  const EncodingSpec &inner =
      spec.values.isEncoding() ? spec.values.getEncoding() : spec;
  int64_t blocks = 1;
  for (int64_t size : getBlockGrid(inner.block, {kRows, kColumns}))
    blocks *= size;
  std::vector<float> scale(blocks, 1), zero(blocks, 7);
  EncodeInputs inputs;
  inputs.scale = scale;
  if (inner.zero)
    inputs.zero = zero;
  auto components =
      llvm::cantFail(encode(spec, {kRows, kColumns}, getValues(), inputs));
  llvm::SmallVector<ArrayRef<uint8_t>> views(components.begin(),
                                             components.end());
  return llvm::cantFail(
      packCheckpoint(*llvm::cantFail(findCheckpointFormat(name)), spec,
                     {kRows, kColumns}, views));
}

class CheckpointTest : public testing::Test {
protected:
  /// Adds a module in a format, with arrays in shard `file`.
  void add(StringRef module, StringRef format, StringRef encoding,
           StringRef file = "one.safetensors") {
    for (OwnedCheckpointArray &array : pack(format, encoding))
      arrays.push_back({file.str(), (module + "." + array.suffix).str(),
                        array.type, array.shape, std::move(array.data)});
  }
  void addPlain(StringRef name, StringRef file = "one.safetensors") {
    arrays.push_back({file.str(),
                      name.str(),
                      ElementType::F32,
                      {1},
                      std::vector<uint8_t>(4, 0)});
  }
  /// Writes the folder with this quantization_config and opens it.
  llvm::Expected<std::unique_ptr<ModelFiles>> open(StringRef quantization) {
    folder.write("config.json",
                 ("{\"model_type\": \"llama\", \"quantization_config\": " +
                  quantization + "}")
                     .str());
    std::map<std::string, std::vector<const Array *>> files;
    llvm::json::Object map;
    for (const Array &array : arrays) {
      files[array.file].push_back(&array);
      map[array.name] = array.file;
    }
    for (const auto &[file, members] : files)
      writeShard(file, members);
    llvm::json::Object index{{"weight_map", std::move(map)}};
    folder.write(
        "model.safetensors.index.json",
        llvm::formatv("{0}", llvm::json::Value(std::move(index))).str());
    return ModelFiles::open(folder.getPath());
  }
  std::string getOpenMessage(StringRef quantization) {
    auto files = open(quantization);
    return files ? "" : llvm::toString(files.takeError());
  }
  /// Expects that the tensor is there, with this encoding and the values.
  void expectTensor(const ModelFiles &files, StringRef name,
                    StringRef encoding) {
    const StoredTensor *tensor = files.findTensor(name);
    ASSERT_TRUE(tensor) << name.str();
    EXPECT_EQ(tensor->shape, (llvm::SmallVector<int64_t>{kRows, kColumns}));
    ASSERT_TRUE(tensor->isReadable());
    EXPECT_EQ(str(tensor->getEncoding()), encoding);
    ASSERT_VALUE(values, tensor->decode());
    EXPECT_EQ(values, getValues());
  }

  struct Array {
    std::string file, name;
    ElementType type;
    llvm::SmallVector<int64_t> shape;
    std::vector<uint8_t> data;
  };
  std::vector<Array> arrays;
  TestFolder folder;

private:
  void writeShard(StringRef file, ArrayRef<const Array *> members) {
    std::vector<SafetensorsWriter::Declaration> declarations;
    for (const Array *array : members)
      declarations.push_back({array->name, array->type, array->shape});
    ASSERT_VALUE(writer,
                 SafetensorsWriter::create(folder.getPath(file), declarations));
    for (const Array *array : members)
      ASSERT_OK(writer.append(array->data));
    ASSERT_OK(writer.commit());
  }
};

const char *const int4 = "affine<i4, block = [1, 8], scale = f16>";
const char *const zero4 =
    "affine<ui4, block = [1, 8], scale = f16, zero = ui4>";

/// A configuration of compressed-tensors with one group.
std::string getConfig(StringRef format, StringRef weights, StringRef more = "",
                      StringRef moreOfGroup = "") {
  return ("{\"quant_method\": \"compressed-tensors\", \"format\": \"" + format +
          "\", " + more +
          "\"config_groups\": {\"group_0\": {\"targets\": [\"Linear\"], " +
          moreOfGroup + "\"weights\": {" + weights + "}}}}")
      .str();
}

const char *const group8 =
    R"("num_bits": 4, "type": "int", "strategy": "group", "group_size": 8)";

TEST_F(CheckpointTest, CompressedTensorsInSeveralShards) {
  add("m.q_proj", "pack-quantized", int4);
  addPlain("m.q_proj.bias");
  addPlain("lm_head.weight");
  arrays[1].file = "two.safetensors";
  ASSERT_VALUE(files, open(getConfig("pack-quantized", group8,
                                     R"("ignore": ["lm_head"], )")));
  EXPECT_EQ(files->getTensors().size(), 3u);
  expectTensor(*files, "m.q_proj.weight", int4);
  EXPECT_EQ(files->findTensor("m.q_proj.weight")->getArchive(), "config.json");
  EXPECT_EQ(files->findTensor("m.q_proj.weight")->getStoredBytes(),
            kRows * kColumns / 2 + kRows * 2 * 2 + 16);
  EXPECT_EQ(files->findTensor("lm_head.weight")->getArchive(),
            "one.safetensors");
  // The architecture knows nothing of how weights are stored.
  EXPECT_EQ(files->getKeys(), std::vector<std::string>{"model_type"});
}

TEST_F(CheckpointTest, CompressedTensorsGroupsByName) {
  add("m.a", "pack-quantized", int4);
  add("m.b", "int-quantized",
      "affine<i8, block = [1, -1], scale = f32, zero = i8>");
  add("m.c", "int-quantized", "affine<i8, block = [-1, -1], scale = f32>");
  ASSERT_VALUE(files, open(R"({
    "quant_method": "compressed-tensors", "format": "mixed-precision",
    "kv_cache_scheme": null,
    "config_groups": {
      "group_0": {"targets": ["Linear"], "format": "pack-quantized",
        "weights": {"num_bits": 4, "group_size": 8}},
      "group_1": {"targets": ["re:.*\\.[bx]$"], "format": "naive-quantized",
        "input_activations": {"num_bits": 8, "dynamic": true},
        "weights": {"num_bits": 8, "strategy": "channel", "symmetric": false}},
      "group_2": {"targets": ["m.c"], "format": "int-quantized",
        "weights": {"num_bits": 8, "strategy": "tensor"}}}})"));
  expectTensor(*files, "m.a.weight", int4);
  for (StringRef name : {"m.b.weight", "m.c.weight"})
    ASSERT_TRUE(files->findTensor(name)->isReadable());
  EXPECT_EQ(str(files->findTensor("m.b.weight")->getEncoding()),
            "affine<i8, block = [1, -1], scale = f32, zero = i8>");
  EXPECT_EQ(str(files->findTensor("m.c.weight")->getEncoding()),
            "affine<i8, block = [-1, -1], scale = f32>");
}

TEST_F(CheckpointTest, FloatQuantized) {
  add("m.a", "float-quantized",
      "float<f8E4M3FN, block = [1, -1], scale = f32>");
  ASSERT_VALUE(files, open(getConfig("float-quantized",
                                     R"("num_bits": 8, "type": "float",
                                 "strategy": "channel")")));
  EXPECT_EQ(str(files->findTensor("m.a.weight")->getEncoding()),
            "float<f8E4M3FN, block = [1, -1], scale = f32>");
}

TEST_F(CheckpointTest, GPTQVersionsAndAWQ) {
  struct Case {
    const char *format, *config;
  };
  for (const Case &c : std::initializer_list<Case>{
           {"gptq", R"({"quant_method": "gptq", "bits": 4, "group_size": 8,
                        "sym": false, "damp_percent": 0.1})"},
           {"gptq-v2", R"({"quant_method": "gptq", "bits": 4, "group_size": 8,
                           "sym": false, "checkpoint_format": "gptq_v2"})"},
           {"awq", R"({"quant_method": "awq", "bits": 4, "group_size": 8,
                       "zero_point": true, "version": "GEMM"})"},
           {"awq", R"({"quant_method": "awq", "w_bit": 4,
                       "q_group_size": 8})"}}) {
    arrays.clear();
    add("m.a", c.format, zero4);
    ASSERT_VALUE(files, open(c.config));
    expectTensor(*files, "m.a.weight", zero4);
    EXPECT_EQ(files->findTensor("m.a.weight")->typeName, c.format);
  }
}

TEST_F(CheckpointTest, ViewsOfQuantizedWeights) {
  add("m.0", "pack-quantized", int4);
  add("m.1", "pack-quantized", int4);
  add("m.2", "pack-quantized", "affine<i4, block = [1, 8], scale = bf16>");
  add("m.3", "pack-quantized", "affine<i4, block = [-1, -1], scale = f16>");
  ASSERT_VALUE(files, open(R"({
    "quant_method": "compressed-tensors", "format": "pack-quantized",
    "config_groups": {
      "group_0": {"targets": ["Linear"],
        "weights": {"num_bits": 4, "group_size": 8}},
      "group_1": {"targets": ["m.3"],
        "weights": {"num_bits": 4, "strategy": "tensor"}}}})"));
  std::vector<float> all = getValues();
  for (StringRef module : {"m.0", "m.3"}) {
    ASSERT_VALUE(rows, files->findView(parseTensorView(
                           (module + ".weight{rows = 2:5}").str())));
    EXPECT_EQ(rows->shape, (llvm::SmallVector<int64_t>{3, kColumns}));
    ASSERT_VALUE(values, rows->decode());
    EXPECT_EQ(values, std::vector<float>(all.begin() + 2 * kColumns,
                                         all.begin() + 5 * kColumns));
  }
  ASSERT_VALUE(
      stack, files->findView(parseTensorView("m.{index}.weight{stacked = 2}")));
  EXPECT_EQ(stack->shape, (llvm::SmallVector<int64_t>{2, kRows, kColumns}));
  EXPECT_EQ(str(stack->getEncoding()),
            "affine<i4, block = [1, 1, 8], scale = f16>");
  ASSERT_VALUE(values, stack->decode());
  EXPECT_EQ(ArrayRef(values).drop_front(all.size()), ArrayRef(all));
  EXPECT_ERROR(
      files->findView(parseTensorView("m.{index}.weight{stacked = 3}")),
      "\"m.2.weight\": has another shape or type than");
  EXPECT_ERROR(files->findView(parseTensorView("m.0.weight{transposed}")),
               "can't be transposed");
}

TEST_F(CheckpointTest, RowsThatCutBlocks) {
  add("m.0", "int-quantized", "affine<i8, block = [4, 8], scale = f32>");
  ASSERT_VALUE(files, open(getConfig("int-quantized",
                                     R"("num_bits": 8, "strategy": "block",
                                        "block_structure": [4, 8])")));
  ASSERT_VALUE(rows,
               files->findView(parseTensorView("m.0.weight{rows = 4:8}")));
  ASSERT_VALUE(some, rows->decode());
  ASSERT_VALUE(all, files->findTensor("m.0.weight")->decode());
  EXPECT_EQ(ArrayRef(some), ArrayRef(all).drop_front(4 * kColumns));
  EXPECT_ERROR(files->findView(parseTensorView("m.0.weight{rows = 2:8}")),
               "has blocks of 4 rows, which rows 2 to 8 would cut");
}

TEST_F(CheckpointTest, StacksOfDifferentOrders) {
  const char *permuted = "permuted<values = affine<i4, block = [1, 8], scale = "
                         "f16>>";
  for (StringRef module : {"m.0", "m.1"}) {
    add(module, "gptq", permuted);
    // The identity is no order; exchange columns of two groups.
    std::vector<uint8_t> &groups = arrays[arrays.size() - 1].data;
    std::swap(groups[module == "m.0" ? 0 : 4], groups[9 * 4]);
  }
  ASSERT_VALUE(files, open(R"({"quant_method": "gptq", "bits": 4,
                               "group_size": 8, "desc_act": true})"));
  EXPECT_EQ(str(files->findTensor("m.0.weight")->getEncoding()), permuted);
  ASSERT_VALUE(
      stack, files->findView(parseTensorView("m.{index}.weight{stacked = 2}")));
  EXPECT_ERROR(stack->unpack(), "its matrices have their columns in different "
                                "orders");
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

TEST_F(CheckpointTest, TensorsThatConfigurationsDoNotExplain) {
  add("m.a", "pack-quantized", int4);
  auto expect = [&](StringRef config, StringRef message) {
    EXPECT_NE(getOpenMessage(config).find(message.str()), std::string::npos)
        << getOpenMessage(config);
  };
  expect(
      getConfig("pack-quantized", group8, R"("ignore": ["re:m\\..*"], )"),
      "quantization_config: leaves m.a alone (\"ignore\"), but its weight is "
      "quantized");
  expect(R"({"quant_method": "compressed-tensors", "format": "pack-quantized",
             "config_groups": {"g": {"targets": ["m.b"], "weights":
             {"num_bits": 4, "group_size": 8}}}})",
         "no group has m.a among its targets");
  expect(
      R"({"quant_method": "compressed-tensors", "format": "pack-quantized",
             "config_groups": {"g": {"targets": ["Linear"], "weights": {}},
                               "h": {"targets": ["Conv2d"], "weights": {}}}})",
      "the groups \"g\" and \"h\" name classes, of which files tell nothing; "
      "name the modules instead");
  expect(getConfig("pack-quantized", group8, R"("ignore": ["re:(("], )"),
         "the expression '((' can't be read from byte 2 on");
  expect(getConfig("pack-quantized", group8,
                   R"("ignore": ["re:(*LIMIT_MATCH=1)(m|.)*a$"], )"),
         "can't be matched with m.a");
  expect(getConfig("pack-quantized", R"("num_bits": 4, "group_size": 4)"),
         "one.safetensors: tensor \"m.a.weight\": array \"weight_scale\": has "
         "the shape");
  expect(R"({"quant_method": "gptq", "bits": 4, "group_size": 8})",
         "array \"qweight\": is missing");
  arrays.clear();
  add("m.a", "gptq", int4);
  addPlain("m.a.weight");
  expect(R"({"quant_method": "gptq", "bits": 4, "group_size": 8})",
         "is there as codes with scales, and whole as well");
}

TEST_F(CheckpointTest, CodesOfAnotherFormat) {
  add("m.a", "pack-quantized", int4);
  addPlain("m.a.weight");
  arrays.back().type = ElementType::I8;
  arrays.back().shape = {kRows, kColumns};
  arrays.back().data.resize(kRows * kColumns);
  std::string message = getOpenMessage(
      getConfig("int-quantized", R"("num_bits": 8, "group_size": 8)"));
  EXPECT_NE(message.find("is stored as m.a.weight_packed, but"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find(" says that it is int-quantized"), std::string::npos)
      << message;
}

TEST_F(CheckpointTest, ConfigurationsThatAreNotSupported) {
  addPlain("w");
  struct Case {
    std::string config, message;
  };
  for (const Case &c : std::vector<Case>{
           {"[]", "quantization_config is not a JSON object"},
           {R"({"quant_method": "bitsandbytes"})",
            "the method \"bitsandbytes\" is not supported; there are "
            "compressed-tensors, gptq and awq"},
           {getConfig("pack-quantized", group8,
                      R"("kv_cache_scheme": {"num_bits": 8}, )"),
            "\"kv_cache_scheme\" is not supported; write the checkpoint "
            "without "
            "it"},
           {getConfig("pack-quantized", group8,
                      R"("sparsity_config": {"format": "sparse-bitmask"}, )"),
            "sparse weights are not supported"},
           {R"({"quant_method": "compressed-tensors"})",
            "has no \"config_groups\""},
           {R"({"quant_method": "compressed-tensors",
                "config_groups": {"W4A16": ["Linear"]}})",
            "group \"W4A16\" is no object; name what it means instead of a "
            "preset"},
           {getConfig("pack-quantized", group8, "",
                      R"("output_activations": {"num_bits": 8}, )"),
            "quantizes what modules give"},
           {getConfig("int-quantized", group8, "",
                      R"("input_activations": {"dynamic": false}, )"),
            "group \"group_0\" has scales of activations"},
           {getConfig("nvfp4-pack-quantized", group8),
            "the format \"nvfp4-pack-quantized\" is not supported"},
           {getConfig("float-quantized", group8),
            "float-quantized holds no numbers of type int"},
           {getConfig("int-quantized", R"("strategy": "token")"),
            "the strategy \"token\" with these sizes is not supported"},
           {R"({"quant_method": "gptq", "group_size": 8})",
            "\"bits\" is no number of bits from 1 to 8"},
           {R"({"quant_method": "gptq", "bits": 4, "group_size": 0})",
            "\"group_size\" is no size of groups, nor -1"},
           {R"({"quant_method": "gptq", "bits": 4, "group_size": 8,
                "is_marlin_format": true})",
            "the checkpoint_format \"marlin\" is not supported"},
           {R"({"quant_method": "gptq", "bits": 4, "group_size": 8,
                "dynamic": {"-:.*": {}}})",
            "are not supported"},
           {R"({"quant_method": "gptq", "bits": 4, "group_size": 8,
                "pack_dtype": "int16"})",
            "\"pack_dtype\" is not int32"},
           {R"({"quant_method": "awq", "bits": 4, "group_size": 8,
                "version": "gemv"})",
            "the version \"gemv\" of AWQ is not supported, only gemm"}})
    EXPECT_NE(getOpenMessage(c.config).find(c.message), std::string::npos)
        << c.config << "\n"
        << getOpenMessage(c.config);
}

} // namespace
