// Puts the page together from its data: golf.page/1, the one element of type application/json.

function themeButton() {
  const root = document.documentElement;
  const dark = () =>
      (root.dataset.theme ? root.dataset.theme === "dark" :
                            matchMedia("(prefers-color-scheme: dark)").matches);
  const button = element("button", {type: "button", class: "theme"});
  const name = () => (button.textContent = dark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  return button;
}

function main() {
  const page = JSON.parse(document.getElementById("data").textContent);
  const files = page.files ?? [];
  const parts = [];
  if (page.diff) parts.push(diffSection(page.diff));
  for (const file of files) parts.push(...fileParts(file, files.length > 1));
  if (page.runs) parts.push(...runParts(page.runs));
  if (page.submissions) {
    parts.push(...submissionParts(page.submissions, page.limit_bytes, page.results));
    parts.push(...resultParts(page.results, page.submissions));
  }
  document.body.prepend(
      element("header", {}, element("h1", {}, element("bdi", {}, shown(page.title))), themeButton()),
      element("main", {}, ...parts.filter(Boolean)),
      element("footer", {}, `golf-inspect ${shown(page.version)}`));
}

main();
