//===- ArchitectureBase.cpp - Architecture files on a base ----------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArchitectureBase.h"
#include "JSONFields.h"

#include "compress/Support/JSON.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir::compress;

namespace {
/// Puts what one file states on top of its base. Keys are copied: those of JSON
/// objects that are made from a StringRef do not own their text.
class BaseMerger {
public:
  BaseMerger(StringRef path, StringRef baseName)
      : path(path), baseName(baseName) {}

  Error merge(json::Object &base, const json::Object &own) const;

private:
  Error fail(StringRef where, const Twine &message) const {
    return makeFileError(path, "\"" + where + "\": " + message);
  }
  /// Members of `own` replace those of `base`, and null removes them. Where
  /// both are objects and `depth` is not 0, their members are merged instead.
  Error mergeMembers(json::Object &base, const json::Object &own,
                     const std::string &where, unsigned depth) const;
  Error addLists(json::Object &base, const json::Value &own,
                 StringRef where) const;
  Error mergeSteps(json::Value &base, const json::Value &own,
                   StringRef section) const;
  Error editSteps(json::Array &steps, const json::Value &value,
                  StringRef section) const;

  StringRef path, baseName;
};
} // namespace

static std::vector<StringRef> getSortedKeys(const json::Object &object) {
  std::vector<StringRef> keys;
  for (const auto &[key, value] : object)
    keys.push_back(key);
  sort(keys);
  return keys;
}

Error BaseMerger::mergeMembers(json::Object &base, const json::Object &own,
                               const std::string &where, unsigned depth) const {
  for (StringRef key : getSortedKeys(own)) {
    const json::Value &value = *own.get(key);
    json::Value *old = base.get(key);
    if (value.kind() == json::Value::Null) {
      if (!old)
        return fail(where, "removes \"" + key + "\", which " + baseName +
                               " does not have");
      base.erase(key);
    } else if (depth && old && old->getAsObject() && value.getAsObject()) {
      if (Error error = mergeMembers(*old->getAsObject(), *value.getAsObject(),
                                     where + "." + key.str(), depth - 1))
        return error;
    } else {
      base[key.str()] = value;
    }
  }
  return Error::success();
}

Error BaseMerger::addLists(json::Object &base, const json::Value &own,
                           StringRef where) const {
  JSONFields fields(own, path, "\"" + where.str() + "\"");
  for (StringRef kind : fields.getKeys()) {
    json::Array list;
    if (const json::Array *old = base.getArray(kind))
      list = *old;
    for (std::string &pattern : fields.getStrings(kind))
      list.push_back(std::move(pattern));
    base[kind.str()] = std::move(list);
  }
  return fields.finish();
}

/// The fields that make an entry of a list of steps an edit, of which it has
/// one.
static constexpr StringLiteral edits[] = {"before", "after", "replace",
                                          "remove", "change"};

static bool isEdit(const json::Value &entry) {
  const json::Object *object = entry.getAsObject();
  return object &&
         any_of(edits, [&](StringRef edit) { return object->get(edit); });
}

Error BaseMerger::editSteps(json::Array &steps, const json::Value &value,
                            StringRef section) const {
  JSONFields fields(value, path, "an edit of \"" + section.str() + "\"");
  std::string edit, name;
  for (StringRef candidate : edits)
    if (fields.has(candidate)) {
      if (!edit.empty())
        return fail(section, "one edit has both \"" + edit + "\" and \"" +
                                 candidate + "\"");
      edit = candidate;
      name = fields.getString(candidate);
    }
  auto step = find_if(steps, [&](const json::Value &step) {
    const json::Object *object = step.getAsObject();
    return object && object->getString("name") == StringRef(name);
  });
  if (step == steps.end())
    return fail(section, "\"" + edit + "\": " + baseName +
                             " has no step with the name \"" + name + "\"");
  if (edit == "change") {
    const json::Value *changed = fields.get("fields");
    if (!changed || !changed->getAsObject())
      return fail(section, "the change of \"" + name +
                               "\" must have an object \"fields\"");
    if (Error error =
            mergeMembers(*step->getAsObject(), *changed->getAsObject(),
                         section.str() + "." + name, /*depth=*/0))
      return error;
    return fields.finish();
  }

  json::Array added;
  if (edit != "remove") {
    const json::Value *list = fields.get("steps");
    if (!list || !list->getAsArray())
      return fail(section, "\"" + edit + "\": \"" + name +
                               "\" must have a list \"steps\"");
    added = *list->getAsArray();
  }
  if (edit == "after")
    ++step;
  else if (edit != "before")
    step = steps.erase(step);
  steps.insert(step, added.begin(), added.end());
  return fields.finish();
}

