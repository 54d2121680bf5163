// A new request: once it says who would do what with which item, what it needs is asked anew at
// every change, and what cannot change the answer is put aside. What was written is left alone.
// Without scripts a button asks. None of a kind is none: nothing else of it stays ticked. No field
// changes its place under a button that is held: what is ticked just then would be lost.
"use strict";

let held = false;
document.addEventListener("pointerdown", () => { held = true; });
for (const ends of ["pointerup", "pointercancel"])
  document.addEventListener(ends, () => { held = false; setTimeout(arrange); });

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-forms]");
  if (!form || event.target.type === "file") return;
  if (event.target.type === "checkbox" && event.target.checked) untickOthers(form, event.target);
  const said = (name) => [...form.querySelectorAll(`[name="${name}"]`)].some((each) => each.value);
  if (["activity", "applicant", "actor", "item"].every(said)) htmx.trigger("#see", "changed");
});

document.addEventListener("htmx:afterSettle", arrange);

function arrange() {
  const forming = document.getElementById("forming");
  if (held || forming?.dataset.unasked === undefined) return;
  const unasked = new Set(forming.dataset.unasked.trim().split(/\s+/));
  for (const each of document.querySelectorAll("[data-field]")) {
    const aside = unasked.has(each.dataset.field) && !each.contains(document.activeElement);
    putInOrder(each, document.getElementById(aside ? "not-asked" : "asked"));
  }
  const aside = document.getElementById("not-asked");
  document.getElementById("count-not-asked").textContent = aside.children.length;
  document.getElementById("asks-nothing").hidden = true;
}

function untickOthers(form, ticked) {
  for (const each of form.querySelectorAll(`[type=checkbox][name="${ticked.name}"]`))
    if (each !== ticked && (each.value === "none") !== (ticked.value === "none")) each.checked = false;
}

function putInOrder(field, into) {
  if (field.parentElement === into) return;
  const at = Number(field.dataset.at);
  const after = [...into.children].find((each) => Number(each.dataset.at) > at);
  into.insertBefore(field, after ?? null);
}
