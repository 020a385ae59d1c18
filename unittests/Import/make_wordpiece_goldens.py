#!/usr/bin/env python3
"""Usage: make_wordpiece_goldens.py

Makes Inputs/wordpiece-goldens.json: WordPiece tokenizers as the PyPI package tokenizers (0.23) writes them to
tokenizer.json, with one small vocabulary that it trained and several sets of rules, and the ids that it gives to
texts that are hard to split.
"""

import json
import os

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CORPUS = ["the quick brown fox jumps over the lazy dog", "running runner runs ran unhappiness happily",
          "caf\u00e9 na\u00efve \u00fcber stra\u00dfe \u00e5ngstr\u00f6m \u00f1and\u00fa", "Caf\u00e9 NA\u00cfVE \u00dcber The Quick",
          "\u03b1\u03b2\u03b3\u03b4 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u041c\u043e\u0441\u043a\u0432\u0430 \u0439\u043e\u0433\u0443\u0440\u0442", "\u4e00\u4e8c\u4e09 \u6771\u4eac \u65e5\u672c\u8a9e \u3072\u3089\u304c\u306a \u30ab\u30bf\u30ab\u30ca",
          "\ud55c\uad6d\uc5b4 \uc548\ub155", "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22", "1 2 3 42 1999 3.14", "! ? , . ; : ' \" - ( ) $ + = < > ~ ` ^ |",
          "\u2764 \U0001f600 \U0001f355 \u2014 \u2026 \u201c \u201d \u20ac"]
TEXTS = ["", " ", "\t\n\r", "the", "The Quick BROWN fox", "  the   dog  ", "unhappiness, running!", "can't won't it's",
         "caf\u00e9", "cafe\u0301", "CAF\u00c9 NA\u00cfVE \u00dcBER", "stra\u00dfe STRASSE STRA\u1e9eE", "\u00c5ngstr\u00f6m A\u030angstrom", "\u0130stanbul \u0131\u015f\u0131k",
         "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3", "\u041c\u043e\u0441\u043a\u0432\u0430 \u0419\u043e\u0433\u0443\u0440\u0442", "\u4e00\u4e8cab\u4e09", "\u6771\u4eac the \u65e5\u672c\u8a9e", "\uf967\U0002f804x", "\u3072\u3089\u304c\u306a\u30ab\u30bf\u30ab\u30ca \u30ac\u30d1",
         "\ud55c\uad6d\uc5b4 \uc548\ub155", "\u1112\u1161\u11ab", "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u093c \u0958", "\u0e44\u0e17\u0e22 \u0e01\u0e33", "\u0bca \u0bc6\u0bbe", "fox\u0000dog", "fox\u0007dog\u007fthe", "fox\u200bdog\u200d\u2060\ufeff",
         "fox\u00addog", "the\u00a0dog\u3000fox\u2003ran", "the\u2028dog\u2029fox\u0085ran", "bad\ufffdfox", "\ue000private\U000f0000", "\u0378unassigned",
         "3.14 1,999 $42", "a+b=c <d> ~e `f ^g |h", "dog\u2014fox\u2026 \u201cthe\u201d \u20ac3", "\u00bfthe? \u00a1fox!", "\u2764\ufe0f\U0001f600\U0001f355", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
         "q" * 100, "q" * 101, "qu" * 60 + " the", "fox" + "\u0301" * 120, "\U0001d7d8\u2460\u00bd", "\ufb01x \u212b \u00b5", "##ing ##", "the##ing", "x##y",
         "\u01c5 \u1f88 \u0345", "\U00010400\U00010428", "\u0660\u0661\u0662", "\u5b57\u3400\U00020000\U0002b820\U0002b920", "dog's \"fox\" (the) [lazy] {x}", "_ __x__ @y #z %&*/\\"]
RULES = [{}, {"lowercase": False}, {"strip_accents": False}, {"lowercase": False, "strip_accents": True},
         {"handle_chinese_chars": False, "clean_text": False}]


def train():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=360, special_tokens=SPECIAL, show_progress=False)
    lower = normalizers.BertNormalizer()
    tokenizer.train_from_iterator(CORPUS + [lower.normalize_str(text) for text in CORPUS], trainer)
    return tokenizer.get_vocab()


def make(vocabulary, rules):
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(**rules)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")])
    tokenizer.add_special_tokens(SPECIAL)
    goldens = [{"text": text, "ids": tokenizer.encode(text).ids} for text in TEXTS]
    return {"tokenizer": json.loads(tokenizer.to_str()), "goldens": goldens}


def main():
    vocabulary = train()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs", "wordpiece-goldens.json")
    with open(path, "w", encoding="utf-8") as file:
        # LLVM's parser of JSON takes escaped characters beyond U+1FFFF for others; here they are not escaped.
        json.dump([make(vocabulary, rules) for rules in RULES], file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
