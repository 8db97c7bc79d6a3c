// Modules that come with Python, those that upstream's image has, and in which package others are.
#include "submission/python_modules.h"

#include <algorithm>
#include <array>

namespace golf {
namespace {

/// sys.stdlib_module_names of Python 3.11, without private ones; sorted.
constexpr std::array<std::string_view, 218> kStandard = {
    "__future__",   "abc",          "aifc",         "antigravity", "argparse",    "array",
    "ast",          "asynchat",     "asyncio",      "asyncore",    "atexit",      "audioop",
    "base64",       "bdb",          "binascii",     "bisect",      "builtins",    "bz2",
    "cProfile",     "calendar",     "cgi",          "cgitb",       "chunk",       "cmath",
    "cmd",          "code",         "codecs",       "codeop",      "collections", "colorsys",
    "compileall",   "concurrent",   "configparser", "contextlib",  "contextvars", "copy",
    "copyreg",      "crypt",        "csv",          "ctypes",      "curses",      "dataclasses",
    "datetime",     "dbm",          "decimal",      "difflib",     "dis",         "distutils",
    "doctest",      "email",        "encodings",    "ensurepip",   "enum",        "errno",
    "faulthandler", "fcntl",        "filecmp",      "fileinput",   "fnmatch",     "fractions",
    "ftplib",       "functools",    "gc",           "genericpath", "getopt",      "getpass",
    "gettext",      "glob",         "graphlib",     "grp",         "gzip",        "hashlib",
    "heapq",        "hmac",         "html",         "http",        "idlelib",     "imaplib",
    "imghdr",       "imp",          "importlib",    "inspect",     "io",          "ipaddress",
    "itertools",    "json",         "keyword",      "lib2to3",     "linecache",   "locale",
    "logging",      "lzma",         "mailbox",      "mailcap",     "marshal",     "math",
    "mimetypes",    "mmap",         "modulefinder", "msilib",      "msvcrt",      "multiprocessing",
    "netrc",        "nis",          "nntplib",      "nt",          "ntpath",      "nturl2path",
    "numbers",      "opcode",       "operator",     "optparse",    "os",          "ossaudiodev",
    "pathlib",      "pdb",          "pickle",       "pickletools", "pipes",       "pkgutil",
    "platform",     "plistlib",     "poplib",       "posix",       "posixpath",   "pprint",
    "profile",      "pstats",       "pty",          "pwd",         "py_compile",  "pyclbr",
    "pydoc",        "pydoc_data",   "pyexpat",      "queue",       "quopri",      "random",
    "re",           "readline",     "reprlib",      "resource",    "rlcompleter", "runpy",
    "sched",        "secrets",      "select",       "selectors",   "shelve",      "shlex",
    "shutil",       "signal",       "site",         "smtpd",       "smtplib",     "sndhdr",
    "socket",       "socketserver", "spwd",         "sqlite3",     "sre_compile", "sre_constants",
    "sre_parse",    "ssl",          "stat",         "statistics",  "string",      "stringprep",
    "struct",       "subprocess",   "sunau",        "symtable",    "sys",         "sysconfig",
    "syslog",       "tabnanny",     "tarfile",      "telnetlib",   "tempfile",    "termios",
    "textwrap",     "this",         "threading",    "time",        "timeit",      "tkinter",
    "token",        "tokenize",     "tomllib",      "trace",       "traceback",   "tracemalloc",
    "tty",          "turtle",       "turtledemo",   "types",       "typing",      "unicodedata",
    "unittest",     "urllib",       "uu",           "uuid",        "venv",        "warnings",
    "wave",         "weakref",      "webbrowser",   "winreg",      "winsound",    "wsgiref",
    "xdrlib",       "xml",          "xmlrpc",       "zipapp",      "zipfile",     "zipimport",
    "zlib",         "zoneinfo",
};

/// What upstream's requirements.txt brings, and what comes with it.
constexpr std::array<std::string_view, 14> kUpstream = {
    "datasets",      "huggingface_hub",  "kernels",  "numpy", "pkg_resources", "safetensors",
    "sentencepiece", "setuptools",       "tiktoken", "torch", "torchgen",      "tqdm",
    "triton",        "typing_extensions"};

struct Package {
  std::string_view module, package;
};
constexpr std::array kPackages = {
    Package{"flash_attn_interface", "flash"},
    Package{"flash_attn", "flash"},
    Package{"fla", "flash-linear-attention"},
    Package{"sklearn", "scikit-learn"},
    Package{"yaml", "pyyaml"},
    Package{"PIL", "pillow"},
    Package{"cv2", "opencv"},
    Package{"constriction", "constriction"},
};

}  // namespace

bool is_provided_module(std::string_view module) {
  return std::binary_search(kStandard.begin(), kStandard.end(), module) ||
         std::find(kUpstream.begin(), kUpstream.end(), module) != kUpstream.end();
}

std::string package_of_module(std::string_view module) {
  for (const Package& row : kPackages) {
    if (row.module == module) return std::string(row.package);
  }
  std::string package(module);
  std::replace(package.begin(), package.end(), '_', '-');
  return package;
}

}  // namespace golf
