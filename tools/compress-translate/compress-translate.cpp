//===- compress-translate.cpp - Model files to IR, IR to PTX --------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A main of its own, since MLIR's takes a stream and a Hugging Face model is a
// folder.
//
//===----------------------------------------------------------------------===//

#include "compress/Codegen/NVPTX/PTX.h"
#include "compress/Compiler/Codegen.h"
#include "compress/Compiler/ModelModule.h"
#include "compress/Export/Export.h"
#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/Output.h"
#include "compress/Support/Version.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace mlir::compress;

static constexpr const char *kOverview =
    R"(model files to model IR and to other formats, kernels to PTX

EXAMPLES:
  compress-translate --import-gguf model.gguf -o model.mlir
  compress-translate --import-huggingface folder --cache=f32
  compress-opt model.mlir --compress-nvptx-pipeline=chip=sm_80 |
    compress-translate --mlir-to-ptx - -o kernels.ptx
  compress-translate --hash-tensors model.gguf
  compress-translate --hash-tensors model.gguf --written-as=Q4_0

  compress-translate --export-huggingface folder --format=pack-quantized \
    --weights='#quantized.affine<i4, block = [1, 32], scale = f16>' -o out
  compress-translate --export-gguf model.gguf --scheme=w4 -o small.gguf

  An imported module names the tensors' archives and does not hold their values;
  compress-compile finds them beside it.
  A hash is the SHA-256 of a tensor's decoded values, row by row in f32, little
  endian; the model's architecture need not be known. With --written-as, it is that
  of the blocks that the values become when they are written as this GGUF type.
  An export writes what a scheme decides of a model's weights (all of compress-compile's
  options for weights are taken), or with --scheme=source, the default, what its files
  have. What the format can't hold is an error unless --allow-lossy is given.
  Exit codes: 0 done; 1 the input or the request is wrong; 2 usage.
)";

namespace {
enum class Action {
  ImportGGUF,
  ImportHuggingFace,
  ExportGGUF,
  ExportHuggingFace,
  HashTensors,
  MLIRToPTX
};

struct Options {
  cl::OptionCategory category{"compress-translate"};
  cl::opt<std::string> input{cl::Positional, cl::Required, cl::desc("MODEL"),
                             cl::value_desc("MODEL"), cl::cat(category)};
  cl::opt<Action> action{
      cl::desc("What is done:"), cl::Required,
      cl::values(
          clEnumValN(Action::ImportGGUF, "import-gguf", "Import a GGUF file"),
          clEnumValN(Action::ImportHuggingFace, "import-huggingface",
                     "Import a Hugging Face folder"),
          clEnumValN(Action::ExportGGUF, "export-gguf",
                     "Write a model that is a GGUF file as one"),
          clEnumValN(Action::ExportHuggingFace, "export-huggingface",
                     "Write a model that is a Hugging Face folder as a "
                     "quantized one"),
          clEnumValN(Action::HashTensors, "hash-tensors",
                     "Print the hash of every tensor's values"),
          clEnumValN(Action::MLIRToPTX, "mlir-to-ptx",
                     "PTX of MLIR that compress-nvptx-pipeline gave")),
      cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::desc("File or folder to write; - prints"),
      cl::value_desc("FILE"), cl::init("-"), cl::cat(category)};
  cl::opt<std::string> cache{"cache",
                             cl::desc("Format of the cache: f32, f16, bf16, "
                                      "int8, int4, int2, an encoding, or "
                                      "keys=F,values=F"),
                             cl::value_desc("F"), cl::init("f16"),
                             cl::cat(category)};
  cl::opt<std::string> architecture{"architecture",
                                    cl::desc("Architecture file of one's own"),
                                    cl::value_desc("FILE"), cl::cat(category)};
  cl::opt<std::string> writtenAs{
      "written-as",
      cl::desc("With --hash-tensors: hash the values as blocks of this type"),
      cl::value_desc("TYPE"), cl::cat(category)};
  cl::opt<bool> noScore{"no-score", cl::desc("Leave out @score"),
                        cl::cat(category)};
  cl::opt<std::string> format{
      "format",
      cl::desc("Of exported folders: pack-quantized, int-quantized, "
               "float-quantized, gptq, gptq-v2, awq"),
      cl::value_desc("F"), cl::cat(category)};
  cl::opt<bool> allowLossy{
      "allow-lossy",
      cl::desc("Round to what the format can hold where it can't hold a "
               "weight's encoding, and tell the error"),
      cl::cat(category)};
  cl::opt<std::string> scheme{
      "scheme", cl::desc("Of exports: as compress-compile takes it"),
      cl::value_desc("S"), cl::init("source"), cl::cat(category)};
  cl::opt<std::string> weights{"weights",
                               cl::desc("Of exports: encoding of all weights"),
                               cl::value_desc("#ENC"), cl::cat(category)};
  cl::list<std::string> overrides{
      "override", cl::desc("Of exports: GLOB=#ENC or GLOB=keep"),
      cl::value_desc("G=E"), cl::cat(category)};
  cl::opt<std::string> algorithm{
      "algorithm", cl::desc("Of exports: rtn or gptq"), cl::value_desc("A"),
      cl::init("rtn"), cl::cat(category)};
  cl::opt<std::string> statistics{
      "statistics", cl::desc("Of exports: what compress-run calibrate wrote"),
      cl::value_desc("FILE"), cl::cat(category)};
};
} // namespace

