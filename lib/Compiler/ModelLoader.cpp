//===- ModelLoader.cpp - Models as the compiler reads them ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelLoader.h"

#include "compress/Codegen/Common/Contraction.h"
#include "compress/Compiler/ModelModule.h"
#include "compress/Dialect/LM/IR/LM.h"
#include "compress/Dialect/Quantized/IR/Quantized.h"
#include "compress/Dialect/Sparse/IR/Sparse.h"
#include "compress/Encoding/Layout.h"
#include "compress/Import/ModelImport.h"
#include "compress/Pipelines/FrontendPipeline.h"
#include "compress/Support/Error.h"
#include "compress/Support/Safetensors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

Error compress::runWithDiagnostics(MLIRContext *context,
                                   function_ref<LogicalResult()> body) {
  std::string messages;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    raw_string_ostream stream(messages);
    if (!messages.empty())
      stream << "\n";
    if (isa<FileLineColLoc, NameLoc>(diagnostic.getLocation()))
      stream << diagnostic.getLocation() << ": ";
    stream << diagnostic.str();
    return success();
  });
  if (succeeded(body()))
    return Error::success();
  return makeError(messages.empty() ? "failed without a message" : messages);
}

/// Bytes of a file, or of all files of a folder.
static int64_t getFileBytes(StringRef path) {
  uint64_t bytes = 0;
  if (!sys::fs::is_directory(path))
    return sys::fs::file_size(path, bytes) ? 0 : bytes;
  int64_t total = 0;
  std::error_code code;
  for (sys::fs::directory_iterator it(path, code), end; it != end && !code;
       it.increment(code))
    if (!sys::fs::is_directory(it->path()))
      total += getFileBytes(it->path());
  return total;
}

//===----------------------------------------------------------------------===//
// Model files
//===----------------------------------------------------------------------===//

/// What a runtime must know of a cache of `type`.
static Expected<CacheInfo> describeCache(lm::CacheType type) {
  std::string name =
      str(CacheFormat(compress::getPart(type.getFormat(CacheSide::Keys)),
                      compress::getPart(type.getFormat(CacheSide::Values))));
  for (CacheSide side : {CacheSide::Keys, CacheSide::Values})
    if (!isCacheEncodable(type.getSpec(side)))
      return makeError("there is no code yet for a cache of " + name + "; " +
                       kExpectedRowEncoding + " of a head");
  auto getBytes = [&](const EncodingSpec &spec, CacheSide side) {
    return getCacheBlockLayout(spec, type.getHeadDim(), side).bytes;
  };
  CacheInfo info{int64_t(type.getLayers()),
                 int64_t(type.getHeads()),
                 int64_t(type.getHeadDim()),
                 name,
                 getBytes(type.getSpec(CacheSide::Keys), CacheSide::Keys),
                 getBytes(type.getSpec(CacheSide::Values), CacheSide::Values)};
  info.keyGroup = type.getKeyGroup();
  if (info.keyGroup > 1) {
    info.recentPositions = getRecentPositions(info.keyGroup);
    info.recentBlockBytes = getBytes(getRecentSpec(), CacheSide::Keys);
  }
  return info;
}

/// The cache that functions take; they must agree.
static Error findCache(StringRef path, LoadedModel &model) {
  lm::CacheType found;
  for (auto function : model.module->getOps<func::FuncOp>())
    for (Type type : function.getArgumentTypes()) {
      auto cache = dyn_cast<lm::CacheType>(type);
      if (!cache)
        continue;
      if (found && found != cache)
        return makeFileError(path, "functions take caches of different types");
      found = cache;
    }
  if (!found)
    return Error::success();
  Expected<CacheInfo> info = describeCache(found);
  if (!info)
    return makeFileError(path, toString(info.takeError()));
  model.cache = std::move(*info);
  return Error::success();
}

