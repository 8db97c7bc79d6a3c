// Results of golf-eval (verify, significance, data-audit, batch) beside the submissions that they are about.

// results: [{file, result}]; a result of batch is {schema: "golf.batch/1", lines: [...]}.
function modelPaths({result}) {
  const paths = result.schema === "golf.verify/1" ? [result.model?.path] :
      result.schema === "golf.significance/1" ? (result.scores?.scores ?? []).map((score) => score?.source) :
                                                [];
  return paths.filter((path) => typeof path === "string");
}

// A path in the folder, or a batch's model of the folder's name.
function isAbout(result, submission) {
  const folder = submission.path.replace(/\/+$/, "");
  if (modelPaths(result).some((path) => path === folder || path.startsWith(folder + "/"))) return true;
  return result.result.schema === "golf.batch/1" &&
      result.result.lines.some((line) => line?.job?.model === lastPart(folder));
}

const intervalText = (interval, digits) =>
    (interval ? `${fixed(interval[0], digits)} to ${fixed(interval[1], digits)}` : "");

function resultVerdict({result}) {
  switch (result.schema) {
    case "golf.verify/1":
      return `claim ${result.verdict}`;
    case "golf.significance/1":
    case "golf.paired/1":
      return typeof result.significant !== "boolean" ? "not known" :
          result.significant ? "significant" : "not significant";
    case "golf.data-audit/1":
      return `${result.findings?.length || "no"} finding${result.findings?.length === 1 ? "" : "s"}`;
    default:
      return "re-scored";
  }
}

function facts(list) {
  return element(
      "dl", {class: "facts"},
      ...list.filter(([, value]) => value !== "" && value !== null && value !== undefined)
          .map(
              ([key, value]) => element(
                  "div", {}, element("dt", {}, key), element("dd", {}, element("bdi", {}, shown(value))))));
}

function verifyCard(result) {
  return [facts([
    ["claim", `${result.claim} ± ${result.tolerance} bpb`], ["model", result.model.path],
    [result.exact ? "score" : "estimate", `${fixed(result.val_bpb, 4)} bpb`],
    ["interval", intervalText(result.interval, 4)], ["confidence", result.confidence],
    ["windows", `${count(result.windows)} of ${count(result.full.windows)}`], ["mode", result.mode]
  ])];
}

function testCard(result) {
  const amount = (value) => (isNumber(value) ? `${fixed(value, 5)} ${result.unit}` : "");
  const side = (one) =>
      (one?.scores ? `${fixed(one.mean, 5)} (${one.runs} run${one.runs === 1 ? "" : "s"})` : one?.path ?? "");
  return [facts([
    ["test", result.test], ["scores", side(result.scores ?? result.losses)],
    ["against", side(result.against)], ["lower by", amount(result.difference)],
    ["margin", amount(result.margin)], ["interval", intervalText(result.interval, 5)],
    ["p", isNumber(result.p) ? Number(result.p.toPrecision(3)) : "not known"], ["level", result.level]
  ])];
}

function auditCard(result) {
  const set = (one) =>
      (one ? `${one.source}: ${count(one.documents)} documents, ${count(one.tokens)} tokens` : "");
  const shared = result.overlap ?
      `${count(result.overlap.exact_documents)} exactly, ${count(result.overlap.near_documents)} nearly` :
      "";
  return [
    facts([["set", set(result.set)], ["against", set(result.against)], ["documents shared", shared]]),
    element(
        "ul", {class: "findings"},
        ...result.findings.map(
            (finding) => element(
                "li", {class: finding.level},
                element("p", {}, element("strong", {class: finding.level}, finding.level), ` ${finding.id}`),
                element("p", {}, element("bdi", {}, shown(finding.text))))))
  ];
}

function batchCard(result, file) {
  const number = (key, title, digits) => ({
    key,
    title,
    number: true,
    value: (line) => line[key],
    text: (line) => (digits === undefined ? count(line[key]) : fixed(line[key], digits))
  });
  const columns = [
    ...["model", "data", "mode"].map((key) => ({key, title: key, text: (line) => line.job[key]})),
    number("val_bpb", "val_bpb", 5),
    {key: "interval", title: "interval", text: (line) => intervalText(line.interval, 5)},
    number("tokens", "tokens"), number("documents", "documents"), {
      key: "byte_count_agrees",
      title: "byte count",
      text: (line) =>
          (line.byte_count_agrees === null ? "not checked" :
               line.byte_count_agrees      ? "agrees" :
                                             "differs")
    }
  ];
  return [new SortedTable({
            caption: "scores of " + file,
            columns,
            rows: result.lines,
            first: "val_bpb",
            descending: false,
            label: (line) => `${line.job.model} ${line.job.data} ${line.job.mode}`
          }).node];
}

const RESULTS = {
  "golf.verify/1": ["Claim by a sample", verifyCard],
  "golf.significance/1": ["Significance", testCard],
  "golf.paired/1": ["Significance on one text", testCard],
  "golf.data-audit/1": ["Data", auditCard],
  "golf.batch/1": ["Scores", batchCard]
};

// The results come from other people's files: one that lacks something must not take the page with it.
function resultCard(entry) {
  const [title, draw] = RESULTS[entry.result.schema];
  const card = (...children) =>
      element("div", {class: "result", "data-result": entry.result.schema}, ...children);
  try {
    const bad = entry.result.verdict === "refuted" ||
        (entry.result.findings ?? []).some((one) => one.level === "error");
    return card(
        element("h3", {}, `${title}: `, element("span", {class: bad ? "bad" : null}, resultVerdict(entry))),
        element("p", {class: "note"}, shown(entry.file)), ...draw(entry.result, entry.file));
  } catch (error) {
    return card(
        element("h3", {}, title),
        element("p", {class: "warning"}, `${shown(entry.file)} cannot be shown: ${shown(error.message)}`));
  }
}

// Those that are about none of the submissions.
function resultParts(results, submissions) {
  const rest = results.filter((result) => !submissions.some((submission) => isAbout(result, submission)));
  return rest.length ? [section("Results", null, ...rest.map(resultCard))] : [];
}
