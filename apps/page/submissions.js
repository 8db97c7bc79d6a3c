// Checked submissions (golf.submission/1): one in full, or several as a table of which each opens.

const LEVELS = ["error", "warning", "info"];
const lastPart = (path) => path.replace(/\/+$/, "").split("/").pop();
const meanOf = (values) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null);
const loggedOf = (submission, key) => submission.logs.map((log) => log[key]).filter(isNumber);
const loggedBpb = (submission) => meanOf(loggedOf(submission, "val_bpb"));
const largestTotal = (submission) => {
  const totals = loggedOf(submission, "total_bytes");
  return totals.length ? Math.max(...totals) : null;
};
const claimed = (submission, key) =>
    (submission.record && isNumber(submission.record[key]) ? submission.record[key] : null);

function countsText(submission) {
  const words = LEVELS.map((level) => [level, submission[level + "s"]]).filter(([, times]) => times > 0);
  if (words.length === 0) return element("strong", {}, "no finding");
  return element(
      "span", {},
      ...words.flatMap(
          ([level, times], i) =>
              [i ? ", " : "",
               element(
                   "strong", {class: level},
                   `${times} ${level}${times === 1 || level === "info" ? "" : "s"}`)]));
}

function logTable(submission, limit) {
  const number = (key, title, digits) => ({
    key,
    title,
    number: true,
    value: (log) => log[key],
    text: (log) => (digits === undefined ? count(log[key]) : fixed(log[key], digits))
  });
  const columns = [
    {key: "file", title: "log", text: (log) => log.file},
    number("seed", "seed"),
    number("val_bpb", "val_bpb", 5),
    {
      key: "total_bytes",
      title: "total",
      number: true,
      value: (log) => log.total_bytes,
      node: (log) => element("span", {class: log.total_bytes > limit ? "bad" : null}, count(log.total_bytes))
    },
    {
      key: "left",
      title: "left",
      number: true,
      value: (log) => (isNumber(log.total_bytes) ? limit - log.total_bytes : null),
      text: (log) => (isNumber(log.total_bytes) ? signed(limit - log.total_bytes) : "")
    },
    number("model_bytes", "model"),
    number("val_loss", "val_loss", 4),
    number("steps", "steps"),
    {
      key: "train_ms",
      title: "training, s",
      number: true,
      value: (log) => log.train_ms,
      text: (log) => (isNumber(log.train_ms) ? fixed(log.train_ms / 1000, 1) : "")
    },
    {key: "gpu", title: "GPUs", text: (log) => (log.gpus ? `${log.gpus} × ${log.gpu}` : "")},
  ];
  return new SortedTable({
           caption: "logs of " + shown(submission.path),
           columns,
           rows: submission.logs,
           first: "seed",
           descending: false,
           label: (log) => log.file
         })
      .node;
}

function findingList(submission) {
  const groups = LEVELS.map((level) => submission.findings.filter((finding) => finding.severity === level));
  return groups.filter((list) => list.length)
      .map((list) => element("ul", {class: "findings"}, ...list.map((finding) => {
             const place = finding.file ? shown(finding.file) + (finding.line ? ":" + finding.line : "") : "";
             return element(
                 "li", {class: finding.severity, "data-finding": finding.id},
                 element(
                     "p", {}, element("strong", {class: finding.severity}, finding.severity),
                     ` ${finding.id} ${finding.name}`,
                     place ? element("code", {}, element("bdi", {}, place)) : null),
                 element("p", {}, element("bdi", {}, shown(finding.message))),
                 element("p", {class: "note"}, finding.hint));
           })));
}

function claimsOf(submission) {
  if (!submission.record) return element("p", {class: "note"}, "no submission.json that could be read");
  return element(
      "dl", {class: "facts"},
      ...Object.entries(submission.record)
          .map(
              ([key, value]) => element(
                  "div", {}, element("dt", {}, shown(key)),
                  element(
                      "dd", {},
                      element(
                          "bdi", {},
                          isNumber(value) ? (Number.isInteger(value) ? count(value) : String(value)) :
                                            shown(value))))));
}

