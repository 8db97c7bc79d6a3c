"""Text for an encoder out of a shard of SentencePiece tokens: pieces to documents, documents to WordPiece tokens."""
import struct
import unicodedata

import numpy as np

SHARD_HEADER_BYTES = 1024


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a protocol buffers message: integers, or bytes for what has a length."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def read_pieces(path):
    """The pieces of a SentencePiece model as bytes, None for control symbols."""
    pieces = []
    with open(path, "rb") as file:
        model = file.read()
    for number, message in fields(model):
        if number == 1:  # ModelProto.pieces
            piece = dict(fields(message))
            text, kind = piece[1].decode(), piece.get(3, 1)
            if kind == 6:  # BYTE, "<0x41>"
                pieces.append(bytes([int(text[3:5], 16)]))
            else:
                pieces.append(text.replace("\u2581", " ").encode() if kind == 1 else None)
    return pieces


def documents(shard, pieces):
    """The texts of a shard. A control symbol (BOS) begins each."""
    with open(shard, "rb") as file:
        data = file.read()
    count = struct.unpack_from("<3i", data)[2]
    text = b""
    for token in np.frombuffer(data, "<u2", count, SHARD_HEADER_BYTES):
        if pieces[token] is not None:
            text += pieces[token]
        elif text:
            yield text.decode(errors="ignore")
            text = b""
    if text:
        yield text.decode(errors="ignore")


def is_punctuation(char):
    return unicodedata.category(char)[0] == "P" or (char.isascii() and not char.isalnum() and not char.isspace())


def words(text):
    """BERT's uncased basic tokens: lower case, no accents, punctuation and ideographs by themselves."""
    clean = ""
    for char in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(char)
        if kind == "Mn" or (kind[0] == "C" and not char.isspace()):
            continue
        alone = is_punctuation(char) or "\u4e00" <= char <= "\u9fff"
        clean += f" {char} " if alone else char
    return clean.split()


def word_pieces(word, vocabulary):
    """Longest match first; one [UNK] for a word that the vocabulary cannot make."""
    tokens, at = [], 0
    while at < len(word):
        end = len(word)
        while end > at and ("##" * (at > 0) + word[at:end]) not in vocabulary:
            end -= 1
        if end == at:
            return [vocabulary["[UNK]"]]
        tokens.append(vocabulary["##" * (at > 0) + word[at:end]])
        at = end
    return tokens


def sequences(texts, vocabulary, length):
    """[CLS] pieces [SEP] of exactly `length` tokens; what is left at a document's end is dropped."""
    body = length - 2
    for text in texts:
        tokens = [token for word in words(text) for token in word_pieces(word, vocabulary)]
        for at in range(0, len(tokens) - body + 1, body):
            yield [vocabulary["[CLS]"], *tokens[at:at + body], vocabulary["[SEP]"]]
