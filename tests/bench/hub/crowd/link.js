// One side of a link as the crowd needs it: says hello, answers pings, acknowledges, and waits for words.
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import WebSocket from "ws";

const HELLO_S = 60;

export class Link {
  // kind: "plain" (Node's server), "kiosk", "desk"
  constructor(kind, url, name, { key = "", cookie = "" } = {}) {
    Object.assign(this, { kind, url, name, cookie, seq: 0, taken: 0, heard: 0, waits: new Set(), fresh: 0 });
    this.key = key && createPrivateKey(key);
  }

  // Until the snapshot is there; rejects where anything goes wrong.
  open() {
    this.seq = this.taken = 0;
    const path = { plain: "", kiosk: "/ws/kiosk", desk: "/ws/desk" }[this.kind];
    const headers = this.kind === "desk" ? { Origin: this.url, Cookie: this.cookie } : {};
    this.socket = new WebSocket(this.url.replace("http", "ws") + path, { perMessageDeflate: false, headers });
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no snapshot in time")), HELLO_S * 1000);
      const failed = (why) => (clearTimeout(late), reject(why));
      this.socket.on("error", failed);
      this.socket.on("close", (code) => failed(new Error(`closed ${code}`)));
      this.socket.on("open", () => this.#greet());
      this.socket.on("message", (data) => {
        const said = JSON.parse(data);
        this.taken = Math.max(this.taken, said.seq ?? 0);
        this.#hear(said);
        if (said.type !== "snapshot" && said.type !== "desk_snapshot") return;
        clearTimeout(late);
        this.say("ping", {}); // a terminal says how its devices are: nobody is linked without a first word
        resolve(said);
      });
    });
  }

  #greet() {
    if (this.kind === "plain") this.say("hello", { device: this.name });
    if (this.kind === "desk") this.say("desk_hello", { versions: [1] });
  }

  #hear(said) {
    this.heard += 1;
    if (said.type === "challenge") this.#prove(said.body);
    else if (said.type === "ping") this.say("pong", { about: said.id });
    else if (++this.fresh >= 50) (this.fresh = 0), this.say("ping", {}); // its ack frees what the hub keeps
    for (const wait of [...this.waits]) wait(said);
  }

  #prove({ hub, nonce }) {
    const boot_id = randomUUID();
    const statement = JSON.stringify({ boot_id, device: this.name, hub, nonce, purpose: "madoguchi-connect-v1" });
    const signature = sign(null, Buffer.from(statement), this.key).toString("base64");
    this.say("hello", { device: this.name, boot_id, versions: [1], software: "crowd", signature });
  }

  say(type, body, more = {}) {
    this.seq += 1;
    const envelope = { v: 1, type, id: randomUUID(), seq: this.seq, ack: this.taken, ...more, body };
    this.socket.send(JSON.stringify(envelope));
  }

  // The next word that fits, with the moment at which it came.
  next(fits, within = 30) {
    return new Promise((resolve, reject) => {
      const done = () => (clearTimeout(late), this.waits.delete(wait));
      const late = setTimeout(() => (done(), reject(new Error(`${this.name}: nothing within ${within} s`))), within * 1000);
      const wait = (said) => fits(said) && (done(), resolve({ said, at: performance.now() }));
      this.waits.add(wait);
    });
  }

  drop() {
    this.socket?.removeAllListeners("close");
    this.socket?.on("error", () => {});
    this.socket?.terminate();
  }
}