function sizeGauge(submission, limit) {
  const total = largestTotal(submission);
  if (total === null) return null;
  const log = submission.logs.find((one) => one.total_bytes === total);
  const model = isNumber(log.model_bytes) && log.model_bytes <= total ? log.model_bytes : total;
  return gauge({
    limit_bytes: limit,
    total_bytes: total,
    artifact_bytes: model,
    code_bytes: total - model,
    margin_bytes: limit - total,
    fits: total <= limit,
    over_but_under_16_mib: total > limit && total <= 2 ** 24
  });
}

// Everything about one submission, and the results that are about it.
function submissionBody(submission, limit, results) {
  return [
    element(
        "p", {}, countsText(submission),
        ` — track ${submission.track}, ${count(submission.files)} files, ${submission.logs.length} logs`),
    sizeGauge(submission, limit), element("h3", {}, "submission.json"), claimsOf(submission),
    element("h3", {}, "Logs"),
    submission.logs.length ? logTable(submission, limit) : element("p", {class: "note"}, "no log of a run"),
    submission.findings.length ? element("h3", {}, "Findings") : null, ...findingList(submission),
    ...results.filter((result) => isAbout(result, submission)).map(resultCard)
  ].filter(Boolean);
}

function leaderboard(submissions, limit, results) {
  const number = (key, title, value, digits, hint) => ({
    key,
    title,
    hint,
    number: true,
    value,
    text: (row) => (digits === undefined ? count(value(row)) : fixed(value(row), digits))
  });
  const columns = [
    {key: "name", title: "submission", text: (row) => lastPart(row.path)},
    number("logged", "logged bpb", loggedBpb, 5, "mean of the logs"),
    number("claimed", "claimed bpb", (row) => claimed(row, "val_bpb"), 5, "val_bpb of submission.json"),
    number("seeds", "logs", (row) => row.logs.length),
    {
      ...number("total", "largest total", largestTotal),
      node: (row) =>
          element("span", {class: largestTotal(row) > limit ? "bad" : null}, count(largestTotal(row)))
    },
    ...LEVELS.map((level) => number(level, level + (level === "info" ? "" : "s"), (row) => row[level + "s"])),
    {key: "author", title: "author", text: (row) => shortened(row.record?.author ?? "", 28)},
  ];
  const about = (row) => results.filter((result) => isAbout(result, row));
  if (submissions.some((row) => about(row).length)) {
    columns.push({key: "results", title: "results", text: (row) => about(row).map(resultVerdict).join("; ")});
  }
  const open = (row) => {
    const place = document.getElementById("submission-" + submissions.indexOf(row));
    place.open = true;
    place.querySelector("summary").focus();
    place.scrollIntoView({block: "start", behavior: "smooth"});
  };
  return new SortedTable({
           caption: "submissions",
           columns,
           rows: submissions,
           first: "logged",
           descending: false,
           label: (row) => row.path,
           pressed: open
         })
      .node;
}

function submissionParts(submissions, limit, results) {
  if (submissions.length === 1) {
    return [section(
        shown(lastPart(submissions[0].path)), shown(submissions[0].path),
        ...submissionBody(submissions[0], limit, results))];
  }
  const clean = submissions.filter((submission) => submission.findings.length === 0).length;
  return [
    section(
        "Submissions",
        `${count(submissions.length)} folders, ${
            count(clean)} without a finding. A press on a name opens it below.`,
        leaderboard(submissions, limit, results)),
    section("One by one", null, ...submissions.map((submission, i) => {
      const body = element("div");
      // Hundreds of tables take long: each is made when it is opened.
      const fill = () => body.childElementCount || body.append(...submissionBody(submission, limit, results));
      return element(
          "details", {id: "submission-" + i, ontoggle: fill},
          element(
              "summary", {}, element("bdi", {}, shown(lastPart(submission.path))), " — ",
              countsText(submission)),
          body);
    }))
  ];
}
