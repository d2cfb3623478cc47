// A desk's end of the link without the page around it: `hub/desk/src/core/link.ts` as it is, with Node's socket and
// clock. One JSON object a line: words to say come in, everything that the link does goes out.
//
//   node --experimental-transform-types --import ./hooks.mjs desk_program.ts URL NAME PASSWORD

import { createInterface } from "node:readline";
import { Link, type Effect, type Event } from "../../hub/desk/src/core/link.ts";

const [url = "", name = "", password = ""] = process.argv.slice(2);
const link = new Link(() => crypto.randomUUID(), Math.random);
let cookie = "";
let socket: WebSocket | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function logIn(): Promise<void> {
  const answer = await fetch(`${url}/api/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: url },
    body: JSON.stringify({ name, password }),
  });
  if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
  cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function feed(event: Event): void {
  for (const effect of link.handle(event, performance.now())) obey(effect);
  clearTimeout(timer);
  const due = link.deadline();
  if (due !== null) timer = setTimeout(() => feed({ kind: "tick" }), Math.max(1, due - performance.now()));
}

function obey(effect: Effect): void {
  if (effect.kind === "open") open();
  else if (effect.kind === "write") socket?.send(effect.text);
  else if (effect.kind === "shut") shut();
  else if (effect.kind === "phase") tell({ phase: effect.phase, stop: effect.stop });
  else tell({ heard: effect.envelope });
}

function open(): void {
  shut();
  const headers = { Cookie: cookie, Origin: url };
  // Node's socket takes headers, a browser's has the page's own
  const made = new WebSocket(`${url.replace("http", "ws")}/ws/desk`, { headers } as unknown as string[]);
  socket = made;
  const heard = (event: Event) => {
    if (socket === made) feed(event);
  };
  made.onopen = () => heard({ kind: "opened" });
  made.onmessage = (message) => heard({ kind: "text", text: String(message.data) });
  made.onclose = (closed) => heard({ kind: "closed", code: closed.code, reason: closed.reason });
  made.onerror = () => {};
}

function shut(): void {
  const old = socket;
  socket = null;
  old?.close();
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const word = JSON.parse(line) as { check?: true; hurry?: boolean; say?: Extract<Event, { kind: "send" }> };
  if (word.say) {
    const up = link.phase === "up";
    feed({ ...word.say, kind: "send" });
    tell({ said: word.say.id, up });
  } else if (word.hurry !== undefined) feed({ kind: "hurry", on: word.hurry });
  else feed({ kind: "check" });
}).on("close", () => process.exit(0));

await logIn();
feed({ kind: "start" });
