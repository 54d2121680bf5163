// Keys in the inbox: every one of them does what a link or a field does as well. They are heard
// only while the focus is in the list, or among the lists: nobody who dictates is carried off.
"use strict";

document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!at?.closest(".tabs, [aria-labelledby=list]")) return;
  if (at.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") at.blur();
    return;
  }
  const links = [...document.querySelectorAll("#cases tbody td:first-child a")];
  const here = links.indexOf(at);
  const tabs = document.querySelectorAll(".tabs a");
  const go = {
    "/": () => document.getElementById("q").focus(),
    j: () => links[Math.min(here + 1, links.length - 1)]?.focus(),
    k: () => links[Math.max(here - 1, 0)]?.focus(),
    x: () => at.closest("tr")?.querySelector("[name=case]")?.click(),
    n: () => document.querySelector("a[rel=next]")?.click(),
  };
  const tab = tabs[Number(event.key) - 1];
  const act = go[event.key] ?? (tab && (() => tab.click()));
  if (act) {
    event.preventDefault();
    act();
  }
});
