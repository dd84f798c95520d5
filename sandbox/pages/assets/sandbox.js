// What the pages do beyond plain forms; everything works without it.

for (const button of document.querySelectorAll("button[data-card]")) {
  button.addEventListener("click", (event) => {
    const form = document.querySelector("input[name='number']")?.form;
    if (!form) return;
    event.preventDefault();
    const another = form.querySelector("input[name='method'][value='new']");
    if (another) another.checked = true;
    fill(form, "number", button.dataset.card);
    fill(form, "expiry", button.dataset.expiry);
    fill(form, "cvc", button.dataset.cvc);
  });
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}

// Coming back by the browser's own button finds forms that can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]"))
    button.removeAttribute("aria-busy");
});

document.querySelector("[aria-invalid='true'], [data-focus]")?.focus();

/** @param {HTMLFormElement} form @param {string} name @param {string | undefined} value */
function fill(form, name, value) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement && value !== undefined) field.value = value;
}
