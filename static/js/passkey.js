// Passkeys: the browser's answer goes into a hidden field of a plain form, and the form is sent.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBytes = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

function read(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.allowCredentials) options.allowCredentials = withBytes(options.allowCredentials);
  if (options.excludeCredentials) options.excludeCredentials = withBytes(options.excludeCredentials);
  return options;
}

function written(credential) {
  const { response } = credential;
  const told = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) told[part] = text(response[part]);
  }
  if (response.getTransports) told.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: told });
}

async function ask(form) {
  const message = form.querySelector("[data-message]");
  const button = form.querySelector("button[type=submit]");
  message.textContent = "";
  button.disabled = true;
  try {
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: read(form) });
    form.querySelector("[data-answer]").value = written(credential);
    form.submit();
  } catch {
    message.textContent = form.dataset.failed;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  if ("auto" in form.dataset) ask(form);
}