static Expected<LoadedModel> loadModelFiles(StringRef path,
                                            const CompileOptions &options,
                                            const CacheFormat &cache,
                                            MLIRContext *context) {
  ImportOptions importOptions;
  importOptions.architecturePath = options.architecture;
  importOptions.cache = cache;
  importOptions.score = options.score || options.observe == "score";
  Expected<ImportedModel> imported = importModel(path, importOptions, context);
  if (!imported)
    return imported.takeError();
  if (imported->isEncoder() && !options.observe.empty())
    return makeFileError(path, "is an encoder; as yet only decoders, which "
                               "have @score, can be calibrated");
  if (imported->isEncoder())
    for (auto [option, isGiven] :
         {std::pair("--score", options.score),
          std::pair("--cache", !options.cache.empty())})
      if (isGiven)
        return makeFileError(path, "is an encoder, which has no logits and no "
                                   "cache; leave out " +
                                       Twine(option));
  LoadedModel model;
  model.module = std::move(imported->module);
  model.info = {imported->name,       imported->architecture,
                imported->vocabulary, imported->contextLength,
                imported->layers,     imported->pooling};
  if (Error error = findCache(path, model))
    return error;
  model.tokenizer = std::move(imported->tokenizer);
  for (const ImportedParameter &parameter : imported->parameters)
    model.origins[parameter.symbol] = {
        parameter.tensor->getStoredBytes(),
        [parameter] { return parameter.load(); }};
  model.owners.emplace_back(std::move(imported->files));
  return model;
}

//===----------------------------------------------------------------------===//
// MLIR files
//===----------------------------------------------------------------------===//

namespace {

/// Finds the values of the parameters of a parsed module.
class ModuleLoader {
public:
  ModuleLoader(StringRef path, LoadedModel &model) : path(path), model(model) {}

  Error run();

private:
  Error load(ml_program::GlobalOp global);
  Error loadInline(ml_program::GlobalOp global, ElementsAttr values);
  Error loadStored(ml_program::GlobalOp global, ParameterAttr parameter);
  Error checkTensor(ml_program::GlobalOp global, ParameterAttr parameter,
                    const StoredTensor &tensor);
  Expected<const StoredTensor *> findTensor(ParameterAttr parameter);
  Expected<ModelFiles *> openArchive(StringRef name);

  StringRef path;
  LoadedModel &model;
  StringMap<std::shared_ptr<ModelFiles>> archives;
};

/// A lone safetensors file as a table of tensors.
class TensorArchive : public ModelFiles {
public:
  static Expected<std::unique_ptr<ModelFiles>> open(StringRef path) {
    Expected<SafetensorsFile> file = SafetensorsFile::open(path);
    if (!file)
      return file.takeError();
    auto archive = std::make_unique<TensorArchive>(path, std::move(*file));
    for (const SafetensorsTensor &tensor : archive->file.getTensors()) {
      std::string type = str(tensor.type).upper();
      archive->addTensor({path.str(), tensor.name, tensor.shape, type,
                          findStorageFormat(StringRef(type)), tensor.data});
    }
    return archive;
  }

  TensorArchive(StringRef path, SafetensorsFile file)
      : ModelFiles(SourceKind::HuggingFace, path), file(std::move(file)) {}
  std::string getMetadataPath() const override { return getPath().str(); }
  std::string getName() const override {
    return sys::path::stem(getPath()).str();
  }
  std::optional<json::Value> find(StringRef) const override {
    return std::nullopt;
  }
  std::vector<std::string> getKeys() const override { return {}; }
  Expected<std::optional<TokenizerModel>> readTokenizer() const override {
    return std::nullopt;
  }

private:
  SafetensorsFile file;
};

} // namespace

/// The member of a Hugging Face folder through which weights are named that lie
/// in several of its files.
static constexpr StringLiteral kFolderMember = "config.json";

/// What a module that names `name` reads, below `folder`.
static std::vector<std::string> listArchive(StringRef folder, StringRef name) {
  std::vector<std::string> names = {name.str()};
  if (name != kFolderMember)
    return names;
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    StringRef member = sys::path::filename(it->path());
    if (member.ends_with(".safetensors") ||
        member.ends_with(".safetensors.index.json"))
      names.push_back(member.str());
  }
  llvm::sort(names);
  return names;
}

