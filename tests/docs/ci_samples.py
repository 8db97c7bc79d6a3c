#!/usr/bin/env python3
"""Runs what samples/ci and .pre-commit-hooks.yaml tell CI systems to run, as these run it.

usage: ci_samples.py --bin FOLDER
Each sample is run twice in a folder with a checkpoint of 1,000 bytes and a script: within the budget, where it
has to pass, and over it, where it has to fail. Skipped (status 77) without PyYAML.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("skipped: no PyYAML")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
FITS, OVER = "16000000", "1200"
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)


def run(command, folder, environment):
    """A shell line as CI runs it; returns status and output."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def action(folder, environment):
    """The steps of the composite action, its inputs put in."""
    document = yaml.safe_load((ROOT / "samples/ci/action.yml").read_text())
    expect(document["runs"]["using"] == "composite", "action: is no composite action")
    for budget, wanted in ((FITS, 0), (OVER, 1)):
        inputs = {name: value.get("default", "") for name, value in document["inputs"].items()}
        inputs.update({"files": "model.ptz other.ptz", "code": "train_gpt.py", "budget": budget})
        summary = folder / f"summary{budget}.md"
        for step in document["runs"]["steps"]:
            variables = dict(environment)
            variables.update({"GITHUB_ACTION_PATH": str(ROOT / "samples/ci"), "GITHUB_STEP_SUMMARY": str(summary)})
            for name, value in step["env"].items():
                for key, text in inputs.items():
                    value = value.replace("${{ inputs.%s }}" % key, text)
                expect("${{" not in value, f"action: {name} is not filled")
                variables[name] = value
            status, output = run(step["run"], folder, variables)
            expect(status == wanted, f"action, budget {budget}: status {status}, {wanted} expected: {output}")
            expect(("2 over by" in output) == (wanted == 1), f"action, budget {budget}: {output}")
        table = summary.read_text()
        expect(table.startswith("| file | bytes |") and "| model.ptz | 1,500 |" in table, f"action's table: {table}")
        expect(("**OVER**" in table) == (wanted == 1), f"action's table: {table}")


def gitlab(folder, environment):
    """The script lines of the job, with its variables."""
    document = yaml.safe_load((ROOT / "samples/ci/gitlab-ci.yml").read_text())
    (job,) = document.values()
    for budget, wanted in ((FITS, 0), (OVER, 1)):
        variables = {**environment, **job["variables"], "GOLF_FILES": "model.ptz", "GOLF_BUDGET": budget}
        status, output = run("\n".join(job["script"]), folder, variables)
        expect(status == wanted, f"gitlab, budget {budget}: status {status}, {wanted} expected: {output}")


def pre_commit(hook, folder, environment):
    """The entry with its arguments and the files that match, as pre-commit appends them."""
    import re

    files = [name for name in sorted(os.listdir(folder)) if re.search(hook["files"], name)]
    expect(files == ["model.ptz", "other.ptz"], f"{hook['id']}: takes {files}")
    expect(hook["language"] == "system", f"{hook['id']}: is no system hook")
    for budget, wanted in ((FITS, 0), (OVER, 1)):
        status, output = run(f"{hook['entry']} --budget {budget} {' '.join(files)}", folder, environment)
        expect(status == wanted, f"pre-commit, budget {budget}: status {status}, {wanted} expected: {output}")


def main():
    tools = pathlib.Path(sys.argv[sys.argv.index("--bin") + 1]).resolve()
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in ("model.ptz", "other.ptz"):
            (folder / file).write_bytes(bytes([255]) * 1000)  # a layout that no tool knows
        (folder / "train_gpt.py").write_text("#" * 500)
        action(folder, environment)
        gitlab(folder, environment)
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        config = yaml.safe_load((ROOT / "samples/ci/pre-commit-config.yaml").read_text())
        (shown,) = [hook for repo in config["repos"] for hook in repo["hooks"]]
        expect([hook["id"] for hook in hooks] == [shown["id"]], "pre-commit: the sample names another hook")
        for hook in hooks:
            pre_commit({**hook, "entry": hook["entry"] + " --code train_gpt.py"}, folder, environment)
        pre_commit(shown, folder, environment)
    for failure in failures:
        print(failure)
    print("the samples for CI", "fail" if failures else "work")
    return 1 if failures else 0


sys.exit(main())
