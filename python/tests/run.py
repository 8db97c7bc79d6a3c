"""Runs the tests beside it. Its last line is "tests N failed N skipped N"."""

import sys
import unittest
from pathlib import Path

suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent))
result = unittest.TextTestRunner(verbosity=2).run(suite)
# Several parts of one test may fail.
failed = {getattr(test, "test_case", test) for test, _ in result.failures + result.errors}
print(f"tests {result.testsRun} failed {len(failed)} skipped {len(result.skipped)}")
sys.exit(not result.wasSuccessful())