/// The hash of a tensor's values, or of the blocks that `format` makes of them.
static Expected<std::string> hashTensor(const StoredTensor &tensor,
                                        const StorageFormat *format) {
  Expected<std::vector<float>> values = tensor.decode();
  if (!values)
    return values.takeError();
  if (format) {
    auto blocks = encodeBlocks(*format, tensor.shape, *values);
    if (!blocks)
      return tensor.fail(toString(blocks.takeError()));
    return sha256(*blocks);
  }
  // Little endian, as the machines are that code is made for.
  return sha256(ArrayRef(reinterpret_cast<const uint8_t *>(values->data()),
                         values->size() * sizeof(float)));
}

/// The type that --written-as names, or null without it.
static Expected<const StorageFormat *> getWrittenType(const Options &options) {
  if (options.writtenAs.empty())
    return nullptr;
  if (const StorageFormat *format = findStorageFormat(options.writtenAs))
    return format;
  std::string known;
  for (const StorageFormat &format : getStorageFormats())
    known += (known.empty() ? "" : ", ") + format.name.str();
  return makeError("--written-as: unknown type '" + options.writtenAs +
                   "'; there are " + known);
}

/// One line per tensor, in the file's order: hash, name, type, shape.
static Expected<std::string> hashTensors(const Options &options) {
  Expected<std::unique_ptr<ModelFiles>> files = ModelFiles::open(options.input);
  if (!files)
    return files.takeError();
  Expected<const StorageFormat *> format = getWrittenType(options);
  if (!format)
    return format.takeError();
  std::string text;
  raw_string_ostream stream(text);
  for (const StoredTensor &tensor : (*files)->getTensors()) {
    Expected<std::string> hash = hashTensor(tensor, *format);
    if (!hash)
      return hash.takeError();
    stream << *hash << " " << tensor.name << " " << tensor.typeName << " ";
    interleave(tensor.shape, stream, "x");
    stream << "\n";
  }
  return text;
}

static Expected<std::string> import(const Options &options) {
  Expected<CacheFormat> cache = parseCacheFormat(options.cache);
  if (!cache)
    return makeError("--cache: " + toString(cache.takeError()));
  ImportOptions importOptions;
  importOptions.architecturePath = options.architecture;
  importOptions.cache = *cache;
  importOptions.score = !options.noScore;
  mlir::MLIRContext context;
  Expected<ImportedModel> model =
      importModel(options.input, importOptions, &context);
  if (!model)
    return model.takeError();
  SourceKind kind = options.action == Action::ImportGGUF
                        ? SourceKind::GGUF
                        : SourceKind::HuggingFace;
  if (model->files->getKind() != kind)
    return makeFileError(options.input, "is not what --import-" + str(kind) +
                                            " reads; it is imported with "
                                            "--import-" +
                                            str(model->files->getKind()));
  describeModel(*model);
  std::string text;
  raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(1 << 20);
  model->module->print(stream, flags);
  stream << "\n";
  return text;
}

static Expected<std::string> translateToPTX(const Options &options) {
  mlir::DialectRegistry registry;
  registerCodegenDialects(registry);
  registerPTXDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(options.input, &context);
  if (!module) // The parser has said why.
    return makeFileError(options.input, "is no MLIR");
  Expected<std::string> text = emitPTX(*module);
  if (!text)
    return makeFileError(options.input, toString(text.takeError()));
  return text;
}

/// Writes the model and tells what became of each tensor.
static Error exportModel(const Options &options) {
  if (options.output == "-")
    return makeError("an export is no text; say where to write it with -o");
  bool isFolder = options.action == Action::ExportHuggingFace;
  // A folder that can't be written is told before the work.
  std::optional<OutputFolder> folder;
  if (isFolder) {
    Expected<OutputFolder> made = OutputFolder::create(options.output, "");
    if (!made)
      return made.takeError();
    folder.emplace(std::move(*made));
  }
  CompileOptions compileOptions;
  compileOptions.scheme = options.scheme;
  compileOptions.weights = options.weights;
  compileOptions.activations = "f32";
  compileOptions.overrides.assign(options.overrides.begin(),
                                  options.overrides.end());
  compileOptions.algorithm = options.algorithm;
  compileOptions.statistics = options.statistics;
  compileOptions.architecture = options.architecture;
  mlir::DialectRegistry registry;
  registerCodegenDialects(registry);
  mlir::MLIRContext context(registry);
  Expected<std::unique_ptr<PreparedModel>> model =
      prepareModel(options.input, compileOptions, &context);
  if (!model)
    return model.takeError();
  ExportOptions exportOptions;
  exportOptions.format = options.format;
  exportOptions.allowLossy = options.allowLossy;
  Expected<std::vector<ExportedTensor>> report =
      isFolder
          ? exportHuggingFace(**model, options.input, exportOptions,
                              std::move(*folder))
          : exportGGUF(**model, options.input, exportOptions, options.output);
  if (!report)
    return report.takeError();
  printExported(*report, outs());
  return Error::success();
}

static Expected<std::string> translate(const Options &options) {
  switch (options.action) {
  case Action::ImportGGUF:
  case Action::ImportHuggingFace:
    return import(options);
  case Action::HashTensors:
    return hashTensors(options);
  case Action::MLIRToPTX:
    return translateToPTX(options);
  case Action::ExportGGUF:
  case Action::ExportHuggingFace:
    break;
  }
  llvm_unreachable("all actions are handled");
}

static Error run(const Options &options) {
  if (options.action == Action::ExportGGUF ||
      options.action == Action::ExportHuggingFace)
    return exportModel(options);
  Expected<std::string> text = translate(options);
  if (!text)
    return text.takeError();
  if (options.output != "-")
    return writeFile(options.output, *text);
  outs() << *text;
  return Error::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::SetVersionPrinter(printVersion);
  if (!cl::ParseCommandLineOptions(argc, argv, kOverview, &errs()))
    return 2;
  if (Error error = run(options)) {
    WithColor::error(errs(), "compress-translate")
        << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