Error BaseMerger::mergeSteps(json::Value &base, const json::Value &own,
                             StringRef section) const {
  const json::Array *list = own.getAsArray();
  if (!list || none_of(*list, isEdit)) {
    base = own;
    return Error::success();
  }
  if (!all_of(*list, isEdit))
    return fail(section,
                "has steps beside edits; give all steps, or edits only");
  if (!base.getAsArray())
    return fail(section, "has edits, but " + baseName + " no list of steps");
  for (const json::Value &edit : *list)
    if (Error error = editSteps(*base.getAsArray(), edit, section))
      return error;
  return Error::success();
}

Error BaseMerger::merge(json::Object &base, const json::Object &own) const {
  // What a file is called and what it serves is its own.
  for (StringRef key : {"name", "summary", "serves"})
    base.erase(key);
  for (StringRef key : getSortedKeys(own)) {
    if (key == "extends")
      continue;
    const json::Value &value = *own.get(key);
    json::Value *old = base.get(key);
    Error error = Error::success();
    if (!old)
      base[key.str()] = value;
    else if (is_contained({"prologue", "layer", "epilogue"}, key))
      error = mergeSteps(*old, value, key);
    else if (!value.getAsObject() || !old->getAsObject())
      base[key.str()] = value;
    else if (key.starts_with("ignored_"))
      error = addLists(*old->getAsObject(), value, key);
    else
      error = mergeMembers(*old->getAsObject(), *value.getAsObject(), key.str(),
                           /*depth=*/1);
    if (error)
      return error;
  }
  return Error::success();
}

/// `chain` are the files that lead to this one by extending each other.
static Expected<json::Value> addBase(json::Value own, StringRef path,
                                     ArchitectureTexts bases,
                                     std::vector<std::string> chain) {
  json::Object *object = own.getAsObject();
  const json::Value *extends = object ? object->get("extends") : nullptr;
  if (!extends)
    return std::move(own);
  if (!extends->getAsString())
    return makeFileError(path, "\"extends\" must be the name of a built-in "
                               "architecture");
  std::string name = extends->getAsString()->str(), file = name + ".json";
  if (is_contained(chain, file))
    return makeFileError(path, "\"extends\": " + join(chain, ", ") +
                                   " extend each other in a circle");
  const auto *entry =
      find_if(bases, [&](const auto &base) { return base.first == file; });
  if (entry == bases.end()) {
    std::string known;
    for (const auto &[other, text] : bases)
      known += (known.empty() ? "" : ", ") +
               StringRef(other).drop_back(StringRef(".json").size()).str();
    return makeFileError(path, "\"extends\": there is no built-in architecture "
                               "\"" +
                                   name + "\"; there are " + known);
  }
  Expected<json::Value> base = parseJSON(entry->second, file);
  if (!base)
    return base.takeError();
  chain.push_back(file);
  base = addBase(std::move(*base), file, bases, std::move(chain));
  if (!base)
    return base.takeError();
  if (!base->getAsObject())
    return makeFileError(file, "must be an object");
  if (Error error = BaseMerger(path, name).merge(*base->getAsObject(), *object))
    return std::move(error);
  return base;
}

Expected<json::Value> mlir::compress::addBase(json::Value own, StringRef path,
                                              ArchitectureTexts bases) {
  return ::addBase(std::move(own), path, bases, {});
}
