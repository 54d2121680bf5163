// A new request: once it says who would do what with which item, what it needs is asked anew at
// every change, and fields that cannot change the answer say so. What was written is left alone.
// Without scripts a button asks, and those fields are put aside.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-forms]");
  if (!form || event.target.type === "file") return;
  const said = (name) => [...form.querySelectorAll(`[name="${name}"]`)].some((each) => each.value);
  if (["activity", "applicant", "actor", "item"].every(said)) htmx.trigger("#see", "changed");
});

document.addEventListener("htmx:afterSettle", () => {
  const forming = document.getElementById("forming");
  const unasked = new Set(forming ? forming.dataset.unasked.trim().split(/\s+/) : []);
  for (const each of document.querySelectorAll("[data-field]")) {
    each.lastElementChild.hidden = !unasked.has(each.dataset.field);
  }
});
