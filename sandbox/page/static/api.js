// The page's only way to the world: what a person does, as POST requests; what they see, as a socket.
import { toast } from "./toasts.js";

const RETRY_MS = 500;
let me = null;

/** Does something as the person who is looking. Complaints are shown; returns {ok, error?, errors?, toast?}. */
export async function act(what, details = {}) {
  const answer = await post("/page/act", { do: what, ...details });
  if (answer.error) toast(answer.error);
  return answer;
}

/** The options that the app offers: {ok, groups, error?}. */
export function suggest(details) {
  return post("/page/suggest", details);
}

async function post(path, body) {
  try {
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ as: me, ...body }) });
    return await response.json();
  } catch {
    return { ok: false, error: "The practice world does not answer." };
  }
}

/** Watches the world as somebody: `seen(snapshot)` on every change, `lost()` when the connection breaks. Returns the way to stop. */
export function watch(person, { seen, lost }) {
  me = person;
  let stopped = false;
  let socket = null;
  const open = () => {
    socket = new WebSocket(`ws://${location.host}/page/ws?as=${encodeURIComponent(person)}`);
    socket.onmessage = (event) => {
      if (!stopped) seen(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (stopped) return;
      lost();
      setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    stopped = true;
    socket.close();
  };
}
