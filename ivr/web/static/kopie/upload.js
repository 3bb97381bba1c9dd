/* Sends the chosen file piece by piece (tus.io, protocol 1.0.0), so that a broken connection costs one piece and a page
   that was closed goes on where it was. Without this script the form sends the file in one go. */

const PIECE_BYTES = 4 * 1024 * 1024
const WAITS_MS = [1000, 3000, 10000, 30000, 60000]
const TUS = "1.0.0"
const TELLS_EACH_PERCENT = 10

const form = document.querySelector("#upload")
const status = form.querySelector("[role=status]")
const sending = form.querySelector(".sending")
const bar = form.querySelector("progress")
let stopping = null

/* An answer that sending again would not change. */
class Refused extends Error {}

async function ask(method, address, headers, body) {
  const answer = await fetch(address, {
    method, body, signal: stopping.signal, redirect: "error",
    headers: { "Tus-Resumable": TUS, "X-CSRF-Token": form.dataset.csrf, ...headers },
  })
  if (answer.ok) return answer
  if (answer.status === 409 || answer.status >= 500) throw new Error(answer.status)
  throw new Refused(answer.status)
}

/* What the server knows this file by: nothing of its name can be read from it. Only where the browser can (https). */
async function fingerprint(file) {
  if (!crypto.subtle) return ""
  const text = new TextEncoder().encode(`${file.name}\n${file.size}\n${file.lastModified}`)
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text))
  return Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("")
}

const offsetOf = answer => Number(answer.headers.get("Upload-Offset"))

async function begin(file) {
  const headers = { "Upload-Length": String(file.size) }
  const own = await fingerprint(file)
  if (own) headers["Upload-Metadata"] = `fingerprint ${btoa(own)}`
  const answer = await ask("POST", form.dataset.tus, headers)
  return { address: answer.headers.get("Location"), offset: offsetOf(answer) }
}

async function sendPieces(file, upload) {
  while (upload.offset < file.size) {
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(upload.offset) }
    const piece = file.slice(upload.offset, upload.offset + PIECE_BYTES)
    upload.offset = offsetOf(await ask("PATCH", upload.address, headers, piece))
    upload.tries = 0
    show(upload.offset / file.size)
  }
}

/* Told aloud now and then only: a screen reader would speak of nothing else. */
let told = -1
function show(share) {
  const percent = Math.floor(100 * share)
  bar.value = percent
  if (Math.floor(percent / TELLS_EACH_PERCENT) === told) return
  told = Math.floor(percent / TELLS_EACH_PERCENT)
  status.textContent = form.dataset.sending.replace("{procent}", percent)
}

const pause = ms => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms)
  stopping.signal.addEventListener("abort", () => { clearTimeout(timer); reject(stopping.signal.reason) })
})

/* Goes on until all is there, however often the connection breaks; gives up what the server refuses. */
async function send(file) {
  const upload = { tries: 0 }
  while (upload.offset !== file.size) {
    try {
      if (!upload.address) {
        Object.assign(upload, await begin(file))
        if (upload.offset) status.textContent = form.dataset.resumed
      } else if (upload.tries) {
        upload.offset = offsetOf(await ask("HEAD", upload.address, {}))
      }
      await sendPieces(file, upload)
    } catch (fault) {
      if (fault instanceof Refused || stopping.signal.aborted || upload.tries >= WAITS_MS.length) throw fault
      status.textContent = form.dataset.waiting
      await pause(WAITS_MS[upload.tries++])
    }
  }
}

form.addEventListener("submit", async event => {
  event.preventDefault()
  const button = event.submitter
  if (button && button.name === "stop") return stopping.abort()
  const [file] = form.elements.bestand.files
  const fault = !file ? form.dataset.none : file.size > Number(form.dataset.largest) ? form.dataset.tooLarge : ""
  if (fault) {
    status.textContent = fault
    form.elements.bestand.focus()
    return undefined
  }
  stopping = new AbortController()
  told = -1
  sending.hidden = false
  button.disabled = true
  try {
    await send(file)
    location.assign(form.action)
  } catch (fault) {
    status.textContent = stopping.signal.aborted ? form.dataset.stopped : form.dataset.failed
    sending.hidden = true
    button.disabled = false
    button.focus()
  }
  return undefined
})
