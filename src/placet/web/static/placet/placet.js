// What scripts add to pages that work without them: the reader's own zone, and keys.
"use strict";

function localTimes(root) {
  for (const each of root.querySelectorAll("time[data-local]")) {
    const at = new Date(each.dateTime);
    each.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  }
}

// A permit's code leads to the page that verifies it, with the token behind the mark.
function scanned() {
  const field = document.querySelector("textarea#permit");
  if (!field || field.value || !location.hash.startsWith("#eyJ")) return;
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  field.form.querySelector("button").focus();
}

window.addEventListener("hashchange", scanned);
document.addEventListener("DOMContentLoaded", () => {
  scanned();
  localTimes(document);
  for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;
});
document.addEventListener("htmx:load", (event) => localTimes(event.target));