Expected<ModelFiles *> ModuleLoader::openArchive(StringRef name) {
  std::shared_ptr<ModelFiles> &archive = archives[name];
  if (archive)
    return archive.get();
  SmallString<128> file(sys::path::parent_path(path));
  sys::path::append(file, name);
  if (!sys::fs::exists(file))
    return makeFileError(path, "its parameters lie in '" + name +
                                   "', which is not beside it; put the file "
                                   "there");
  SmallString<128> folder(sys::path::parent_path(file));
  if (folder.empty())
    folder = ".";
  Expected<std::unique_ptr<ModelFiles>> opened =
      name.ends_with(".safetensors") ? TensorArchive::open(file)
      : name == kFolderMember        ? ModelFiles::open(folder)
                                     : ModelFiles::open(file);
  if (!opened)
    return opened.takeError();
  archive = std::move(*opened);
  model.owners.push_back(archive);
  for (const std::string &member : listArchive(folder, name)) {
    SmallString<128> memberPath(folder);
    sys::path::append(memberPath, member);
    model.archives.push_back(member);
    model.sourceBytes += getFileBytes(memberPath);
  }
  return archive.get();
}

Expected<const StoredTensor *>
ModuleLoader::findTensor(ParameterAttr parameter) {
  Expected<ModelFiles *> archive = openArchive(parameter.getArchive());
  if (!archive)
    return archive.takeError();
  const StoredTensor *tensor = (*archive)->findTensor(parameter.getKey());
  if (tensor)
    return tensor;
  Expected<const StoredTensor *> view =
      (*archive)->findView(parseTensorView(parameter.getKey()));
  if (!view || *view)
    return view;
  return makeFileError((*archive)->getPath(),
                       "has no tensor \"" + parameter.getKey() + "\", which " +
                           path + " names");
}

/// The tensor must be what the module says it is.
Error ModuleLoader::checkTensor(ml_program::GlobalOp global,
                                ParameterAttr parameter,
                                const StoredTensor &tensor) {
  if (!tensor.isReadable())
    return tensor.fail("has the type " + tensor.typeName +
                       ", which is not supported");
  auto type = cast<RankedTensorType>(global.getType());
  if (type.getShape() != ArrayRef(tensor.shape))
    return tensor.fail("has the shape " + strShape(tensor.shape) + ", but " +
                       path + " says " + strShape(type.getShape()));
  Attribute stored =
      parameter.getStored() ? parameter.getStored() : type.getEncoding();
  EncodingSpec actual = tensor.getEncoding();
  EncodingSpec plain;
  plain.kind = EncodingSpec::Kind::Float;
  plain.code = NumberType::getF32();
  EncodingSpec wanted =
      stored ? cast<EncodingAttrInterface>(stored).getSpec() : plain;
  if (actual != wanted)
    return tensor.fail("is stored as " + str(actual) + ", but " + path +
                       " says " + str(wanted));
  return Error::success();
}

Error ModuleLoader::loadStored(ml_program::GlobalOp global,
                               ParameterAttr parameter) {
  Expected<const StoredTensor *> tensor = findTensor(parameter);
  if (!tensor)
    return tensor.takeError();
  if (Error error = checkTensor(global, parameter, **tensor))
    return error;
  model.origins[global.getSymName()] = {
      (*tensor)->getStoredBytes(),
      [tensor = *tensor] { return tensor->unpack(); }};
  return Error::success();
}

