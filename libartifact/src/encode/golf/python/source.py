# The C of the compiled decoder. assemble.py carries it along minified.
import pathlib

SOURCE = pathlib.Path(__file__).with_name("stream.c").read_bytes()
