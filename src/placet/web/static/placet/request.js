// A new request: once it says who would do what with which item, what it needs is asked anew at
// every change. Without scripts a button asks.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-forms]");
  if (!form || event.target.type === "file") return;
  const said = (name) => [...form.querySelectorAll(`[name="${name}"]`)].some((each) => each.value);
  if (["activity", "applicant", "actor", "item"].every(said)) {
    htmx.trigger("#see", "changed");
  }
});
