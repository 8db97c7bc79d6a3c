import ast
import inspect
import unittest
from pathlib import Path

import golf
from golf import _native


class StubsTest(unittest.TestCase):
    def test_the_stub_names_what_the_module_has(self):
        stub = ast.parse((Path(golf.__file__).parent / "_native.pyi").read_text())
        names, members = set(), {}
        for node in stub.body:
            if isinstance(node, ast.AnnAssign):
                names.add(node.target.id)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            if isinstance(node, ast.ClassDef):
                members[node.name] = {
                    part.name if isinstance(part, ast.FunctionDef) else part.target.id for part in node.body}
        self.assertEqual(names, {name for name in dir(_native) if not name.startswith("_")})
        for name in ("WeightReader", "PackOptions"):
            found = {part for part in dir(getattr(_native, name)) if not part.startswith("_")}
            self.assertEqual(members[name] - {"__init__"}, found)

    def test_every_function_is_documented_and_typed(self):
        self.assertTrue((Path(golf.__file__).parent / "py.typed").exists())
        for name in golf.__all__:
            thing = getattr(golf, name)
            self.assertTrue(thing.__doc__, name)
            if inspect.isfunction(thing):
                self.assertNotIn(inspect.Signature.empty, [thing.__annotations__.get("return", inspect.Signature.empty)])
                for parameter in inspect.signature(thing).parameters.values():
                    self.assertIsNot(parameter.annotation, inspect.Parameter.empty, f"{name}: {parameter.name}")


if __name__ == "__main__":
    unittest.main()