/// Values that stand in the module become a parameter whose archive is the
/// module itself.
Error ModuleLoader::loadInline(ml_program::GlobalOp global,
                               ElementsAttr values) {
  auto type = dyn_cast<RankedTensorType>(global.getType());
  unsigned bits = values.getElementType().getIntOrFloatBitWidth();
  if (!type || type.getShape() != values.getShapedType().getShape() ||
      type.getElementType() != values.getElementType() || bits % 8 != 0)
    return makeFileError(path, "global '" + global.getSymName() +
                                   "' has a value of another type");
  if (isa<FloatType>(type.getElementType()) &&
      !getNumberType(type.getElementType()))
    return makeFileError(path, "parameter '" + global.getSymName() +
                                   "' is no tensor of static shape whose "
                                   "elements programs know");
  ArrayRef<char> raw;
  int64_t repeats = 1;
  if (auto dense = dyn_cast<DenseElementsAttr>(values)) {
    raw = dense.getRawData();
    repeats = dense.isSplat() ? dense.getNumElements() : 1;
  } else {
    AsmResourceBlob *blob =
        cast<DenseResourceElementsAttr>(values).getRawHandle().getBlob();
    int64_t wanted = type.getNumElements() * (bits / 8);
    if (!blob || int64_t(blob->getData().size()) != wanted)
      return makeFileError(path, "global '" + global.getSymName() +
                                     "' is a resource that the file does not "
                                     "hold in full (" +
                                     Twine(wanted) + " bytes)");
    raw = blob->getData();
  }
  auto bytes = std::make_shared<ComponentData>();
  for (int64_t i = 0; i < repeats; ++i)
    bytes->insert(bytes->end(), raw.begin(), raw.end());
  model.origins[global.getSymName()] = {
      static_cast<int64_t>(bytes->size()),
      [bytes]() -> Expected<SmallVector<ComponentData>> {
        return SmallVector<ComponentData>{*bytes};
      }};
  MLIRContext *context = global.getContext();
  Attribute stored;
  if (type.getEncoding())
    stored = quantized::FloatAttr::get(context, type.getElementType(),
                                       DenseI64ArrayAttr(), Attribute());
  global.setValueAttr(ParameterAttr::get(context, sys::path::filename(path),
                                         global.getSymName(), StringAttr(),
                                         stored));
  return Error::success();
}

Error ModuleLoader::load(ml_program::GlobalOp global) {
  Attribute value = global.getValueAttr();
  if (global.getIsMutable())
    return makeFileError(path, "global '" + global.getSymName() +
                                   "' is mutable; programs keep their state in "
                                   "caches");
  if (auto parameter = dyn_cast_if_present<ParameterAttr>(value))
    return loadStored(global, parameter);
  if (isa_and_present<DenseElementsAttr, DenseResourceElementsAttr>(value))
    return loadInline(global, cast<ElementsAttr>(value));
  return makeFileError(path, "global '" + global.getSymName() +
                                 "' has no value; give it a "
                                 "#compress.parameter or a dense<> one");
}

Error ModuleLoader::run() {
  for (auto global : model.module->getOps<ml_program::GlobalOp>())
    if (Error error = load(global))
      return error;
  return findCache(path, model);
}

/// `cache` is what is asked for, or nothing.
static Expected<LoadedModel>
loadModule(StringRef path, const CacheFormat *cache, MLIRContext *context) {
  LoadedModel model;
  if (Error error = runWithDiagnostics(context, [&] {
        model.module = parseSourceFile<ModuleOp>(path, context);
        if (!model.module)
          return failure();
        // What other front ends make becomes model IR, which stays as it is.
        PassManager pm(context);
        buildFrontendPipeline(pm);
        return pm.run(*model.module);
      }))
    return makeFileError(path, toString(std::move(error)));
  model.sourceBytes = getFileBytes(path);
  model.info.name = sys::path::stem(path).str();
  readModelInfo(*model.module, model.info);
  if (Error error = ModuleLoader(path, model).run())
    return error;
  if (cache && model.cache && model.cache->type != str(*cache))
    return makeFileError(path, "its functions take a cache of " +
                                   model.cache->type + ", not of " +
                                   str(*cache));
  return model;
}

Expected<LoadedModel> compress::loadModel(StringRef path,
                                          const CompileOptions &options,
                                          const CacheFormat &cache,
                                          MLIRContext *context) {
  // A module of other dialects is given attributes of these, too.
  context->loadDialect<CompressDialect, quantized::QuantizedDialect,
                       sparse::SparseDialect, lm::LMDialect>();
  if (!sys::fs::exists(path))
    return makeFileError(path, "does not exist; name a GGUF file, a Hugging "
                               "Face folder or an MLIR file");
  StringRef extension = sys::path::extension(path);
  bool isModule = extension == ".mlir" || extension == ".mlirbc";
  if (isModule && options.score)
    return makeFileError(path, "is a module, whose functions are its own; "
                               "--score is for GGUF files and Hugging Face "
                               "folders");
  if (isModule)
    return loadModule(path, options.cache.empty() ? nullptr : &cache, context);
  Expected<LoadedModel> model = loadModelFiles(path, options, cache, context);
  if (model)
    model->sourceBytes = getFileBytes(path);
  return model;
}
