// Without this script the page is complete: titles show as the browser's own tooltips.
const tip = document.createElement("div");
tip.id = "tip";
document.body.append(tip);

for (const title of document.querySelectorAll("svg.linked title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.remove();
}

// Lights a step in both tellings together with its kernels; a kernel lights the steps that run it.
function light(target) {
  for (const svg of document.querySelectorAll("svg.linked")) svg.classList.toggle("has-lit", target !== null);
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (target === null) return;
  target.classList.add("lit");
  const others = target.classList.contains("kernel") ? ".step" : "[data-steps]";
  for (const id of target.dataset.steps.split(" ").filter(Boolean)) {
    for (const twin of document.querySelectorAll(`${others}[data-steps~="${id}"]`)) twin.classList.add("lit");
  }
}

document.addEventListener("pointerover", event => light(event.target.closest("[data-tip]")));
document.addEventListener("pointermove", event => {
  const target = event.target.closest("[data-tip]");
  tip.style.display = target ? "block" : "none";
  if (!target) return;
  tip.textContent = target.dataset.tip;
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)) + "px";
  tip.style.top = Math.max(4, Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)) + "px";
});
addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
