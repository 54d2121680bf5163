// Signing with a passkey: the challenge is the digest that the page shows, and nothing else.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

async function sign(form) {
  const known = form.dataset.credentials.split(" ").filter(Boolean);
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(form.dataset.challenge),
      allowCredentials: known.map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
    },
  });
  form.elements.passkey.value = JSON.stringify({
    kind: "passkey",
    credential: text(given.rawId),
    "client-data": text(given.response.clientDataJSON),
    "authenticator-data": text(given.response.authenticatorData),
    signature: text(given.response.signature),
  });
  form.submit();
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("signing");
  const button = document.getElementById("with-passkey");
  if (!form || !button) return;
  button.addEventListener("click", () => {
    const problem = document.getElementById("passkey-problem");
    problem.textContent = "";
    sign(form).catch((error) => {
      problem.textContent = `Nothing was signed: ${error.message}`;
    });
  });
});
