// What scripts add to pages that work without them: the reader's own zone, and keys.
"use strict";

function localTimes(root) {
  for (const each of root.querySelectorAll("time[data-local]")) {
    const at = new Date(each.dateTime);
    each.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  localTimes(document);
  for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;
});
document.addEventListener("htmx:load", (event) => localTimes(event.target));
